"""Counts changed rows: what each row is counted as, and from that the totals and latencies of each day.

Whoever writes a row leaves its id in ``studio_metric_changes`` (by triggers, see ``lib/store/functions``). Before the
figures are read, the changed rows are looked up and compared with what they were counted as, and the difference is
added. So the cost of a refresh grows with the rows that changed since the last one, and every row is counted from its
current state.
"""

from __future__ import annotations

import datetime as dt
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from sqlalchemy import Connection, text
from sqlalchemy.exc import IntegrityError

from lib.domain import pricing
from lib.domain.completion import Outcome
from lib.domain.errors.base import family
from lib.domain.errors.model import ModelFailed
from lib.domain.latency_histogram import EDGES
from lib.domain.periods import NO_DAY, start_of
from lib.domain.pricing import OwnPrice
from lib.store.database import statement_timeout
from lib.store.metrics import settings as stored_settings
from lib.store.metrics.settings import MetricSettings

MOST = 10_000
"""Changes that one transaction counts."""
START_AGAIN_TIMEOUT_S = 600.0
"""Statement timeout of queueing every row again, for millions of rows."""
COUNTING_VERSION = 3
"""The version of the counting itself; with another one, every row is counted again."""

FREE = [
    *(outcome.value for outcome in Outcome if outcome.never_billed),
    *(f"failed:{code}" for code, error in family(ModelFailed).items() if error.never_billed),
]
"""The outcomes, as they are counted, of requests that certainly cost nothing."""

