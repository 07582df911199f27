"""The rows of a table as briefs, with what is wrong with each and what stands twice; before anything is spent."""

from __future__ import annotations

import datetime as dt
import re
import uuid
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from functools import partial
from typing import TypeVar

from lib.batches.columns import REFERENCE, SPONSORSHIP, key_of
from lib.domain.batches.rows import NewRow
from lib.domain.brief import (
    INPUTS,
    LANGUAGES,
    SPONSORSHIPS,
    Brief,
    GenerationOptions,
    Language,
    Sponsorship,
    clean,
    fingerprint,
)
from lib.domain.errors import Invalid, InvalidBrief, Problem
from lib.domain.findings import disclosure
from lib.i18n import words
from lib.store import pipeline_jobs
from lib.store.batches import repeats
from lib.store.batches.repeats import Written
from lib.studio import Studio

T = TypeVar("T")

REPEAT_DAYS = 30
"""Days for which a caption of the same brief is pointed out."""


@dataclass(frozen=True)
class CheckedRow:
    """A row with its request, or with what is wrong: one of the two is there."""

    request: NewRow | None
    problems: tuple[Problem, ...] = ()
    fingerprint: str = ""
    """The same for rows that ask for the same caption, whatever they are called; empty for a wrong one."""


def check_row(tenant_id: str, values: Mapping[str, str], model: str, uploaded: Sequence[str] = ()) -> CheckedRow:
    """The row's request by the rules of :class:`Brief`; ``model`` is that of a row that names none.

    ``values`` are texts by field; a field that is missing is empty. ``uploaded`` are the cells as they came.
    """
    problems: list[Problem] = []

    def value(field: str) -> str:
        return clean(values.get(field, ""))

    def attempt(make: Callable[[], T]) -> T | None:
        try:
            return make()
        except Invalid as error:
            problems.extend(error.problems)
            return None

    sponsorship = attempt(lambda: _sponsorship(value(SPONSORSHIP)))
    brief = attempt(lambda: Brief(tenant_id, **{name: value(name) for name in INPUTS}, sponsorship=sponsorship))
    if brief and not problems and (question := disclosure.question(brief)):
        problems.append(question)
    language = attempt(lambda: _language(value("language")))
    variants = attempt(lambda: _variants(value("variants")))
    job_id, overlay_id = (attempt(partial(_id, name, value(name))) for name in ("job_id", "overlay_id"))
    options = attempt(
        lambda: GenerationOptions(
            value("model") or model, language=language or LANGUAGES[0], job_id=job_id, overlay_id=overlay_id
        )
    )
    row = attempt(lambda: NewRow(brief, options, variants or 1, value(REFERENCE) or None, tuple(uploaded)))  # type: ignore[arg-type]
    if problems or row is None:
        return CheckedRow(None, tuple(problems))
    return CheckedRow(row, fingerprint=fingerprint(row.brief.recorded(), row.options.as_json()))


def check_links(studio: Studio, tenant_id: str, rows: Mapping[int, CheckedRow]) -> dict[int, CheckedRow]:
    """The rows, of which those that name a job or an overlay that the tenant does not have are wrong now."""
    named = {
        place: (row.request.options.job_id, row.request.options.overlay_id)
        for place, row in rows.items()
        if row.request and (row.request.options.job_id or row.request.options.overlay_id)
    }
    if not named:
        return dict(rows)
    with studio.database.tenant(tenant_id) as db:
        wrong = pipeline_jobs.unlinkable(db, tenant_id, named.values())
    refused = {place: wrong[pair] for place, pair in named.items() if pair in wrong}
    return {
        place: CheckedRow(None, (Problem(refused[place], "not_there"),)) if place in refused else row
        for place, row in rows.items()
    }


def find_repeated(rows: Sequence[CheckedRow | None]) -> dict[int, int]:
    """By the place of a row: the first row that asks for the same."""
    first: dict[str, int] = {}
    repeated = {}
    for place, row in enumerate(rows):
        if row and row.request and (earlier := first.setdefault(row.fingerprint, place)) != place:
            repeated[place] = earlier
    return repeated


def find_stored(studio: Studio, tenant_id: str, rows: Mapping[int, CheckedRow]) -> dict[int, Written]:
    """By the place of a row: the newest caption of the last :data:`REPEAT_DAYS` that its brief brought."""
    briefs = {place: row.request.brief.inputs() for place, row in rows.items() if row.request}
    since = dt.datetime.now(dt.UTC) - dt.timedelta(days=REPEAT_DAYS)
    with studio.database.tenant(tenant_id) as db:
        return repeats.of_briefs(db, tenant_id, briefs, since)


def _language(text: str) -> Language:
    """The language that a text names in any language: ko, Korean, 한국어."""
    for language in LANGUAGES if text else LANGUAGES[:1]:
        names = (words.say(in_language, f"form.language_{language}") for in_language in LANGUAGES)
        if not text or key_of(text) in (language, *map(key_of, names)):
            return language
    raise InvalidBrief([Problem("language", "not_offered", {"offered": ", ".join(LANGUAGES)})])


def _sponsorship(text: str) -> Sponsorship | None:
    """What a text says is given for the post, in any language; None where it says nothing."""
    key = key_of(text)
    for kind in SPONSORSHIPS if text else ():
        shown = (words.say(language, f"sponsorship.{kind}") for language in LANGUAGES)
        others = (words.listed(language, "batch_sponsorship")[kind].split(",") for language in LANGUAGES)
        if key in (kind, *map(key_of, (*shown, *(name for each in others for name in each)))):
            return kind
    if text:
        raise InvalidBrief([Problem(SPONSORSHIP, "not_offered", {"offered": ", ".join(SPONSORSHIPS)})])
    return None


def _variants(text: str) -> int:
    number = re.fullmatch(r"(\d{1,6})(\.0+)?", text or "1")
    if number is None:
        raise InvalidBrief([Problem("variants", "no_number")])
    return int(number[1])


def _id(field: str, text: str) -> uuid.UUID | None:
    try:
        return uuid.UUID(text) if text else None
    except ValueError:
        raise InvalidBrief([Problem(field, "not_an_id")]) from None
