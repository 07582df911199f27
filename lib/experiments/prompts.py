"""The team's prompt library: instructions in versions, and which one is the default, since when and why."""

from __future__ import annotations

import uuid

from lib.domain.brief import MAX_CHARS, clean
from lib.domain.errors import InvalidExperiment, Problem
from lib.store.experiments import prompts as store
from lib.store.experiments.prompts import Prompt
from lib.studio import Studio

MAX_NAME = 80
"""Characters of a prompt's or an experiment's name."""


def save(
    studio: Studio, tenant_id: str, name: str, text: str, *, prompt_id: uuid.UUID | None = None, person: str | None
) -> Prompt:
    """Store a new prompt, or the next version of one. Raises ``InvalidExperiment``."""
    name, text = clean(name).replace("\n", " "), clean(text)
    problems = [
        *_check("prompt_name", name, MAX_NAME),
        *_check("gpt_prompt", text, MAX_CHARS["gpt_prompt"]),
    ]
    if problems:
        raise InvalidExperiment(problems)
    with studio.database.tenant(tenant_id) as db:
        store.lock(db, tenant_id)
        return store.add(db, tenant_id, prompt_id or uuid.uuid4(), name, text, person)


def make_default(
    studio: Studio, tenant_id: str, prompt_id: uuid.UUID | None, version: int | None, *, person: str | None
) -> None:
    """Make this version the team's default instruction; None makes it the product's own again.

    Raises ``PromptNotFound``.
    """
    with studio.database.tenant(tenant_id) as db:
        store.lock(db, tenant_id)
        if prompt_id is not None and version is not None:
            store.get(db, tenant_id, prompt_id, version)
        store.set_default(db, tenant_id, prompt_id, version, person=person)


def default_text(studio: Studio, tenant_id: str) -> str | None:
    """The text of the team's default instruction; None where it is the product's own."""
    with studio.database.tenant(tenant_id) as db:
        prompt = store.default(db, tenant_id)
    return prompt.text if prompt else None


def _check(field: str, value: str, most: int) -> list[Problem]:
    if not value:
        return [Problem(field, "missing")]
    return [Problem(field, "too_long", {"length": len(value), "most": most})] if len(value) > most else []