_COUNT = text((Path(__file__).parent / "count.sql").read_text(encoding="utf-8"))
_STATE = text("""
    SELECT (SELECT counted_as FROM studio_metric_states WHERE tenant_id = :tenant) AS counted_as,
        coalesce((SELECT version FROM studio_metric_states WHERE tenant_id = :tenant), 0) AS version,
        (SELECT max(entry) FROM studio_metric_changes WHERE tenant_id = :tenant) AS newest,
        clock_timestamp() AS now,
        (SELECT left(md5(string_agg((instant AT TIME ZONE :zone)::text, ' ' ORDER BY instant)), 8)
         FROM generate_series(TIMESTAMPTZ '2000-01-01 00:00+00', '2040-01-01 00:00+00', '6 months') AS instant) AS clock
""")
"""``clock`` is a hash of the zone's rules in this database: with other rules, days start and end at other times."""
_LEFT = text("SELECT count(*) FROM studio_metric_changes WHERE tenant_id = :tenant AND entry <= :newest")
_LOCK = text("SELECT pg_advisory_xact_lock(hashtextextended('studio_metrics:' || :tenant, 0))")
_COUNTED = text("""
    INSERT INTO studio_metric_states AS states (tenant_id, counted_as, version) VALUES (:tenant, :counted_as, 1)
    ON CONFLICT (tenant_id) DO UPDATE SET counted_as = excluded.counted_as, version = states.version + 1
""")
_START_AGAIN = [
    text("DELETE FROM studio_metric_changes WHERE tenant_id = :tenant"),
    text("""
        INSERT INTO studio_metric_changes (tenant_id, kind, row_id)
        SELECT :tenant, 'feed', instagram_feed_id FROM instagram_feeds WHERE tenant_id = :tenant
        UNION ALL
        SELECT :tenant, 'attempt', attempt_id FROM studio_attempts WHERE tenant_id = :tenant AND outcome IS NOT NULL
    """),
    # A row that was inserted between the two statements above waits twice: only a row that waits once may be new.
    text("UPDATE studio_metric_changes SET is_new = false WHERE tenant_id = :tenant AND is_new"),
    text("""
        INSERT INTO studio_metric_changes (tenant_id, kind, row_id, is_new, created_at, model, tier, token_usage)
        SELECT :tenant, kind, row_id, true, created_at, model, tier, CASE WHEN prompt IS NOT NULL THEN
            jsonb_build_object('prompt_tokens', prompt, 'completion_tokens', completion, 'prompt_tokens_details',
                jsonb_build_object('cached_tokens', cached, 'cache_write_tokens', written),
                'completion_tokens_details', jsonb_build_object('reasoning_tokens', reasoning)) END
        FROM studio_metric_facts WHERE tenant_id = :tenant AND kind = 'deleted'
    """),
    text("DELETE FROM studio_metric_facts WHERE tenant_id = :tenant"),
    text("DELETE FROM studio_metric_cells WHERE tenant_id = :tenant"),
    text("DELETE FROM studio_metric_latencies WHERE tenant_id = :tenant"),
    text("DELETE FROM studio_metric_tariffs WHERE tenant_id = :tenant"),
]
_MODELS = text("SELECT DISTINCT model FROM studio_metric_tariffs WHERE tenant_id = :tenant")
_ROWS_OF_MODELS = text("""
    INSERT INTO studio_metric_changes (tenant_id, kind, row_id, created_at)
    SELECT :tenant, kind, row_id, created_at FROM studio_metric_facts
    WHERE tenant_id = :tenant AND model = ANY(:models)
""")
_DELETE_TARIFFS = text("DELETE FROM studio_metric_tariffs WHERE tenant_id = :tenant AND model = ANY(:models)")
_ADD_TARIFF = text("""
    INSERT INTO studio_metric_tariffs (
        tenant_id, model, tier, starts_at, ends_at, prompt_over, prompt_to, input, cached, written, output
    ) VALUES (
        :tenant, :model, :tier, :starts_at, :ends_at, :prompt_over, :prompt_to, :input, :cached, :cache_write, :output
    ) ON CONFLICT DO NOTHING
""")
_FIND_EXTREMES = text("""
    UPDATE studio_metric_cells AS cells SET latency_min = extremes.low, latency_max = extremes.high
    FROM (
        SELECT kind, day, facet, value, min(latency_ms) AS low, max(latency_ms) AS high
        FROM studio_metric_facts CROSS JOIN LATERAL
            studio_metric_dimensions(kind, model, tone, source, prompt_version, hour, outcome, false)
        WHERE tenant_id = :tenant AND kind = :kind AND day = ANY(:days) AND facet <> 'hour'
        GROUP BY kind, day, facet, value
    ) AS extremes
    WHERE cells.tenant_id = :tenant AND cells.kind = :kind AND cells.facet = extremes.facet
        AND cells.day = extremes.day AND cells.value = extremes.value
        AND (cells.latency_min, cells.latency_max) IS DISTINCT FROM (extremes.low, extremes.high)
""")
"""Of days from whose totals the shortest or the longest latency was taken: only the rows know the next one."""
_DELETE_EXTREMES = text("""
    UPDATE studio_metric_cells SET latency_min = NULL, latency_max = NULL
    WHERE tenant_id = :tenant AND kind = :kind AND day = ANY(:days) AND timed = 0 AND latency_min IS NOT NULL
""")


@dataclass(frozen=True)
class Progress:
    """How far the counting of a tenant has come: up to which entry of the queue it counts, and how many are left."""

    newest: int
    left: int


def state(db: Connection, tenant_id: str, settings: MetricSettings) -> tuple[int | None, dt.datetime]:
    """The version of the figures, None if rows wait to be counted; and the database's clock."""
    state = _state(db, tenant_id, settings)
    is_current = state.newest is None and state.counted_as == _counted_as(settings, state.clock)
    return (state.version if is_current else None), state.now


