"""What a check found in a stored caption: marked in its text, each with the ways to put it right."""

from __future__ import annotations

from collections.abc import Sequence

import streamlit as st

from lib.domain.errors import Problem
from lib.domain.findings import language
from lib.domain.findings.fact import Finding
from lib.domain.findings.wording import said_like
from lib.feeds import checking, editing
from lib.i18n.particles import followed
from lib.store.feeds import Feed
from lib.studio import Studio
from lib.ui.components.marked_text import marked_text
from lib.ui.components.press import press
from lib.ui.components.press.press import Button
from lib.ui.core import actions, feedback, session, url_state, words
from lib.ui.core.words import say
from lib.ui.feed import editor

CHANGE = "change"
"""The action of a press that rewrites a stored caption."""
MOST = 8
"""Findings that are listed with their buttons; all of them are marked in the text."""
_MENDED = ("markdown", "html", "code_break")


def show(studio: Studio, feed: Feed, number: int, *, with_rewriting: bool = True) -> None:
    """Draw the caption with its marks, what is wrong with each, and the buttons that put it right.

    ``with_rewriting``: also those that have the model write a passage anew, as a caption of its own.
    """
    findings = checking.findings_of(feed)
    with st.container(key=f"findings_{number}"):
        if not findings:
            feedback.show_quietly(f":material/fact_check: {say('checked.nothing')}")
            return
        st.markdown(f"**{say('checked.title', count=len(findings))}**")
        in_text = [each for each in findings if each.field == "instagram_ad_copy" and each.start is not None]
        if in_text:
            marked_text.show(stretches(feed.instagram_ad_copy, in_text), key=f"marks_{number}")
        for place, finding in enumerate(findings[:MOST], start=1):
            _finding(studio, feed, finding, number, place)
        if with_rewriting:
            press.show(f"fixes_{number}", feed.tenant_id, _rewriting(feed, findings[:MOST], number))


def stretches(text: str, findings: Sequence[Finding]) -> list[marked_text.Stretch]:
    """The text with the findings' places marked; where two overlap, the first is marked."""
    marked: list[marked_text.Stretch] = []
    at = 0
    for finding in findings:
        if finding.start is None or finding.end is None or finding.start < at:
            continue
        marked += [("same", text[at : finding.start]), ("found", text[finding.start : finding.end])]
        at = finding.end
    return [stretch for stretch in [*marked, ("same", text[at:])] if stretch[1]]


def sentence(finding: Finding) -> str:
    """What is wrong, in the reader's words."""
    params = {"text": finding.text, "brief": finding.brief, **finding.params}
    return words.problem(Problem(finding.field, finding.code, params))


def _finding(studio: Studio, feed: Feed, finding: Finding, number: int, place: int) -> None:
    with st.container(horizontal=True, vertical_alignment="center", key=f"finding_{number}_{place}"):
        feedback.show_quietly(f":orange[:material/flag:] {feedback.inert(sentence(finding))}")
        if (text := _corrected(feed, finding)) is not None:
            label = say("checked.as_in_brief", brief=_due(finding)) if finding.kind == "facts" else say("checked.mend")
            actions.button(
                feedback.inert(label),
                f"mend_{number}_{place}",
                feed.instagram_feed_id,
                icon=":material/auto_fix_high:",
                on_click=_correct,
                args=(studio, feed, text),
            )


def _corrected(feed: Feed, finding: Finding) -> str | None:
    """The caption with this finding put right without a model; None where only a person or a model can."""
    text = feed.instagram_ad_copy
    if finding.kind == "disclosure":
        disclosed = checking.with_disclosure(feed, text)
        return disclosed if disclosed != text else None
    if finding.field != "instagram_ad_copy" or finding.start is None or finding.end is None:
        return None
    if finding.code == "fact_different" and finding.brief:
        return f"{text[: finding.start]}{followed(_due(finding), text[finding.end :])}"
    if finding.code in _MENDED and (mended := language.mended(finding.text)[0]) != finding.text:
        return f"{text[: finding.start]}{mended}{text[finding.end :]}"
    return None


def _due(finding: Finding) -> str:
    """What the brief says in the finding's place, in the writing of the caption."""
    return said_like(finding.text, finding.brief, str(finding.params.get("what")))


def _rewriting(feed: Feed, findings: Sequence[Finding], number: int) -> list[Button]:
    """A button for each passage that the model may write anew."""
    return [
        Button(
            f"fix_{number}_{place}",
            CHANGE,
            say("checked.rewrite", text=finding.text[:24]),
            values={
                "feed_id": str(feed.instagram_feed_id),
                "change": "passage",
                "start": str(finding.start),
                "end": str(finding.end),
                "brief_says": finding.brief,
            },
            kind="tertiary",
            icon="edit",
            help=say("checked.rewrite_help"),
        )
        for place, finding in enumerate(findings, start=1)
        if finding.kind != "disclosure" and finding.field == "instagram_ad_copy" and finding.start is not None
    ]


def _correct(studio: Studio, feed: Feed, text: str) -> None:
    with feedback.shown_later():
        actions.require_screen(feed.tenant_id, feed.instagram_feed_id)
        editor.follow_restored(feed, editing.edit(studio, feed, text, feed.hashtags, person=session.person()))
        feedback.toast_later(say("edit.saved"), icon=":material/check:")
    url_state.draw_again()
