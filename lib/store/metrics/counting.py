"""Counting: the rows that changed since somebody last looked become facts, and the facts sums a day.

Writers leave the ids of their rows in ``studio_metric_changes`` (triggers, see the migration). Whoever looks takes
them away, reads those rows as they are now, compares with what they were counted as, and adds the difference. So what
a look costs depends on how much has changed, and a row is never counted as anything but what it is.
"""

from __future__ import annotations

import datetime as dt
from typing import Any

from sqlalchemy import Connection, text
from sqlalchemy.exc import IntegrityError

from lib.domain import pricing
from lib.domain.latency_histogram import EDGES
from lib.domain.periods import NO_DAY, start_of
from lib.domain.pricing import OwnPrice
from lib.store.database import statement_timeout
from lib.store.metrics import settings as stored_settings
from lib.store.metrics.settings import MetricSettings

MOST = 20_000
"""Changes that one transaction counts."""
LONGEST_S = 600.0
"""What beginning anew may take, with millions of rows."""
COUNTING_VERSION = 2
"""Of the counting itself: another one, and everything is counted again."""

_PARTED = "grouping(model, tone, source, prompt_version, hour, outcome)"
"""A bit for each of them, set where it is *not* grouped by."""
_FACET = f"""
    CASE {_PARTED} WHEN 31 THEN 'model' WHEN 47 THEN 'tone' WHEN 55 THEN 'source' WHEN 59 THEN 'prompt'
        WHEN 61 THEN 'hour' WHEN 62 THEN 'outcome' ELSE 'all' END AS facet,
    CASE {_PARTED} WHEN 31 THEN studio_metric_key(model) WHEN 47 THEN studio_metric_key(tone)
        WHEN 55 THEN studio_metric_key(source) WHEN 59 THEN studio_metric_key(prompt_version)
        WHEN 61 THEN lpad(hour::text, 2, '0') WHEN 62 THEN studio_metric_key(outcome) ELSE '' END AS value
"""
_EACH_FACET = """
    GROUPING SETS ((), (model), (tone), (source), (prompt_version), (hour), (outcome))
    HAVING (grouping(hour) = 1 OR kind = 'feed') AND (grouping(outcome) = 1 OR kind = 'attempt')
"""
"""Into what a fact counts: once into the whole, and once into each facet that the page breaks figures down by."""

_COUNTED_AS = (
    "hour", "created_at", "model", "tier", "tone", "source", "prompt_version", "outcome", "job_id", "kept",
    "latency_ms", "bin", "prompt", "cached", "written", "completion", "reasoning", "cost",
)  # fmt: skip
"""What a fact says of its row."""
_FACTS = ", ".join(("kind", "row_id", "day", *_COUNTED_AS))
_KNOWN = ", ".join(f"one.{name}" for name in ("kind", "row_id", "day", *_COUNTED_AS))
_TOLD = "created_at, model, tier, tone, job_id, latency_ms"
"""What a row says that it is counted by, beside its usage of tokens."""
_SET_FACT = ", ".join(f"{name} = changed.{name}" for name in _COUNTED_AS)
_SUMMED = (
    "rows", "kept", "timed", "latency_sum", "used", "prompt", "cached", "written", "completion", "reasoning", "priced",
    "cost",
)  # fmt: skip
_ADD_CELL = ", ".join(f"{name} = cells.{name} + excluded.{name}" for name in _SUMMED)
_SUMS = ", ".join(_SUMMED)

