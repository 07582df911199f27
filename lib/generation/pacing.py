"""Before a request is sent: its place within the team's limits for the model, and that it is still ours to send."""

from __future__ import annotations

import json
import logging
import uuid
from typing import Any

from lib.domain.brief import clean
from lib.domain.errors import InvalidSettings, Problem, RateLimited
from lib.domain.progress import Progress
from lib.store import attempts, tenants
from lib.store.traffic import limits
from lib.store.traffic.limits import Limits
from lib.studio import Studio

log = logging.getLogger(__name__)

LIMITS = ("requests_a_minute", "tokens_a_minute", "at_once")
"""The limits that a team has for each model."""
MOST = 2_000_000_000
MAX_MODEL = 255
"""Characters of a model's name."""
LONGEST_WAIT_S = 20.0
"""Seconds that a request waits for its turn; one that would wait longer ends with ``RateLimited`` instead."""


def tokens_of(payload: dict[str, Any]) -> int:
    """What a request counts for in a limit of tokens a minute.

    OpenAI counts the larger of its longest answer and its prompt, estimated by its characters (rate limits guide).
    """
    prompt = len(json.dumps(payload.get("messages", []), ensure_ascii=False)) // 4
    return max(prompt, int(payload.get("max_completion_tokens") or payload.get("max_tokens") or 0))


def set_limits(studio: Studio, tenant_id: str, new: Limits) -> None:
    """Replace the team's limits for a model, which hold from the next request on for everything that asks.

    Raises ``InvalidSettings`` for a model without a name, and for a number that is not from 1 to :data:`MOST`.
    """
    model = clean(new.model)
    problems = [] if model else [Problem("model", "missing")]
    if len(model) > MAX_MODEL:
        problems.append(Problem("model", "too_long", {"length": len(model), "most": MAX_MODEL}))
    given = {name: getattr(new, name) for name in LIMITS}
    for name, number in given.items():
        if number is not None and not 1 <= number <= MOST:
            problems.append(Problem(name, "out_of_range", {"least": 1, "most": MOST}))
    if problems:
        raise InvalidSettings(problems)
    with studio.database.tenant(tenant_id) as db:
        limits.put(db, tenant_id, model, **given)
        tenants.remember(db, tenant_id)


def take(db: Any, tenant_id: str, payload: dict[str, Any], attempt_id: uuid.UUID | None = None) -> float:
    """Take the request's place within the limits; returns 0.0, or the seconds after which to ask again."""
    return limits.take(db, tenant_id, payload["model"], tokens_of(payload), attempt_id=attempt_id)


def wait(
    studio: Studio, tenant_id: str, attempt_id: uuid.UUID, payload: dict[str, Any], progress: Progress, wait_s: float
) -> RateLimited | None:
    """Wait until the request may be sent; returns None then, or if somebody stopped it.

    Returns the error that it ends with where it would wait longer than :data:`LONGEST_WAIT_S`.
    """
    waited_s = 0.0
    while wait_s > 0:
        if waited_s + wait_s > LONGEST_WAIT_S:
            return RateLimited(seconds=wait_s)
        if not progress.wait(wait_s, RateLimited.code):
            return None
        waited_s += wait_s
        with studio.database.tenant(tenant_id) as db:
            wait_s = take(db, tenant_id, payload, attempt_id)
    return None


def is_ours(studio: Studio, tenant_id: str, attempt_id: uuid.UUID) -> bool:
    """Whether the attempt may be sent: nobody settled it while this process was silent. Raises ``DatabaseAway``."""
    if studio.presence is None or studio.presence.is_sure:
        return True
    studio.presence.say(studio)
    with studio.database.tenant(tenant_id) as db:
        attempt = attempts.get(db, tenant_id, attempt_id)
    if attempt is not None and attempt.outcome is None:
        return True
    log.warning("attempt %s was settled while this process was silent; it is not sent", attempt_id)
    return False
