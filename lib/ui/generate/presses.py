"""What each press of the generate page does, from the values of the press alone."""

from __future__ import annotations

import uuid
from collections.abc import Callable
from dataclasses import replace
from functools import partial

import streamlit as st

from lib.domain.brief import INPUTS, Brief, GenerationOptions
from lib.domain.errors import InvalidBrief, Problem, RunNotFound
from lib.domain.findings import disclosure
from lib.domain.prompt import passage_of
from lib.generation.submit import GenerationRequest
from lib.store import attempts, feeds, generations
from lib.studio import Studio
from lib.ui.components.press.press import Handler, Press
from lib.ui.core import session
from lib.ui.core.addresses import GenerateAddress
from lib.ui.feed import editor, rewriting
from lib.ui.feed.findings import CHANGE
from lib.ui.feed.loading import UNSAID
from lib.ui.feed.rewriting import SOURCE, change_named, submit_press
from lib.ui.generate import options_form

WRITE, AGAIN, SHOW = "write", "again", "show"
FORM = "brief"
"""The key of the element that has the form."""
LAST_BRIEF = "last_brief"
"""In the session: by tenant, the inputs of the last brief that was sent."""


def handlers(studio: Studio) -> dict[str, Handler]:
    """The page's handlers by action. Each raises the ``StudioError`` with which the press is refused."""
    actions: dict[str, Callable[[Studio, Press], None]] = {WRITE: write, CHANGE: change, AGAIN: again, SHOW: show}
    return {action: partial(handler, studio) for action, handler in actions.items()} | editor.handlers(studio)


def write(studio: Studio, press: Press) -> None:
    """Write the captions of a brief, one for each variant, and show their run."""
    brief, options, variants = _brief_and_options(press)
    for variant in range(1, variants + 1):
        request = GenerationRequest(brief=brief, options=options, source=SOURCE, variant=variant)
        submit_press(studio, press, replace(request, person=session.person()))
        # After the first: a variant that is refused does not hide those that are being written.
        st.session_state.setdefault(LAST_BRIEF, {})[press.team] = brief.recorded()
        GenerateAddress(run=press.press_id).show()


def change(studio: Studio, press: Press) -> None:
    """Rewrite a stored caption and show it being written."""
    rewriting.rewrite(studio, press)
    GenerateAddress(run=press.press_id).show()


def again(studio: Studio, press: Press) -> None:
    """Write a generation that failed once more, as a run of its own."""
    with studio.database.tenant(press.team) as db:
        failed = generations.get(db, press.team, _id(press, "generation_id"))
        if failed is None:
            raise RunNotFound(run_id=press.text("generation_id"))
        parent = feeds.get(db, press.team, failed.parent_feed_id) if failed.parent_feed_id else None
        made = attempts.of_generation(db, press.team, failed.generation_id)
    sent = made[-1].request.get("messages") if made else None
    brief, options = Brief(press.team, **failed.brief), GenerationOptions.from_json(failed.options)
    request = GenerationRequest(brief=brief, options=options, source=SOURCE, variant=failed.variant, parent=parent)
    change, passage = change_named(failed.change), passage_of(sent)
    submit_press(studio, press, replace(request, change="passage" if passage else change, passage=passage))
    GenerateAddress(run=press.press_id).show()


def show(_studio: Studio, press: Press) -> None:
    """Show a run or a feed, or neither."""
    if "feed" in press.values:
        GenerateAddress(feed=_id(press, "feed")).show()
    elif "run" in press.values:
        GenerateAddress(run=_id(press, "run")).show()
    else:
        GenerateAddress().show()


def _brief_and_options(press: Press) -> tuple[Brief, GenerationOptions, int]:
    """What the form holds; raises ``InvalidBrief`` with every problem of every field at once."""
    problems: list[Problem] = []
    brief = options = None
    try:
        given = press.text("sponsorship").replace(UNSAID, "") or None
        brief = Brief(press.team, **{name: press.text(name) for name in INPUTS}, sponsorship=given)
        if question := disclosure.question(brief):
            raise InvalidBrief([question])
    except InvalidBrief as error:
        problems += error.problems
    try:
        options, variants = options_form.read(press)
    except InvalidBrief as error:
        problems += error.problems
    if brief is None or options is None:
        raise InvalidBrief(problems)
    return brief, options, variants


def _id(press: Press, name: str) -> uuid.UUID:
    return press.uuid(name, lambda text: RunNotFound(run_id=text))
