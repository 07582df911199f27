"""A new batch: its rows are stored, and from that commit on workers write them."""

from __future__ import annotations

import datetime as dt
import logging
import uuid
from collections.abc import Sequence
from decimal import Decimal
from typing import Any, Literal
from urllib.parse import urlsplit

from lib.batches.webhooks import is_public
from lib.domain import pricing
from lib.domain.batches.rows import MAX_ROWS, NewRow
from lib.domain.brief import clean, fingerprint
from lib.domain.errors import InvalidBatch, KeyReused, Problem
from lib.generation import job_links
from lib.store import pipeline_jobs, tenants
from lib.store.batches import batches, rows
from lib.store.metrics import counting
from lib.store.metrics import settings as metric_settings
from lib.studio import Studio

log = logging.getLogger(__name__)

MAX_NAME = 200
"""Characters of a batch's name."""


def create(
    studio: Studio,
    tenant_id: str,
    new: Sequence[NewRow],
    *,
    source: Literal["page", "api", "experiment"],
    name: str = "",
    columns: Sequence[str] = (),
    limit_usd: Decimal | None = None,
    estimated_usd: Decimal | None = None,
    idempotency_key: str | None = None,
    webhook_url: str | None = None,
    economy: bool = False,
) -> uuid.UUID:
    """Store a batch with its rows in one transaction, and return its id; workers write its captions from then on.

    ``new`` are the rows in the order of the file; they are numbered from 1. ``columns`` are the headers of the file,
    which name the cells in each row's ``uploaded``. At ``limit_usd`` the batch pauses itself. ``estimated_usd`` is
    what a person was shown before; it is stored for comparison. ``webhook_url`` is called when the batch has ended.
    ``economy``: through the Batch API, at half the price and within 24 hours.
    The same ``idempotency_key`` and rows return the id of the first batch, also when two calls race.
    Raises ``InvalidBatch`` with every problem at once; the fields are named ``rows.12.tenant_id``, counted from 1.
    Raises ``KeyReused`` for a key that was used with other rows, ``NoKey`` and ``WrongKey`` for a model that cannot be
    asked, ``NoBatchApi`` for one that has no Batch API (or what its server answered instead), and ``JobNotFound``,
    ``OverlayNotFound`` and ``OverlayOfAnotherJob`` for a row's own job or overlay.
    """
    for model in {row.options.model for row in new}:
        studio.writer.require(model)
        if economy:
            studio.writer.batches.require(model)
    batch_id = uuid.uuid4()
    given = [[_as_json(row) for row in new], list(columns), name, str(limit_usd), webhook_url]
    printed = fingerprint(*given, *(["economy"] if economy else []))
    with studio.database.tenant(tenant_id) as db:
        if idempotency_key and (earlier := batches.by_key(db, tenant_id, idempotency_key)):
            return _same(earlier, printed)
        problems = [*_problems(studio, tenant_id, new, limit_usd, webhook_url)]
        if limit_usd is not None:
            problems += _without_price(db, tenant_id, new, economy=economy)
        if problems:
            raise InvalidBatch(problems)
        for job_id, overlay_id in {(row.options.job_id, row.options.overlay_id) for row in new}:
            job_links.require_links(db, tenant_id, job_id, overlay_id)
        added = batches.add(
            db,
            tenant_id,
            batch_id,
            name=" ".join(clean(name).split())[:MAX_NAME],
            source=source,
            columns=list(columns),
            limit_usd=limit_usd,
            estimated_usd=estimated_usd,
            idempotency_key=idempotency_key,
            fingerprint=printed,
            webhook_url=webhook_url,
            economy=economy,
        )
        if not added:
            other = batches.by_key(db, tenant_id, idempotency_key or "")
            if other is None:
                raise KeyReused
            return _same(other, printed)
        job_id, refused = pipeline_jobs.add(db, tenant_id)
        if refused:
            log.warning("batch %s has no row in the table of jobs: %s", batch_id, refused)
        batches.change(db, tenant_id, batch_id, job_id=job_id)
        rows.add(db, tenant_id, batch_id, new)
        tenants.remember(db, tenant_id)
    return batch_id


def _same(earlier: batches.Batch, printed: str) -> uuid.UUID:
    if earlier.fingerprint != printed:
        raise KeyReused
    return earlier.batch_id


def _as_json(row: NewRow) -> list[object]:
    return [row.brief.recorded(), row.options.as_json(), row.variants, row.reference, row.uploaded]


def _problems(
    studio: Studio, tenant_id: str, new: Sequence[NewRow], limit_usd: Decimal | None, webhook_url: str | None
) -> list[Problem]:
    problems = []
    if not new:
        problems.append(Problem("rows", "no_rows"))
    captions = sum(row.variants for row in new)
    if captions > MAX_ROWS:
        problems.append(Problem("rows", "too_many_rows", {"rows": captions, "most": MAX_ROWS}))
    for number, row in enumerate(new, 1):
        if row.brief.tenant_id != tenant_id:
            problems.append(Problem(f"rows.{number}.tenant_id", "another_team"))
    if limit_usd is not None and not 0 < limit_usd < 10**9:
        problems.append(Problem("limit_usd", "not_positive"))
    if webhook_url is not None and not _is_webhook(webhook_url, local=studio.settings.local_webhooks):
        problems.append(Problem("webhook_url", "not_public_https"))
    return problems


def _is_webhook(url: str, *, local: bool) -> bool:
    """Whether the address may be called, as far as it says itself; where a name leads is checked at each call."""
    try:
        parts = urlsplit(url)
        port = parts.port
    except ValueError:
        return False
    schemes = ("https", "http") if local else ("https",)
    return (
        parts.scheme in schemes
        and parts.hostname is not None
        and port != 0
        and parts.username is None
        and (local or not _is_local(parts.hostname))
        and url.isascii()
        and url.isprintable()
        and " " not in url
        and len(url) <= 2_000
    )


def _is_local(host: str) -> bool:
    try:
        return not is_public(host)
    except ValueError:  # a name
        return False


def _without_price(db: Any, tenant_id: str, new: Sequence[NewRow], *, economy: bool) -> list[Problem]:
    """A limit can only be kept where the price of each request is known."""
    own = counting.prices_in(metric_settings.get(db, tenant_id), metric_settings.prices(db, tenant_id))
    now = dt.datetime.now(dt.UTC)
    usage = {"prompt_tokens": 1, "completion_tokens": 1}
    models = dict.fromkeys(row.options.model for row in new)
    return [
        Problem("limit_usd", "no_price", {"model": model})
        for model in models
        if pricing.cost_usd(model, usage, now, service_tier=pricing.BATCH if economy else None, own=own) is None
    ]
