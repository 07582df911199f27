"""All findings of one stored caption, whoever wrote it."""

from __future__ import annotations

import dataclasses
import unicodedata
from collections.abc import Mapping
from typing import Any

import regex

from lib.domain.brief import INPUTS, Sponsorship
from lib.domain.findings import disclosure, language
from lib.domain.findings.brief_facts import brief_facts
from lib.domain.findings.comparison import compare
from lib.domain.findings.fact import KINDS, Field, Finding, narrow
from lib.domain.findings.reading import money
from lib.domain.prompt import Wishes, wishes_in

LONGEST = 5_000
"""Characters of each text and each input that are checked; Instagram takes 2,200 of caption and tags together.

Beside an input that is longer no fact is compared: what is not read may say it.
"""
MOST = 50
"""Findings of one caption that are told."""

_CLUSTER = regex.compile(r"\X")


def sponsorship_of(brief: Mapping[str, str], prompt_used: str | None) -> Sponsorship | None:
    """Whether a stored caption is sponsored: as its prompt says, else as the words of its brief do."""
    recorded = wishes_in(prompt_used).sponsorship
    if recorded:
        return recorded
    said = disclosure.said_in("\n".join((brief.get(name) or "")[:LONGEST] for name in INPUTS))
    return said[0] if said else None


def check(
    brief: Mapping[str, str], text: str, hashtags: str, *, prompt_used: str | None = None, account: str = ""
) -> list[Finding]:
    """The findings of a caption beside its brief, in the order of the text; offsets are those of the texts as given.

    ``brief`` are the five inputs by name, ``account`` is printed before the caption in the feed.
    """
    text, hashtags = text[:LONGEST], hashtags[:LONGEST]
    is_whole = all(len(value or "") <= LONGEST for value in brief.values())
    brief = {name: (value or "")[:LONGEST] for name, value in brief.items()}
    composed, tags = (unicodedata.normalize("NFC", each) for each in (text, hashtags))
    wishes = wishes_in(prompt_used)
    findings = [
        *disclosure.check(composed, tags, sponsorship_of(brief, prompt_used), account=account),
        *(_facts(brief, composed, tags) if is_whole else ()),
        *_language(brief, composed, wishes),
    ]
    placed = [
        _placed(finding, {"instagram_ad_copy": (text, composed), "hashtags": (hashtags, tags)}) for finding in findings
    ]
    ordered = sorted(placed, key=lambda each: (each.start is None, each.field, each.start or 0))
    return ordered[:MOST]


def _facts(brief: Mapping[str, str], text: str, hashtags: str) -> list[Finding]:
    offer = "\n".join(
        brief.get(name) or "" for name in ("product_description", "store_information", "refined_ad_copy_eng")
    )
    wishes = brief.get("gpt_prompt") or ""
    if not offer.strip():
        return []
    said = brief_facts(offer, wishes)
    findings = []
    texts: list[tuple[Field, str]] = [("instagram_ad_copy", text)]
    if any(money.read(narrow(hashtags))):  # prices, percents and offers: nothing else is compared in tags
        texts.append(("hashtags", hashtags))
    for field, content in texts:
        for each in compare(said, content):
            fact = each.fact
            if each.status in ("same", "open") or (
                field == "hashtags" and (each.status == "missing" or fact.kind not in _IN_TAGS)
            ):
                continue
            place: dict[str, Any] = {} if each.status == "missing" else {"start": fact.start, "end": fact.end}
            if each.status == "missing" and fact.text in hashtags:
                continue
            findings.append(
                Finding(
                    "facts",
                    _CODES[each.status],
                    field,
                    text=fact.text,
                    brief=each.brief,
                    params={"what": fact.kind},
                    **place,
                )
            )
    return findings


_CODES = {"different": "fact_different", "absent": "fact_absent", "missing": "fact_missing"}
_IN_TAGS = frozenset(("money", "percent", "offer"))


def _language(brief: Mapping[str, str], text: str, wishes: Wishes) -> list[Finding]:
    said = "\n".join(brief.get(name) or "" for name in INPUTS if name != "gpt_prompt")
    tone = f"{brief.get('tone_style') or ''}\n{brief.get('gpt_prompt') or ''}"
    if wishes.change == "more_formal":  # that press asked for another level of speech than the brief
        tone = ""
    return list(language.check(text, wishes.language, brief=said, tone=tone))


def _placed(finding: Finding, texts: Mapping[str, tuple[str, str]]) -> Finding:
    """The finding with its place in the text as it is stored, which may be decomposed (NFD)."""
    stored, composed = texts[finding.field]
    if stored == composed or finding.start is None or finding.end is None:
        return finding
    ends = [0]
    for cluster in _CLUSTER.findall(stored):
        start = ends[-1]
        size = len(unicodedata.normalize("NFC", cluster))
        ends += [*[start] * (size - 1), start + len(cluster)]
    last = len(ends) - 1
    return dataclasses.replace(finding, start=ends[min(finding.start, last)], end=ends[min(finding.end, last)])


def kinds(findings: list[Finding]) -> list[str]:
    """The kinds of findings that a caption has, in the order of :data:`KINDS`."""
    return [kind for kind in KINDS if any(finding.kind == kind for finding in findings)]