def count(db: Connection, tenant_id: str, progress: Progress | None = None, most: int = MOST) -> Progress:
    """Count at most so many of the changes that wait, in the transaction of ``db``; return how many are left.

    Without ``progress``, all changes that wait now are to be counted; with it, only those that waited at its start, so
    that an end comes while other programs go on writing. If every row must be counted again, all are queued, and the
    counting itself is left to the next call. Waits while another process counts for the same tenant.
    """
    acquire_lock(db, tenant_id)
    settings = stored_settings.get(db, tenant_id)
    state = _state(db, tenant_id, settings)
    counted_as = _counted_as(settings, state.clock)
    if state.counted_as != counted_as:  # never, or in another zone, or at other prices
        with statement_timeout(db, START_AGAIN_TIMEOUT_S):
            for statement in _START_AGAIN:
                db.execute(statement, {"tenant": tenant_id})
        db.execute(_COUNTED, {"tenant": tenant_id, "counted_as": counted_as})
        newest = _state(db, tenant_id, settings).newest or 0
        return Progress(newest, _left(db, tenant_id, newest))
    if state.newest is None:
        return Progress(0, 0)
    newest = progress.newest if progress else state.newest
    days = _count(db, tenant_id, settings, newest, most)
    for kind in {kind for kind, _ in days}:
        params = {
            "tenant": tenant_id,
            "kind": kind,
            "days": [dt.date.fromisoformat(day) for of_kind, day in days if of_kind == kind],
        }
        db.execute(_FIND_EXTREMES, params)
        db.execute(_DELETE_EXTREMES, params)
    db.execute(_COUNTED, {"tenant": tenant_id, "counted_as": counted_as})
    return Progress(newest, _left(db, tenant_id, newest))


def prices_in(settings: MetricSettings, listed: list[stored_settings.Price]) -> list[OwnPrice]:
    """The tenant's own prices, each from the first instant of its day in the tenant's zone."""
    return [
        OwnPrice(
            price.model,
            start_of(price.starts_on, settings.time_zone),
            price.input_usd,
            price.cached_usd,
            price.output_usd,
        )
        for price in listed
    ]


def acquire_lock(db: Connection, tenant_id: str) -> None:
    """Lock the counting of the tenant until the transaction ends; wait while another transaction has it locked."""
    db.execute(_LOCK, {"tenant": tenant_id})


def recount_model(db: Connection, tenant_id: str, model: str) -> None:
    """Queue all rows whose price depends on this model's, after it has changed.

    The caller has changed the price under :func:`acquire_lock`, so that nobody counts at the old price meanwhile.
    """
    models = [name for name in db.scalars(_MODELS, {"tenant": tenant_id}) if model in pricing.price_names(name)]
    db.execute(_DELETE_TARIFFS, {"tenant": tenant_id, "models": models})
    db.execute(_ROWS_OF_MODELS, {"tenant": tenant_id, "models": models})


def _count(db: Connection, tenant_id: str, settings: MetricSettings, newest: int, most: int) -> list[tuple[str, str]]:
    """Run the counting statement; return the kinds and days whose shortest or longest latency must be found again."""
    own: list[OwnPrice] | None = None
    params: dict[str, Any] = {
        "tenant": tenant_id, "newest": newest, "most": most, "zone": settings.time_zone, "edges": list(EDGES),
        "first": pricing.ALWAYS, "last": pricing.FOREVER, "undated": NO_DAY, "trust_new": True, "free": FREE,
    }  # fmt: skip
    while True:
        try:
            with db.begin_nested() as attempt:
                counted = db.execute(_COUNT, params).one()
                if counted.models_without_tariff:
                    attempt.rollback()
        except IntegrityError:  # a row that is said to be new was counted before, for another reason
            if not params["trust_new"]:
                raise
            params["trust_new"] = False
            continue
        if not counted.models_without_tariff:
            return [(kind, day) for kind, day in counted.days_without_extremes]
        if own is None:
            own = prices_in(settings, stored_settings.prices(db, tenant_id))
        for model, tier in counted.models_without_tariff:
            tariffs = pricing.tariffs(model, tier, own)
            names = {"tenant": tenant_id, "model": model, "tier": tier}
            db.execute(_ADD_TARIFF, [{**names, **vars(tariff)} for tariff in tariffs])


def _state(db: Connection, tenant_id: str, settings: MetricSettings) -> Any:
    return db.execute(_STATE, {"tenant": tenant_id, "zone": settings.time_zone}).one()


def _left(db: Connection, tenant_id: str, newest: int) -> int:
    return int(db.execute(_LEFT, {"tenant": tenant_id, "newest": newest}).scalar_one())


def _counted_as(settings: MetricSettings, clock: str) -> str:
    return f"{COUNTING_VERSION} · {settings.time_zone} {clock} · {pricing.edition()}"