_STATE = text("""
    SELECT (SELECT counted_as FROM studio_metric_states WHERE tenant_id = :tenant),
        coalesce((SELECT version FROM studio_metric_states WHERE tenant_id = :tenant), 0),
        EXISTS (SELECT FROM studio_metric_changes WHERE tenant_id = :tenant),
        clock_timestamp(),
        (SELECT left(md5(string_agg((instant AT TIME ZONE :zone)::text, ' ' ORDER BY instant)), 8)
         FROM generate_series(TIMESTAMPTZ '2000-01-01 00:00+00', '2040-01-01 00:00+00', '6 months') AS instant)
""")
"""With a mark of how the database's clock goes in the zone: another edition of its rules, and days are cut anew."""
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
_NOT_NEW = text("UPDATE studio_metric_changes SET is_new = false WHERE tenant_id = :tenant AND is_new")
_OF_MODEL = text("""
    INSERT INTO studio_metric_changes (tenant_id, kind, row_id, created_at)
    SELECT :tenant, kind, row_id, created_at FROM studio_metric_facts WHERE tenant_id = :tenant AND model = :model
""")
_FORGET_TARIFFS = text("DELETE FROM studio_metric_tariffs WHERE tenant_id = :tenant AND model = :model")
_ADD_TARIFF = text("""
    INSERT INTO studio_metric_tariffs (
        tenant_id, model, tier, starts_at, ends_at, prompt_over, prompt_to, input, cached, written, output
    ) VALUES (
        :tenant, :model, :tier, :starts_at, :ends_at, :prompt_over, :prompt_to, :input, :cached, :cache_write, :output
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
        ) RETURNING kind, row_id, is_new AND :trusting AS is_new, {_TOLD}, token_usage
    ), others AS MATERIALIZED (
        SELECT kind, row_id, array_agg(created_at) AS instants FROM taken WHERE NOT is_new GROUP BY kind, row_id
    ), read AS (
        SELECT kind, row_id, true AS is_new, NULL AS instants, true AS there, {_TOLD}, used.*
        FROM taken, studio_token_usage(token_usage) AS used
        WHERE is_new AND (kind, row_id) NOT IN (SELECT kind, row_id FROM others)
        UNION ALL
        SELECT others.kind, others.row_id, false, instants, feed.* FROM others LEFT JOIN LATERAL (
            SELECT true, created_at, gpt_model_name, left(gpt_response_raw ->> 'service_tier', 100), tone_style, job_id,
                latency_ms, used.*
            FROM instagram_feeds, studio_token_usage(token_usage) AS used
            WHERE tenant_id = :tenant AND instagram_feed_id = others.row_id LIMIT 1
        ) AS feed ON true
        WHERE others.kind = 'feed'
    ), seen AS (
        SELECT read.*, coalesce(made.source, 'pipeline') AS source, made.prompt_version, NULL AS outcome,
            coalesce(state.status IN ('approved', 'posted'), false) AS kept
        FROM read
        LEFT JOIN LATERAL (
            SELECT source, prompt_version FROM studio_generations
            WHERE tenant_id = :tenant AND instagram_feed_id = read.row_id
                AND EXISTS (SELECT FROM studio_generations WHERE tenant_id = :tenant) LIMIT 1
        ) AS made ON true
        LEFT JOIN LATERAL (
            SELECT status FROM studio_feed_states WHERE tenant_id = :tenant AND feed_id = read.row_id
                AND EXISTS (SELECT FROM studio_feed_states WHERE tenant_id = :tenant) LIMIT 1
        ) AS state ON true
        UNION ALL
        SELECT others.kind, others.row_id, false, instants, attempt.there AND made.there, attempt.created_at,
            attempt.model, attempt.tier, made.tone, NULL, attempt.latency_ms,
            attempt.prompt, attempt.cached, attempt.written, attempt.completion, attempt.reasoning,
            made.source, made.prompt_version, attempt.outcome, false
        FROM others
        LEFT JOIN LATERAL (
            SELECT true AS there, generation_id, created_at,
                coalesce(model_name, request ->> 'model') AS model,
                left(response ->> 'service_tier', 100) AS tier, latency_ms, used.*,
                CASE WHEN outcome = 'failed' THEN concat('failed:', error_code) ELSE outcome END AS outcome
            FROM studio_attempts, studio_token_usage(token_usage) AS used
            WHERE tenant_id = :tenant AND attempt_id = others.row_id AND outcome IS NOT NULL LIMIT 1
        ) AS attempt ON true
        LEFT JOIN LATERAL (
            SELECT true AS there, brief ->> 'tone_style' AS tone, source, prompt_version
            FROM studio_generations
            WHERE tenant_id = :tenant AND generation_id = attempt.generation_id LIMIT 1
        ) AS made ON true
        WHERE others.kind = 'attempt'
    ), told AS (
        SELECT kind, row_id, is_new, instants, there, created_at, tier, source, prompt_version, outcome, job_id, kept,
            prompt, cached, written, completion, reasoning,
            nullif(studio_value(model), '-') AS model, nullif(studio_value(tone), '-') AS tone,
            CASE WHEN created_at >= :first AND created_at < :last THEN created_at AT TIME ZONE :zone END AS local,
            CASE WHEN latency_ms >= 0 AND latency_ms < 'infinity' THEN latency_ms END AS latency
        FROM seen
    ), understood AS (
        SELECT told.*, coalesce(local::date, :undated) AS day, local IS NOT NULL AS dated,
            coalesce(completion >= 0 AND cached + written <= prompt, false) AS usable FROM told
    ), counted AS (
        SELECT there, is_new, kind, row_id, day,
            CASE WHEN NOT is_new THEN day || ARRAY(
                SELECT CASE WHEN instant >= :first AND instant < :last THEN (instant AT TIME ZONE :zone)::date
                    ELSE :undated END
                FROM unnest(instants) AS instant
            ) END AS days,
            CASE WHEN dated THEN extract(hour FROM local)::smallint ELSE 0::smallint END AS hour,
            CASE WHEN dated THEN created_at END AS created_at,
            model, tier, tone, source, prompt_version, outcome, job_id, kept, latency AS latency_ms,
            CASE WHEN latency IS NOT NULL
                THEN width_bucket(latency, CAST(:edges AS double precision[]))::smallint END AS bin,
            CASE WHEN usable THEN prompt END AS prompt, CASE WHEN usable THEN told.cached END AS cached,
            CASE WHEN usable THEN told.written END AS written, CASE WHEN usable THEN completion END AS completion,
            CASE WHEN usable AND reasoning <= completion THEN reasoning END AS reasoning,
            CASE WHEN usable AND dated THEN (prompt - told.cached - told.written) * tariff.input
                + told.cached * tariff.cached + told.written * tariff.written + completion * tariff.output END AS cost,
            usable AND model IS NOT NULL AND listed IS NULL AS unlisted
        FROM understood AS told LEFT JOIN LATERAL (
            SELECT true AS listed, input, cached, written, output FROM studio_metric_tariffs AS tariff
            WHERE tariff.tenant_id = :tenant AND tariff.model = told.model
                AND tariff.tier = coalesce(told.tier, 'default')
                AND told.created_at >= tariff.starts_at AND told.created_at < tariff.ends_at
                AND told.prompt > tariff.prompt_over AND told.prompt <= tariff.prompt_to LIMIT 1
        ) AS tariff ON true
    ), changed AS MATERIALIZED (
        SELECT counted.*, known,
            known IS NULL OR day <> ALL(ARRAY(SELECT one.day FROM unnest(known) AS one)) AS is_added
        FROM counted CROSS JOIN LATERAL (
            SELECT array_agg(facts) AS known FROM studio_metric_facts AS facts WHERE NOT counted.is_new
                AND facts.tenant_id = :tenant AND facts.kind = counted.kind AND facts.row_id = counted.row_id
                AND facts.day = ANY(counted.days)
        ) AS facts
        WHERE unlisted OR CASE WHEN known IS NULL THEN there ELSE there IS NULL
            OR known IS DISTINCT FROM ARRAY[ROW(CAST(:tenant AS varchar), {_FACTS})::studio_metric_facts] END
    ), added AS (
        INSERT INTO studio_metric_facts (tenant_id, {_FACTS})
        SELECT :tenant, {_FACTS} FROM changed WHERE there AND is_added
    ), altered AS (
        UPDATE studio_metric_facts AS facts SET {_SET_FACT} FROM changed
        WHERE there AND NOT is_added AND facts.tenant_id = :tenant
            AND facts.day = changed.day AND facts.kind = changed.kind AND facts.row_id = changed.row_id
    ), removed AS (
        DELETE FROM studio_metric_facts AS facts USING (
            SELECT there, changed.day AS is_on, one.day, one.kind, one.row_id
            FROM changed CROSS JOIN LATERAL unnest(known) AS one
        ) AS gone
        WHERE (there IS NULL OR gone.day <> is_on) AND facts.tenant_id = :tenant
            AND facts.day = gone.day AND facts.kind = gone.kind AND facts.row_id = gone.row_id
    ), signed AS MATERIALIZED (
        SELECT 1 AS sign, {_FACTS} FROM changed WHERE there
        UNION ALL
        SELECT -1, {_KNOWN} FROM changed CROSS JOIN LATERAL unnest(known) AS one
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
    ), parted AS MATERIALIZED (
        SELECT kind, day, {_FACET}, sum(rows) AS rows, sum(kept) AS kept, sum(timed) AS timed,
            sum(latency_sum) AS latency_sum, min(latency_min) AS latency_min, max(latency_max) AS latency_max,
            min(gone_min) AS gone_min, max(gone_max) AS gone_max, sum(used) AS used, sum(prompt) AS prompt,
            sum(cached) AS cached, sum(written) AS written, sum(completion) AS completion,
            sum(reasoning) AS reasoning, sum(priced) AS priced, sum(cost) AS cost
        FROM grouped GROUP BY kind, day, {_EACH_FACET}
    ), summed AS (
        INSERT INTO studio_metric_cells AS cells (
            tenant_id, kind, facet, day, value, latency_min, latency_max, {_SUMS}
        )
        SELECT :tenant, kind, facet, day, value, CASE WHEN facet <> 'hour' THEN latency_min END,
            CASE WHEN facet <> 'hour' THEN latency_max END, {_SUMS}
        FROM parted
        ON CONFLICT (tenant_id, kind, facet, day, value) DO UPDATE SET {_ADD_CELL},
            latency_min = least(cells.latency_min, excluded.latency_min),
            latency_max = greatest(cells.latency_max, excluded.latency_max)
    ), binned AS MATERIALIZED (
        SELECT kind, day, 0 AS hour, model, tone, source, prompt_version, outcome, bin, sum(sign) AS rows
        FROM signed WHERE bin IS NOT NULL
        GROUP BY kind, day, model, tone, source, prompt_version, outcome, bin HAVING sum(sign) <> 0
    ), timed AS (
        INSERT INTO studio_metric_latencies AS latencies (tenant_id, kind, facet, span, begins, value, bins, counts)
        SELECT :tenant, kind, facet, span, begins, value, array_agg(bin ORDER BY bin), array_agg(rows ORDER BY bin)
        FROM (
            SELECT kind, facet, span, begins, value, bin, sum(rows)::integer AS rows
            FROM (
                SELECT kind, day, bin, {_FACET}, sum(rows) AS rows FROM binned GROUP BY kind, day, bin, {_EACH_FACET}
            ) AS of_days CROSS JOIN LATERAL (VALUES
                ('day', day),
                ('week', date_trunc('week', day::timestamp)::date),
                ('month', date_trunc('month', day::timestamp)::date)
            ) AS spans (span, begins)
            WHERE facet <> 'hour' GROUP BY kind, facet, span, begins, value, bin
        ) AS spread GROUP BY kind, facet, span, begins, value
        ON CONFLICT (tenant_id, kind, facet, span, begins, value) DO UPDATE SET (bins, counts) = (
            SELECT coalesce(array_agg(bin ORDER BY bin), '{{}}'), coalesce(array_agg(rows ORDER BY bin), '{{}}') FROM (
                SELECT bin, sum(rows)::integer AS rows FROM (
                    SELECT unnest(latencies.bins) AS bin, unnest(latencies.counts) AS rows
                    UNION ALL
                    SELECT unnest(excluded.bins), unnest(excluded.counts)
                ) AS both_of_them GROUP BY bin HAVING sum(rows) <> 0
            ) AS together
        )
    )
    SELECT
        ARRAY(
            SELECT jsonb_build_array(model, tier) FROM (
                SELECT DISTINCT model, coalesce(tier, 'default') AS tier FROM changed WHERE unlisted
            ) AS met WHERE NOT EXISTS (
                SELECT FROM studio_metric_tariffs AS tariff
                WHERE tariff.tenant_id = :tenant AND tariff.model = met.model AND tariff.tier = met.tier)
        ) AS unpriced,
        ARRAY(
            SELECT DISTINCT jsonb_build_array(kind, day) FROM parted CROSS JOIN LATERAL (
                SELECT latency_min, latency_max FROM studio_metric_cells AS cells
                WHERE cells.tenant_id = :tenant AND cells.kind = parted.kind AND cells.facet = parted.facet
                    AND cells.day = parted.day AND cells.value = parted.value LIMIT 1
            ) AS was WHERE facet <> 'hour' AND (gone_min <= was.latency_min OR gone_max >= was.latency_max)
        ) AS days
""")

