"""Counting: the rows that changed since somebody last looked become facts, and the facts sums a day.

Writers leave the ids of their rows in ``studio_metric_changes`` (triggers, see the migration). Whoever looks takes
them away, reads those rows as they are now, compares with what they were counted as, and adds the difference. So what
a look costs depends on how much has changed, and a row is never counted as anything but what it is.
"""

from __future__ import annotations

import datetime as dt
from typing import Any

from sqlalchemy import Connection, text

from lib import pricing
from lib.measures import EDGES, Settings, start_of
from lib.pricing import OwnPrice
from lib.store import metric_settings

MOST = 20_000
"""Changes that one transaction counts."""
EDITION = 1
"""Of the counting itself: another one, and everything is counted again."""

SIGNED = """
    SELECT signed.*, facet, value FROM signed CROSS JOIN LATERAL (VALUES
        ('all', ''),
        ('model', studio_metric_key(model)),
        ('tone', studio_metric_key(tone)),
        ('source', studio_metric_key(source)),
        ('prompt', studio_metric_key(prompt_version)),
        ('hour', CASE WHEN kind = 'feed' THEN lpad(hour::text, 2, '0') END),
        ('outcome', CASE WHEN kind = 'attempt' THEN studio_metric_key(outcome) END)
    ) AS facets (facet, value) WHERE value IS NOT NULL
"""
"""What a fact counts into, by the facets that the page breaks figures down by."""

_FACT = (
    "kind, row_id, day, hour, created_at, model, tier, tone, source, prompt_version, outcome, job_id, kept, "
    "latency_ms, bin, prompt, cached, written, completion, reasoning, cost"
)
_SET_FACT = ", ".join(f"{name.strip()} = excluded.{name.strip()}" for name in _FACT.split(",")[2:])
_ADDED = (
    "rows", "kept", "timed", "latency_sum", "used", "prompt", "cached", "written", "completion", "reasoning", "priced",
    "cost",
)  # fmt: skip
_ADD_CELL = ", ".join(f"{name} = cells.{name} + excluded.{name}" for name in _ADDED)

_STATE = text("""
    SELECT (SELECT counted_as FROM studio_metric_states WHERE tenant_id = :tenant),
        coalesce((SELECT version FROM studio_metric_states WHERE tenant_id = :tenant), 0),
        EXISTS (SELECT FROM studio_metric_changes WHERE tenant_id = :tenant),
        clock_timestamp()
""")
_LEFT = text("SELECT count(*) FROM studio_metric_changes WHERE tenant_id = :tenant")
_TURN = text("SELECT pg_advisory_xact_lock(hashtextextended('studio_metrics:' || :tenant, 0))")
_MARK = text("""
    INSERT INTO studio_metric_states AS states (tenant_id, counted_as, version) VALUES (:tenant, :counted_as, 1)
    ON CONFLICT (tenant_id) DO UPDATE SET counted_as = excluded.counted_as, version = states.version + 1
""")
_FORGET = [
    text(f"DELETE FROM studio_metric_{table} WHERE tenant_id = :tenant")
    for table in ("changes", "facts", "cells", "latencies", "tariffs")
]
_ALL_ROWS = text("""
    INSERT INTO studio_metric_changes (tenant_id, kind, row_id)
    SELECT :tenant, 'feed', instagram_feed_id FROM instagram_feeds WHERE tenant_id = :tenant
    UNION ALL
    SELECT :tenant, 'attempt', attempt_id FROM studio_attempts WHERE tenant_id = :tenant AND outcome IS NOT NULL
""")
_OF_MODEL = text("""
    INSERT INTO studio_metric_changes (tenant_id, kind, row_id)
    SELECT :tenant, kind, row_id FROM studio_metric_facts WHERE tenant_id = :tenant AND model = :model
""")
_FORGET_TARIFFS = text("DELETE FROM studio_metric_tariffs WHERE tenant_id = :tenant AND model = :model")
_ADD_TARIFF = text("""
    INSERT INTO studio_metric_tariffs (
        tenant_id, model, tier, starts_at, ends_at, prompt_over, prompt_to, input, cached, written, output
    ) VALUES (
        :tenant, :model, :tier, :starts_at, :ends_at, :prompt_over, :prompt_to, :input, :cached, :written, :output
    ) ON CONFLICT DO NOTHING
""")

