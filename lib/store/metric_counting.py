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
from lib.store.database import patience

MOST = 20_000
"""Changes that one transaction counts."""
LONGEST_S = 600.0
"""What beginning anew may take, with millions of rows."""
EDITION = 2
"""Of the counting itself: another one, and everything is counted again."""

_BY_FACET = """
    CROSS JOIN LATERAL (VALUES
        ('all', ''),
        ('model', studio_metric_key(model)),
        ('tone', studio_metric_key(tone)),
        ('source', studio_metric_key(source)),
        ('prompt', studio_metric_key(prompt_version)),
        ('hour', CASE WHEN kind = 'feed' THEN lpad(hour::text, 2, '0') END),
        ('outcome', CASE WHEN kind = 'attempt' THEN studio_metric_key(outcome) END)
    ) AS facets (facet, value) WHERE value IS NOT NULL
"""
"""Into what a fact counts, by the facets that the page breaks figures down by."""

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

# Each row is looked up by its key, one after the other (LATERAL, with a LIMIT): how many there are is what PostgreSQL
# cannot know of a queue, and a plan made for the wrong number reads whole tables, or compares each row with each.
_COUNT = text(f"""
    WITH taken AS (
        DELETE FROM studio_metric_changes WHERE tenant_id = :tenant AND entry <= (
            SELECT max(entry) FROM (
                SELECT entry FROM studio_metric_changes WHERE tenant_id = :tenant ORDER BY entry LIMIT :most
            ) AS oldest
        ) RETURNING kind, row_id
    ), touched AS MATERIALIZED (
        SELECT DISTINCT kind, row_id FROM taken
    ), seen AS (
        SELECT touched.kind, touched.row_id, feed.*, coalesce(made.source, 'pipeline') AS source, made.prompt_version,
            NULL AS outcome, coalesce(state.status IN ('approved', 'posted'), false) AS kept
        FROM touched
        LEFT JOIN LATERAL (
            SELECT true AS there, created_at, nullif(studio_value(gpt_model_name), '-') AS model,
                left(gpt_response_raw ->> 'service_tier', 100) AS tier, nullif(studio_value(tone_style), '-') AS tone,
                job_id, latency_ms,
                token_usage
            FROM instagram_feeds WHERE tenant_id = :tenant AND instagram_feed_id = touched.row_id LIMIT 1
        ) AS feed ON true
        LEFT JOIN LATERAL (
            SELECT source, prompt_version FROM studio_generations
            WHERE tenant_id = :tenant AND instagram_feed_id = touched.row_id LIMIT 1
        ) AS made ON true
        LEFT JOIN LATERAL (
            SELECT status FROM studio_feed_states WHERE tenant_id = :tenant AND feed_id = touched.row_id LIMIT 1
        ) AS state ON true
        WHERE touched.kind = 'feed'
        UNION ALL
        SELECT touched.kind, touched.row_id, attempt.there AND made.there, attempt.created_at, attempt.model,
            attempt.tier, made.tone, NULL, attempt.latency_ms, attempt.token_usage, made.source, made.prompt_version,
            attempt.outcome, false
        FROM touched
        LEFT JOIN LATERAL (
            SELECT true AS there, generation_id, created_at,
                nullif(studio_value(coalesce(model_name, request ->> 'model')), '-') AS model,
                left(response ->> 'service_tier', 100) AS tier, latency_ms, token_usage,
                CASE WHEN outcome = 'failed' THEN concat('failed:', error_code) ELSE outcome END AS outcome
            FROM studio_attempts
            WHERE tenant_id = :tenant AND attempt_id = touched.row_id AND outcome IS NOT NULL LIMIT 1
        ) AS attempt ON true
        LEFT JOIN LATERAL (
            SELECT true AS there, nullif(studio_value(brief ->> 'tone_style'), '-') AS tone, source, prompt_version
            FROM studio_generations
            WHERE tenant_id = :tenant AND generation_id = attempt.generation_id LIMIT 1
        ) AS made ON true
        WHERE touched.kind = 'attempt'
    ), told AS (
        SELECT seen.*, created_at >= :first AND created_at < :last AS dated, created_at AT TIME ZONE :zone AS local,
            CASE WHEN latency_ms >= 0 AND latency_ms < 'infinity' THEN latency_ms END AS latency,
            studio_token_count(used.prompt) AS prompt, studio_token_count(used.completion) AS completion,
            studio_token_part(used.details, parts.cached) AS cached,
            studio_token_part(used.details, parts.written) AS written,
            studio_token_count(parts.reasoning) AS reasoning
        FROM seen
        CROSS JOIN LATERAL (  -- OFFSET 0: each is looked up once
            SELECT token_usage -> 'prompt_tokens' AS prompt, token_usage -> 'completion_tokens' AS completion,
                token_usage -> 'prompt_tokens_details' AS details, token_usage -> 'completion_tokens_details' AS more
            OFFSET 0
        ) AS used
        CROSS JOIN LATERAL (
            SELECT details -> 'cached_tokens' AS cached, details -> 'cache_write_tokens' AS written,
                more -> 'reasoning_tokens' AS reasoning OFFSET 0
        ) AS parts
    ), read AS MATERIALIZED (
        SELECT told.*, coalesce(completion >= 0 AND cached + written <= prompt, false) AS usable FROM told
    ), compared AS MATERIALIZED (
        SELECT CASE WHEN there THEN ROW(
            CAST(:tenant AS varchar), read.kind, read.row_id,
            CASE WHEN dated THEN local::date ELSE '0001-01-01'::date END,
            CASE WHEN dated THEN extract(hour FROM local)::smallint ELSE 0::smallint END,
            CASE WHEN dated THEN read.created_at END,
            read.model, read.tier, tone, source, prompt_version, outcome, job_id, kept, latency,
            CASE WHEN latency IS NOT NULL
                THEN width_bucket(latency, CAST(:edges AS double precision[]))::smallint END,
            CASE WHEN usable THEN read.prompt END,
            CASE WHEN usable THEN read.cached END,
            CASE WHEN usable THEN read.written END,
            CASE WHEN usable THEN completion END,
            CASE WHEN usable AND reasoning <= completion THEN reasoning END,
            CASE WHEN usable AND dated THEN (read.prompt - read.cached - read.written) * tariff.input
                + read.cached * tariff.cached + read.written * tariff.written + completion * tariff.output END
        )::studio_metric_facts END AS fresh, (
            SELECT facts FROM studio_metric_facts AS facts
            WHERE facts.tenant_id = :tenant AND facts.kind = read.kind AND facts.row_id = read.row_id
        ) AS known
        FROM read LEFT JOIN LATERAL (
            SELECT input, cached, written, output FROM studio_metric_tariffs AS tariff
            WHERE tariff.tenant_id = :tenant AND tariff.model = read.model
                AND tariff.tier = coalesce(read.tier, 'default')
                AND read.created_at >= tariff.starts_at AND read.created_at < tariff.ends_at
                AND read.prompt > tariff.prompt_over AND read.prompt <= tariff.prompt_to LIMIT 1
        ) AS tariff ON true
    ), changed AS MATERIALIZED (
        SELECT fresh, known FROM compared WHERE fresh IS DISTINCT FROM known
    ), put AS (
        INSERT INTO studio_metric_facts SELECT (fresh).* FROM changed WHERE NOT (fresh IS NULL)
        ON CONFLICT (tenant_id, kind, row_id) DO UPDATE SET {_SET_FACT}
    ), removed AS (
        DELETE FROM studio_metric_facts AS facts USING changed
        WHERE fresh IS NULL AND facts.tenant_id = :tenant
            AND facts.kind = (known).kind AND facts.row_id = (known).row_id
    ), signed AS MATERIALIZED (
        SELECT 1 AS sign, (fresh).* FROM changed WHERE NOT (fresh IS NULL)
        UNION ALL
        SELECT -1, (known).* FROM changed WHERE NOT (known IS NULL)
    ), grouped AS MATERIALIZED (
        SELECT kind, day, hour, model, tone, source, prompt_version, outcome, sum(sign) AS rows,
            coalesce(sum(sign) FILTER (WHERE kept), 0) AS kept,
            coalesce(sum(sign) FILTER (WHERE bin IS NOT NULL), 0) AS timed,
            coalesce(sum(sign * latency_ms::numeric), 0) AS latency_sum,
            min(latency_ms) FILTER (WHERE sign = 1) AS latency_min,
            max(latency_ms) FILTER (WHERE sign = 1) AS latency_max,
            min(latency_ms) FILTER (WHERE sign = -1) AS gone_min,
            max(latency_ms) FILTER (WHERE sign = -1) AS gone_max,
            coalesce(sum(sign) FILTER (WHERE prompt IS NOT NULL), 0) AS used,
            coalesce(sum(sign * prompt::bigint), 0) AS prompt, coalesce(sum(sign * cached::bigint), 0) AS cached,
            coalesce(sum(sign * written::bigint), 0) AS written,
            coalesce(sum(sign * completion::bigint), 0) AS completion,
            coalesce(sum(sign * reasoning::bigint), 0) AS reasoning,
            coalesce(sum(sign) FILTER (WHERE cost IS NOT NULL), 0) AS priced, coalesce(sum(sign * cost), 0) AS cost
        FROM signed GROUP BY kind, day, hour, model, tone, source, prompt_version, outcome
    ), summed AS (
        INSERT INTO studio_metric_cells AS cells (
            tenant_id, kind, facet, day, value, rows, kept, timed, latency_sum, latency_min, latency_max,
            used, prompt, cached, written, completion, reasoning, priced, cost
        )
        SELECT :tenant, kind, facet, day, value, sum(rows), sum(kept), sum(timed), sum(latency_sum),
            min(latency_min) FILTER (WHERE facet <> 'hour'), max(latency_max) FILTER (WHERE facet <> 'hour'),
            sum(used), sum(prompt), sum(cached), sum(written), sum(completion),
            sum(reasoning), sum(priced), sum(cost)
        FROM grouped {_BY_FACET} GROUP BY kind, facet, day, value
        ON CONFLICT (tenant_id, kind, facet, day, value) DO UPDATE SET {_ADD_CELL},
            latency_min = least(cells.latency_min, excluded.latency_min),
            latency_max = greatest(cells.latency_max, excluded.latency_max)
    ), binned AS MATERIALIZED (
        SELECT kind, day, 0 AS hour, model, tone, source, prompt_version, outcome, bin, sum(sign) AS rows
        FROM signed WHERE bin IS NOT NULL
        GROUP BY kind, day, model, tone, source, prompt_version, outcome, bin HAVING sum(sign) <> 0
    ), timed AS (
        INSERT INTO studio_metric_latencies AS latencies (tenant_id, kind, facet, day, value, bin, rows)
        SELECT :tenant, kind, facet, day, value, bin, sum(rows)
        FROM binned {_BY_FACET} AND facet <> 'hour' GROUP BY kind, facet, day, value, bin
        ON CONFLICT (tenant_id, kind, facet, day, value, bin) DO UPDATE SET rows = latencies.rows + excluded.rows
    )
    SELECT
        ARRAY(
            SELECT jsonb_build_array(model, tier) FROM (
                SELECT DISTINCT model, coalesce(tier, 'default') AS tier FROM read WHERE usable AND model IS NOT NULL
            ) AS met WHERE NOT EXISTS (
                SELECT FROM studio_metric_tariffs AS tariff
                WHERE tariff.tenant_id = :tenant AND tariff.model = met.model AND tariff.tier = met.tier)
        ) AS unpriced,
        ARRAY(
            SELECT DISTINCT jsonb_build_array(kind, day) FROM (
                SELECT kind, facet, day, value, min(gone_min) AS low, max(gone_max) AS high
                FROM grouped {_BY_FACET} AND gone_min IS NOT NULL AND facet <> 'hour' GROUP BY kind, facet, day, value
            ) AS gone CROSS JOIN LATERAL (
                SELECT latency_min, latency_max FROM studio_metric_cells AS cells
                WHERE cells.tenant_id = :tenant AND cells.kind = gone.kind AND cells.facet = gone.facet
                    AND cells.day = gone.day AND cells.value = gone.value LIMIT 1
            ) AS was WHERE low <= latency_min OR high >= latency_max
        ) AS days
""")

_FIND_EXTREMES = text(f"""
    UPDATE studio_metric_cells AS cells SET latency_min = extremes.low, latency_max = extremes.high
    FROM (
        SELECT facet, day, value, min(latency_ms) AS low, max(latency_ms) AS high
        FROM studio_metric_facts {_BY_FACET}
            AND tenant_id = :tenant AND kind = :kind AND day = ANY(:days) AND facet <> 'hour'
        GROUP BY facet, day, value
    ) AS extremes
    WHERE cells.tenant_id = :tenant AND cells.kind = :kind AND cells.facet = extremes.facet
        AND cells.day = extremes.day AND cells.value = extremes.value
        AND (cells.latency_min, cells.latency_max) IS DISTINCT FROM (extremes.low, extremes.high)
""")
"""Of days from whose cells the shortest or the longest latency was taken: only the facts know the next one."""


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
        with patience(db, LONGEST_S):
            for statement in (*_FORGET, _ALL_ROWS):
                db.execute(statement, {"tenant": tenant_id})
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
        db.execute(_FIND_EXTREMES, told)
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