_FIND_EXTREMES = text(f"""
    UPDATE studio_metric_cells AS cells SET latency_min = extremes.low, latency_max = extremes.high
    FROM (
        SELECT kind, day, {_FACET}, min(latency_ms) AS low, max(latency_ms) AS high
        FROM studio_metric_facts WHERE tenant_id = :tenant AND kind = :kind AND day = ANY(:days)
        GROUP BY kind, day, {_EACH_FACET}
    ) AS extremes
    WHERE cells.tenant_id = :tenant AND cells.kind = :kind AND cells.facet = extremes.facet AND extremes.facet <> 'hour'
        AND cells.day = extremes.day AND cells.value = extremes.value
        AND (cells.latency_min, cells.latency_max) IS DISTINCT FROM (extremes.low, extremes.high)
""")
"""Of days from whose cells the shortest or the longest latency was taken: only the facts know the next one."""
_FORGET_EXTREMES = text("""
    UPDATE studio_metric_cells SET latency_min = NULL, latency_max = NULL
    WHERE tenant_id = :tenant AND kind = :kind AND day = ANY(:days) AND timed = 0 AND latency_min IS NOT NULL
""")
"""Of cells in which none is left."""


def state(db: Connection, tenant_id: str, settings: MetricSettings) -> tuple[int | None, dt.datetime]:
    """The version of the figures, None where rows wait to be counted; and the database's clock."""
    counted_as, version, waiting, now, clock = _state(db, tenant_id, settings)
    return (None if waiting or counted_as != _as_counted(settings, clock) else version), now