_COUNT = text(f"""
    WITH taken AS (
        DELETE FROM studio_metric_changes WHERE tenant_id = :tenant AND entry IN (
            SELECT entry FROM studio_metric_changes WHERE tenant_id = :tenant ORDER BY entry LIMIT :most
        ) RETURNING kind, row_id
    ), touched AS MATERIALIZED (
        SELECT DISTINCT kind, row_id FROM taken
    ), seen AS (
        SELECT touched.kind, touched.row_id, feed.created_at, feed.gpt_model_name::text AS model,
            left(feed.gpt_response_raw ->> 'service_tier', 100) AS tier, feed.tone_style AS tone,
            coalesce(made.source, 'pipeline') AS source, made.prompt_version, NULL AS outcome, feed.job_id,
            coalesce(state.status IN ('approved', 'posted'), false) AS kept, feed.latency_ms, feed.token_usage
        FROM touched
        JOIN instagram_feeds AS feed ON feed.tenant_id = :tenant AND feed.instagram_feed_id = touched.row_id
        LEFT JOIN LATERAL (
            SELECT source, prompt_version FROM studio_generations
            WHERE tenant_id = :tenant AND instagram_feed_id = touched.row_id LIMIT 1
        ) AS made ON true
        LEFT JOIN studio_feed_states AS state ON state.tenant_id = :tenant AND state.feed_id = touched.row_id
        WHERE touched.kind = 'feed'
        UNION ALL
        SELECT touched.kind, touched.row_id, attempt.created_at, coalesce(attempt.model_name, request ->> 'model'),
            left(attempt.response ->> 'service_tier', 100), made.brief ->> 'tone_style', made.source,
            made.prompt_version,
            CASE WHEN attempt.outcome = 'failed' THEN concat('failed:', attempt.error_code) ELSE attempt.outcome END,
            NULL, false, attempt.latency_ms, attempt.token_usage
        FROM touched
        JOIN studio_attempts AS attempt ON attempt.tenant_id = :tenant AND attempt.attempt_id = touched.row_id
        JOIN studio_generations AS made
            ON made.tenant_id = :tenant AND made.generation_id = attempt.generation_id
        WHERE touched.kind = 'attempt' AND attempt.outcome IS NOT NULL
    ), told AS (
        SELECT seen.*, created_at >= :first AND created_at < :last AS dated, created_at AT TIME ZONE :zone AS local,
            CASE WHEN latency_ms >= 0 AND latency_ms < 'infinity' THEN latency_ms END AS latency,
            studio_token_count(token_usage -> 'prompt_tokens') AS prompt,
            studio_token_count(token_usage -> 'completion_tokens') AS completion,
            studio_token_part(token_usage -> 'prompt_tokens_details', 'cached_tokens') AS cached,
            studio_token_part(token_usage -> 'prompt_tokens_details', 'cache_write_tokens') AS written,
            studio_token_count(token_usage -> 'completion_tokens_details' -> 'reasoning_tokens') AS reasoning
        FROM seen
    ), read AS MATERIALIZED (
        SELECT told.*, coalesce(completion >= 0 AND cached + written <= prompt, false) AS usable FROM told
    ), fresh AS MATERIALIZED (
        SELECT read.kind, read.row_id,
            CASE WHEN dated THEN local::date ELSE '0001-01-01' END AS day,
            CASE WHEN dated THEN extract(hour FROM local)::smallint ELSE 0::smallint END AS hour,
            CASE WHEN dated THEN read.created_at END AS created_at,
            read.model, read.tier, tone, source, prompt_version, outcome, job_id, kept, latency AS latency_ms,
            CASE WHEN latency IS NOT NULL
                THEN width_bucket(latency, CAST(:edges AS double precision[]))::smallint END AS bin,
            CASE WHEN usable THEN read.prompt END AS prompt,
            CASE WHEN usable THEN read.cached END AS cached,
            CASE WHEN usable THEN read.written END AS written,
            CASE WHEN usable THEN completion END AS completion,
            CASE WHEN usable AND reasoning <= completion THEN reasoning END AS reasoning,
            CASE WHEN usable AND dated THEN (read.prompt - read.cached - read.written) * tariff.input
                + read.cached * tariff.cached + read.written * tariff.written + completion * tariff.output END AS cost
        FROM read LEFT JOIN studio_metric_tariffs AS tariff
            ON tariff.tenant_id = :tenant AND tariff.model = read.model AND tariff.tier = coalesce(read.tier, 'default')
            AND read.created_at >= tariff.starts_at AND read.created_at < tariff.ends_at
            AND read.prompt > tariff.prompt_over AND read.prompt <= tariff.prompt_to
    ), known AS MATERIALIZED (
        SELECT {_FACT} FROM studio_metric_facts JOIN touched USING (kind, row_id) WHERE tenant_id = :tenant
    ), gone AS MATERIALIZED (
        SELECT known.* FROM known LEFT JOIN fresh USING (kind, row_id)
        WHERE fresh.row_id IS NULL OR fresh.* IS DISTINCT FROM known.*
    ), come AS MATERIALIZED (
        SELECT fresh.* FROM fresh LEFT JOIN known USING (kind, row_id)
        WHERE known.row_id IS NULL OR fresh.* IS DISTINCT FROM known.*
    ), put AS (
        INSERT INTO studio_metric_facts (tenant_id, {_FACT}) SELECT :tenant, {_FACT} FROM come
        ON CONFLICT (tenant_id, kind, row_id) DO UPDATE SET {_SET_FACT}
    ), removed AS (
        DELETE FROM studio_metric_facts AS facts USING gone
        WHERE facts.tenant_id = :tenant AND facts.kind = gone.kind AND facts.row_id = gone.row_id
            AND NOT EXISTS (SELECT FROM fresh WHERE fresh.kind = gone.kind AND fresh.row_id = gone.row_id)
    ), signed AS (
        SELECT 1 AS sign, * FROM come UNION ALL SELECT -1, * FROM gone
    ), faceted AS MATERIALIZED (
        {SIGNED}
    ), summed AS (
        INSERT INTO studio_metric_cells AS cells (
            tenant_id, kind, facet, day, value, rows, kept, timed, latency_sum, latency_min, latency_max,
            used, prompt, cached, written, completion, reasoning, priced, cost
        )
        SELECT :tenant, kind, facet, day, value, sum(sign),
            coalesce(sum(sign) FILTER (WHERE kept), 0), coalesce(sum(sign) FILTER (WHERE bin IS NOT NULL), 0),
            coalesce(sum(sign * latency_ms::numeric), 0),
            min(latency_ms) FILTER (WHERE sign = 1), max(latency_ms) FILTER (WHERE sign = 1),
            coalesce(sum(sign) FILTER (WHERE prompt IS NOT NULL), 0), coalesce(sum(sign * prompt::bigint), 0),
            coalesce(sum(sign * cached::bigint), 0), coalesce(sum(sign * written::bigint), 0),
            coalesce(sum(sign * completion::bigint), 0), coalesce(sum(sign * reasoning::bigint), 0),
            coalesce(sum(sign) FILTER (WHERE cost IS NOT NULL), 0), coalesce(sum(sign * cost), 0)
        FROM faceted GROUP BY kind, facet, day, value
        ON CONFLICT (tenant_id, kind, facet, day, value) DO UPDATE SET {_ADD_CELL},
            latency_min = least(cells.latency_min, excluded.latency_min),
            latency_max = greatest(cells.latency_max, excluded.latency_max)
    ), timed AS (
        INSERT INTO studio_metric_latencies AS latencies (tenant_id, kind, facet, day, value, bin, rows)
        SELECT :tenant, kind, facet, day, value, bin, sum(sign)
        FROM faceted WHERE bin IS NOT NULL AND facet <> 'hour' GROUP BY kind, facet, day, value, bin
        HAVING sum(sign) <> 0
        ON CONFLICT (tenant_id, kind, facet, day, value, bin) DO UPDATE SET rows = latencies.rows + excluded.rows
    )
    SELECT
        ARRAY(
            SELECT DISTINCT jsonb_build_array(read.model, coalesce(read.tier, 'default')) FROM read
            WHERE usable AND read.model IS NOT NULL AND NOT EXISTS (
                SELECT FROM studio_metric_tariffs AS tariff WHERE tariff.tenant_id = :tenant
                AND tariff.model = read.model AND tariff.tier = coalesce(read.tier, 'default'))
        ) AS unpriced,
        ARRAY(SELECT DISTINCT jsonb_build_array(kind, day) FROM gone) AS days
""")

