"""Generations and attempts in the tables, without a model."""

from __future__ import annotations

import uuid
from typing import Any

from lib.store import generations
from lib.store.database import Database
from lib.store.generations import Generation

ATTEMPT = {"model": "demo", "messages": []}


def record(database: Database, tenant_id: str = "acme", **fields: Any) -> tuple[Generation, uuid.UUID]:
    """Store a generation with its first attempt, and return it with the attempt's id."""
    defaults: dict[str, Any] = {
        "tenant_id": tenant_id, "generation_id": uuid.uuid4(), "run_id": uuid.uuid4(), "variant": 1, "source": "page",
        "idempotency_key": None, "fingerprint": "f", "brief": {"product_description": "bread"}, "options": {},
        "prompt_version": "1", "parent_feed_id": None, "change": None,
    }  # fmt: skip
    new = Generation(**defaults | fields)
    attempt_id = uuid.uuid4()
    with database.tenant(tenant_id) as db:
        generations.add(db, new, attempt_id, ATTEMPT)
    return new, attempt_id