def count(db: Connection, tenant_id: str, most: int = MOST) -> int:
    """Count the rows that changed, at most so many changes; returns how many are left for the next transaction.

    Whoever comes while another process counts for the same tenant waits for it.
    """
    acquire_lock(db, tenant_id)
    settings = stored_settings.get(db, tenant_id)
    counted_as, _, waiting, _, clock = _state(db, tenant_id, settings)
    if counted_as != _as_counted(settings, clock):  # never, or in another zone, or at other prices
        with statement_timeout(db, LONGEST_S):
            for statement in (*_FORGET, _ALL_ROWS, _NOT_NEW):
                db.execute(statement, {"tenant": tenant_id})
    elif not waiting:
        return 0
    own = prices_in(settings, stored_settings.prices(db, tenant_id))
    asked: dict[str, Any] = {
        "tenant": tenant_id, "most": most, "zone": settings.time_zone, "edges": list(EDGES),
        "first": pricing.ALWAYS, "last": pricing.FOREVER, "undated": NO_DAY,
        "trusting": True,
    }  # fmt: skip
    while True:
        unpriced: list[tuple[str, str]] = []
        try:
            with db.begin_nested() as attempt:
                unpriced, days = db.execute(_COUNT, asked).one()
                if unpriced:  # a model that was never seen before: find its prices, and count again
                    attempt.rollback()
        except IntegrityError:  # counted already, for another reason than that it was new
            if not asked["trusting"]:
                raise
            asked["trusting"] = False
            continue
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
        db.execute(_FORGET_EXTREMES, told)
    db.execute(_MARK, {"tenant": tenant_id, "counted_as": _as_counted(settings, clock)})
    left: int = db.execute(_LEFT, {"tenant": tenant_id}).scalar_one()
    return left