_CLEAR = (
    *(
        text(f"DELETE FROM {table} WHERE tenant_id = :tenant AND kind = :kind AND day = ANY(:days) AND rows = 0")
        for table in ("studio_metric_cells", "studio_metric_latencies")
    ),
    # A removed latency may have been the shortest or the longest of its cells: only the facts know the next one.
    text(f"""
        UPDATE studio_metric_cells AS cells SET latency_min = extremes.low, latency_max = extremes.high
        FROM (
            WITH signed AS (
                SELECT {_FACT} FROM studio_metric_facts WHERE tenant_id = :tenant AND kind = :kind AND day = ANY(:days)
            ), faceted AS ({SIGNED})
            SELECT facet, day, value, min(latency_ms) AS low, max(latency_ms) AS high
            FROM faceted GROUP BY facet, day, value
        ) AS extremes
        WHERE cells.tenant_id = :tenant AND cells.kind = :kind AND cells.facet = extremes.facet
            AND cells.day = extremes.day AND cells.value = extremes.value
            AND (cells.latency_min, cells.latency_max) IS DISTINCT FROM (extremes.low, extremes.high)
    """),
)


def state(db: Connection, tenant_id: str, settings: Settings) -> tuple[int | None, dt.datetime]:
    """The version of the figures, None where rows wait to be counted; and the database's clock."""
    counted_as, version, waiting, now = db.execute(_STATE, {"tenant": tenant_id}).one()
    return (None if waiting or counted_as != _as_counted(settings) else version), now


