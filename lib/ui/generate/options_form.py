"""The options beside a brief: the fields that show them, and how a press's values are read."""

from __future__ import annotations

import uuid
from typing import Any, TypeVar

from lib.domain.brief import (
    DEFAULT_MAX_TOKENS,
    LANGUAGES,
    MAX_VARIANTS,
    SPONSORSHIPS,
    GenerationOptions,
)
from lib.domain.errors import InvalidBrief, Problem, StudioError
from lib.domain.models import DEMO_MODEL
from lib.store import pipeline_jobs
from lib.studio import Studio
from lib.ui.components.press.press import Press
from lib.ui.core import cache, feedback, words
from lib.ui.core.words import say
from lib.ui.feed import links
from lib.ui.feed.loading import UNSAID

N = TypeVar("N", int, float)

NAMES = ("language", "variants", "model", "temperature", "max_tokens", "job_id", "overlay_id")
JOB = "job_id"
"""The field whose job's overlays are offered: the server listens to it."""


def fields(studio: Studio, tenant_id: str, chosen_job: str) -> list[dict[str, Any]]:
    """The fields of the options: first the two that matter for every brief, then those of the group ``more``."""
    language = words.language()
    jobs, overlays = _jobs_and_overlays(studio, tenant_id, chosen_job.strip())
    models = studio.settings.openai_models
    return [
        {
            "name": "sponsorship",
            "kind": "choice",
            "group": "main",
            "label": say("form.sponsorship"),
            "value": UNSAID,
            "choices": [
                (UNSAID, say("sponsorship.unsaid")),
                *((kind, say(f"sponsorship.{kind}")) for kind in SPONSORSHIPS),
            ],
            "help": say("form.sponsorship_help"),
        },
        {
            "name": "language",
            "kind": "choice",
            "group": "main",
            "label": say("form.language"),
            "value": language,
            "choices": [(code, say(f"form.language_{code}")) for code in LANGUAGES],
        },
        {
            "name": "variants",
            "kind": "choice",
            "group": "main",
            "label": say("form.variants"),
            "value": "1",
            "choices": [(str(count), str(count)) for count in range(1, MAX_VARIANTS + 1)],
            "help": say("form.variants_help"),
        },
        _more("model", "list", models[0], help=say("form.model_help"), choices=[(model, model) for model in models]),
        _more(
            "temperature",
            "number",
            "",
            hint=say("form.temperature_hint"),
            help=say("form.temperature_help"),
            short=True,
        ),
        _more("max_tokens", "number", str(DEFAULT_MAX_TOKENS), help=say("form.max_tokens_help"), short=True),
        _more(
            JOB,
            "list",
            "",
            hint=say("links.choose_job_id"),
            help=say("links.job_id_help"),
            choices=jobs,
        ),
        _more(
            "overlay_id",
            "list",
            "",
            hint=say("links.choose_overlay_id"),
            help=say("links.overlay_id_help"),
            choices=overlays,
        ),
    ]


def read(press: Press) -> tuple[GenerationOptions, int]:
    """The options and the number of variants; raises ``InvalidBrief`` with every problem of all."""
    problems: list[Problem] = []
    ids: dict[str, uuid.UUID | None] = {}
    for name in ("job_id", "overlay_id"):
        try:
            ids[name] = uuid.UUID(press.text(name).strip()) if press.text(name).strip() else None
        except ValueError:
            problems.append(Problem(name, "not_an_id"))
    temperature = _number(press, "temperature", float, problems)
    max_tokens = _number(press, "max_tokens", int, problems)
    variants = _number(press, "variants", int, problems)
    variants = 1 if variants is None else variants
    if not 1 <= variants <= MAX_VARIANTS:
        problems.append(Problem("variants", "out_of_range", {"least": 1, "most": MAX_VARIANTS}))
    options = None
    try:
        options = GenerationOptions(
            model=press.text("model") or DEMO_MODEL,
            language=next((code for code in LANGUAGES if code == press.text("language")), LANGUAGES[0]),
            temperature=temperature,
            max_tokens=DEFAULT_MAX_TOKENS if max_tokens is None else max_tokens,
            job_id=ids.get("job_id"),
            overlay_id=ids.get("overlay_id"),
        )
    except InvalidBrief as error:
        problems += error.problems
    if problems or options is None:
        raise InvalidBrief(problems)
    return options, variants


def _number(press: Press, name: str, kind: type[N], problems: list[Problem]) -> N | None:
    """The field's number; None when it is empty, or no number and so a problem."""
    text = press.text(name).strip().replace(",", "")
    try:
        return kind(text) if text else None
    except ValueError:
        problems.append(Problem(name, "no_number"))
        return None


def _more(name: str, kind: str, value: str, **extra: Any) -> dict[str, Any]:
    label = say(f"form.{name}")
    if name in ("job_id", "overlay_id"):
        label = f"{label} · {say('form.optional')}"
    return {"name": name, "kind": kind, "group": "more", "label": label, "value": value, **extra}


def _jobs_and_overlays(
    studio: Studio, tenant_id: str, chosen: str
) -> tuple[list[tuple[str, str]], list[tuple[str, str]]]:
    """The tenant's recent jobs and the overlays of the one that is chosen, each with the words for it."""
    try:
        jobs = [(str(job.job_id), links.line(job)) for job in cache.recent_jobs(tenant_id)]
        overlays: list[tuple[str, str]] = []
        if chosen in dict(jobs):
            with studio.database.tenant(tenant_id) as db:
                rows = pipeline_jobs.overlays(db, tenant_id, uuid.UUID(chosen))
            overlays = [(str(row.overlay_id), say("jobs.overlay", number=n)) for n, row in enumerate(rows, start=1)]
    except StudioError as error:
        feedback.show_error(error)
        return [], []
    return jobs, overlays