def prices_in(settings: MetricSettings, listed: list[stored_settings.Price]) -> list[OwnPrice]:
    """The tenant's own prices, each from the first instant of its day in the tenant's zone."""
    return [
        OwnPrice(one.model, start_of(one.starts_on, settings.time_zone), one.input_usd, one.cached_usd, one.output_usd)
        for one in listed
    ]


def acquire_lock(db: Connection, tenant_id: str) -> None:
    """Wait until nobody counts for the tenant, and let nobody until the transaction ends."""
    db.execute(_TURN, {"tenant": tenant_id})


def recount_model(db: Connection, tenant_id: str, model: str) -> None:
    """The model's price has changed: what was counted of it is counted again at the next look.

    Whoever changes the price has waited for its :func:`turn`: what somebody is counting now, at the old price, is
    counted by then.
    """
    db.execute(_FORGET_TARIFFS, {"tenant": tenant_id, "model": model})
    db.execute(_OF_MODEL, {"tenant": tenant_id, "model": model})


def _state(db: Connection, tenant_id: str, settings: MetricSettings) -> Any:
    return db.execute(_STATE, {"tenant": tenant_id, "zone": settings.time_zone}).one()


def _as_counted(settings: MetricSettings, clock: str) -> str:
    return f"{COUNTING_VERSION} · {settings.time_zone} {clock} · {pricing.edition()}"


def _add_tariffs(db: Connection, tenant_id: str, model: str, tier: str, own: list[OwnPrice]) -> None:
    tariffs = pricing.tariffs(model, tier, own)
    rows = [{"tenant": tenant_id, "model": model, "tier": tier, **vars(tariff)} for tariff in tariffs]
    db.execute(_ADD_TARIFF, rows)