def count(db: Connection, tenant_id: str, most: int = MOST) -> int:
    """Count the rows that changed, at most so many changes; returns how many are left for the next transaction.

    Whoever comes while another process counts for the same tenant waits for it.
    """
    db.execute(_TURN, {"tenant": tenant_id})
    settings = metric_settings.get(db, tenant_id)
    counted_as, _, waiting, _ = db.execute(_STATE, {"tenant": tenant_id}).one()
    if counted_as != _as_counted(settings):  # never, or in another zone, or at other prices
        for statement in _FORGET:
            db.execute(statement, {"tenant": tenant_id})
        db.execute(_ALL_ROWS, {"tenant": tenant_id})
    elif not waiting:
        return 0
    own = prices_in(settings, metric_settings.prices(db, tenant_id))
    asked: dict[str, Any] = {
        "tenant": tenant_id, "most": most, "zone": settings.time_zone, "edges": list(EDGES),
        "first": pricing.ALWAYS, "last": pricing.FOREVER,
    }  # fmt: skip
    while True:
        with db.begin_nested() as attempt:
            unpriced, days = db.execute(_COUNT, asked).one()
            if unpriced:  # a model that was never seen before: find its prices, and count again
                attempt.rollback()
        if not unpriced:
            break
        for model, tier in unpriced:
            _add_tariffs(db, tenant_id, model, tier, own)
    for kind in {kind for kind, _ in days}:
        told = {
            "tenant": tenant_id,
            "kind": kind,
            "days": [dt.date.fromisoformat(day) for of, day in days if of == kind],
        }
        for statement in _CLEAR:
            db.execute(statement, told)
    db.execute(_MARK, {"tenant": tenant_id, "counted_as": _as_counted(settings)})
    left: int = db.execute(_LEFT, {"tenant": tenant_id}).scalar_one()
    return left


def prices_in(settings: Settings, listed: list[metric_settings.Price]) -> list[OwnPrice]:
    """The tenant's own prices, each from the first instant of its day in the tenant's zone."""
    return [
        OwnPrice(one.model, start_of(one.starts_on, settings.time_zone), one.input_usd, one.cached_usd, one.output_usd)
        for one in listed
    ]


def recount_model(db: Connection, tenant_id: str, model: str) -> None:
    """The model's price has changed: what was counted of it is counted again at the next look."""
    db.execute(_FORGET_TARIFFS, {"tenant": tenant_id, "model": model})
    db.execute(_OF_MODEL, {"tenant": tenant_id, "model": model})


def _as_counted(settings: Settings) -> str:
    return f"{EDITION} · {settings.time_zone} · {pricing.edition()}"


def _add_tariffs(db: Connection, tenant_id: str, model: str, tier: str, own: list[OwnPrice]) -> None:
    found = pricing.tariffs(model, tier, own)
    db.execute(_ADD_TARIFF, [{"tenant": tenant_id, "model": model, "tier": tier, **vars(one)} for one in found])
