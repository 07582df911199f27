"""Counts changed rows: what each row is counted as, and from that the totals and latencies of each day.

Whoever writes a row leaves its id in ``studio_metric_changes`` (by triggers, see ``lib/store/functions``). Before the
figures are read, the changed rows are looked up and compared with what they were counted as, and the difference is
added. So the cost of a refresh grows with the rows that changed since the last one, and every row is counted from its
current state.
"""

from __future__ import annotations

import datetime as dt
import functools
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

from sqlalchemy import Connection, text
from sqlalchemy.exc import IntegrityError, OperationalError

from lib.domain import pricing
from lib.domain.completion import Outcome
from lib.domain.errors import FiguresBeingCounted
from lib.domain.errors.base import family
from lib.domain.errors.model import ModelFailed
from lib.domain.latency_histogram import EDGES
from lib.domain.periods import DEFAULT_ZONE, NO_DAY, start_of
from lib.domain.pricing import OwnPrice
from lib.store.database import LOCK_NOT_AVAILABLE, statement_timeout, use_memory
from lib.store.metrics import settings as stored_settings
from lib.store.metrics.settings import MetricSettings

MOST = 10_000
"""Changes that one transaction counts."""
TEAMS_AT_ONCE = 100
"""Tenants whose every row one transaction queues again."""
START_AGAIN_TIMEOUT_S = 600.0
"""Statement timeout of queueing every row again, for millions of rows."""
LOCK_TIMEOUT = "5s"
"""How long a change of prices waits for a chunk that is being counted; a chunk takes about two seconds."""
COUNTING_VERSION = 3
"""The version of the counting itself; with another one, every row is counted again."""

FREE = [
    *(outcome.value for outcome in Outcome if outcome.never_billed),
    *(f"failed:{code}" for code, error in family(ModelFailed).items() if error.never_billed),
]
"""The outcomes, as they are counted, of requests that certainly cost nothing."""

_SET_LOCK_TIMEOUT = text("SELECT set_config('lock_timeout', :timeout, true)")
_COUNT = text((Path(__file__).parent / "count.sql").read_text(encoding="utf-8"))
_STATES = text("""
    WITH teams AS MATERIALIZED (
        SELECT tenant, coalesce(time_zone, :zone) AS zone, budget_usd, krw_per_usd, krw_rate_on
        FROM unnest(CAST(:tenants AS text[])) AS team (tenant)
        LEFT JOIN studio_tenant_settings AS settings ON settings.tenant_id = tenant
    ),
    clocks AS MATERIALIZED (
        SELECT zone, studio_zone_rules(zone) AS clock FROM (SELECT DISTINCT zone FROM teams) AS zones
    )
    SELECT tenant, zone, budget_usd, krw_per_usd, krw_rate_on, clock, counted_as, coalesce(version, 0) AS version,
        newest, clock_timestamp() AS now
    FROM teams JOIN clocks USING (zone)
    LEFT JOIN studio_metric_states AS state ON state.tenant_id = tenant
    CROSS JOIN LATERAL (SELECT max(entry) AS newest FROM studio_metric_changes WHERE tenant_id = tenant) AS queue
""")
_WAITING = text("""
    SELECT tenant, newest, waiting
    FROM unnest(CAST(:tenants AS text[]), CAST(:newest AS bigint[])) AS team (tenant, newest)
    CROSS JOIN LATERAL (
        SELECT count(*) AS waiting FROM studio_metric_changes WHERE tenant_id = tenant AND entry <= newest
    ) AS queue WHERE waiting > 0
""")
_TRY_LOCK = text("""
    SELECT tenant FROM unnest(CAST(:tenants AS text[])) AS team (tenant)
    WHERE pg_try_advisory_xact_lock(hashtextextended('studio_metrics:' || tenant, 0))
""")
_LOCK = text("SELECT pg_advisory_xact_lock(hashtextextended('studio_metrics:' || :tenant, 0))")
_COUNTED = text("""
    INSERT INTO studio_metric_states AS states (tenant_id, counted_as, version)
    SELECT tenant, counted_as, extract(epoch FROM clock_timestamp()) * 1000000
    FROM unnest(CAST(:tenants AS text[]), CAST(:counted_as AS text[])) AS team (tenant, counted_as)
    ON CONFLICT (tenant_id) DO UPDATE
    SET counted_as = excluded.counted_as, version = greatest(states.version + 1, excluded.version)
""")
"""A version is the time in microseconds, so that none comes back after a TRUNCATE or a restore."""
_START_AGAIN = [
    # What was spent on a caption that came and went since the last count is known from its change alone.
    text("""
        WITH taken AS (
            DELETE FROM studio_metric_changes
            WHERE tenant_id = ANY(:tenants) AND NOT (is_new AND kind = 'deleted') RETURNING *
        )
        INSERT INTO studio_metric_changes (
            tenant_id, kind, row_id, is_new, created_at, model, tier, prompt, cached, written, completion, reasoning
        )
        SELECT DISTINCT ON (tenant_id, row_id) tenant_id, 'deleted', row_id, true, created_at, model, tier, prompt,
            cached, written, completion, reasoning
        FROM taken
        WHERE is_new AND kind = 'feed' AND NOT studio_feed_exists(row_id) AND NOT EXISTS (
            SELECT FROM studio_metric_changes AS waiting
            WHERE waiting.tenant_id = taken.tenant_id AND waiting.kind = 'deleted' AND waiting.is_new
                AND waiting.row_id = taken.row_id
        )
    """),
    text("""
        INSERT INTO studio_metric_changes (tenant_id, kind, row_id)
        SELECT tenant_id, 'feed', instagram_feed_id FROM instagram_feeds WHERE tenant_id = ANY(:tenants)
        UNION ALL
        SELECT tenant_id, 'attempt', attempt_id FROM studio_attempts
        WHERE tenant_id = ANY(:tenants) AND outcome IS NOT NULL
    """),
    # A row that was inserted between the two statements above waits twice: only a row that waits once may be new.
    text("""
        UPDATE studio_metric_changes SET is_new = false
        WHERE tenant_id = ANY(:tenants) AND is_new AND kind <> 'deleted'
    """),
    text("""
        INSERT INTO studio_metric_changes (
            tenant_id, kind, row_id, is_new, created_at, model, tier, prompt, cached, written, completion, reasoning
        )
        SELECT tenant_id, 'deleted', row_id, true, created_at, model, tier, prompt, cached, written, completion,
            reasoning
        FROM studio_metric_facts AS facts
        WHERE tenant_id = ANY(:tenants) AND (kind = 'deleted' OR spent AND (
            kind = 'feed' AND NOT EXISTS (
                SELECT FROM instagram_feeds AS feed
                WHERE feed.tenant_id = facts.tenant_id AND feed.instagram_feed_id = facts.row_id
            ) AND NOT studio_feed_exists(row_id)
            OR kind = 'attempt' AND NOT EXISTS (
                SELECT FROM studio_attempts AS attempt
                WHERE attempt.tenant_id = facts.tenant_id AND attempt.attempt_id = facts.row_id
            )
        )) AND NOT EXISTS (
            SELECT FROM studio_metric_changes AS waiting
            WHERE waiting.tenant_id = facts.tenant_id AND waiting.kind = 'deleted' AND waiting.is_new
                AND waiting.row_id = facts.row_id
        )
    """),
    text("""
        INSERT INTO studio_metric_changed_days (tenant_id, kind, day)
        SELECT DISTINCT tenant_id, kind, day FROM studio_metric_cells WHERE tenant_id = ANY(:tenants)
    """),
    text("DELETE FROM studio_metric_facts WHERE tenant_id = ANY(:tenants)"),
    text("DELETE FROM studio_metric_cells WHERE tenant_id = ANY(:tenants)"),
    text("DELETE FROM studio_metric_latencies WHERE tenant_id = ANY(:tenants)"),
    text("DELETE FROM studio_metric_tariffs WHERE tenant_id = ANY(:tenants)"),
]
_MODELS = text("SELECT DISTINCT model FROM studio_metric_tariffs WHERE tenant_id = :tenant")
_ROWS_OF_MODELS = text("""
    INSERT INTO studio_metric_changes (tenant_id, kind, row_id, created_at)
    SELECT :tenant, kind, row_id, created_at FROM studio_metric_facts
    WHERE tenant_id = :tenant AND model = ANY(:models)
""")
_DELETE_TARIFFS = text("DELETE FROM studio_metric_tariffs WHERE tenant_id = :tenant AND model = ANY(:models)")
_ADD_TARIFFS = text("""
    INSERT INTO studio_metric_tariffs (
        tenant_id, model, tier, starts_at, ends_at, prompt_over, prompt_to, input, cached, written, output
    )
    SELECT * FROM unnest(
        CAST(:tenant AS text[]), CAST(:model AS text[]), CAST(:tier AS text[]), CAST(:starts_at AS timestamptz[]),
        CAST(:ends_at AS timestamptz[]), CAST(:prompt_over AS bigint[]), CAST(:prompt_to AS bigint[]),
        CAST(:input AS numeric[]), CAST(:cached AS numeric[]), CAST(:cache_write AS numeric[]),
        CAST(:output AS numeric[])
    ) ON CONFLICT DO NOTHING
""")
_FIND_EXTREMES = text("""
    UPDATE studio_metric_cells AS cells SET latency_min = extremes.low, latency_max = extremes.high
    FROM (
        SELECT tenant_id, kind, day, facet, value, min(latency_ms) AS low, max(latency_ms) AS high
        FROM unnest(CAST(:tenants AS text[]), CAST(:kinds AS text[]), CAST(:days AS date[]))
            AS at (tenant, of_kind, on_day)
        JOIN studio_metric_facts ON tenant_id = tenant AND kind = of_kind AND day = on_day
        CROSS JOIN LATERAL
            studio_metric_dimensions(kind, model, tone, source, prompt_version, hour, outcome, false)
        WHERE facet <> 'hour' GROUP BY tenant_id, kind, day, facet, value
    ) AS extremes
    WHERE cells.tenant_id = extremes.tenant_id AND cells.kind = extremes.kind AND cells.facet = extremes.facet
        AND cells.day = extremes.day AND cells.value = extremes.value
        AND (cells.latency_min, cells.latency_max) IS DISTINCT FROM (extremes.low, extremes.high)
""")
"""Of days from whose totals the shortest or the longest latency was taken: only the rows know the next one."""
_DELETE_EXTREMES = text("""
    UPDATE studio_metric_cells SET latency_min = NULL, latency_max = NULL
    FROM unnest(CAST(:tenants AS text[]), CAST(:kinds AS text[]), CAST(:days AS date[])) AS at (tenant, of_kind, on_day)
    WHERE tenant_id = tenant AND kind = of_kind AND day = on_day AND timed = 0 AND latency_min IS NOT NULL
""")


@dataclass(frozen=True)
class State:
    """How the figures of a tenant stand. ``newest`` is the newest entry of its queue, None if nothing waits.

    ``version`` is raised by each chunk that is counted; ``counted_as`` names the zone and prices of the figures, and
    ``to_be`` those that they must have.
    """

    tenant_id: str
    settings: MetricSettings
    counted_as: str | None
    to_be: str
    version: int
    newest: int | None
    now: dt.datetime

    @property
    def is_current(self) -> bool:
        """Whether every row is counted as it is now."""
        return self.newest is None and self.counted_as == self.to_be


@dataclass(frozen=True)
class Progress:
    """How far the counting of some tenants has come.

    ``again`` are tenants whose every row must be queued first. ``waiting`` has, for each of the others that is not
    counted yet, the entry of its queue up to which it is to be counted, and how many changes wait until there.
    """

    again: tuple[str, ...] = ()
    waiting: dict[str, tuple[int, int]] = field(default_factory=dict)

    @property
    def left(self) -> int:
        """The changes that wait; a tenant whose rows are not queued yet counts as one."""
        return len(self.again) + sum(waiting for _, waiting in self.waiting.values())

    def part(self, most: int = MOST) -> tuple[str, ...]:
        """The tenants that the next transaction is about: of so many changes, or of one tenant that has more."""
        if self.again:
            return self.again[: max(1, TEAMS_AT_ONCE * most // MOST)]
        part, rows = list[str](), 0
        for tenant_id, (_, waiting) in self.waiting.items():
            if part and rows + waiting > most:
                break
            part.append(tenant_id)
            rows += waiting
        return tuple(part)

    def take(self, most: int = MOST) -> tuple[Progress, Progress]:
        """What the next transaction is about (:meth:`part`), and what is left beside it."""
        part = set(self.part(most))
        return self._of(part), self._of({*self.again, *self.waiting} - part)

    def beside(self, other: Progress) -> Progress:
        """Both together, where they are of different tenants."""
        return Progress(self.again + other.again, self.waiting | other.waiting)

    def _of(self, tenants: set[str]) -> Progress:
        waiting = {tenant_id: entry for tenant_id, entry in self.waiting.items() if tenant_id in tenants}
        return Progress(tuple(tenant_id for tenant_id in self.again if tenant_id in tenants), waiting)


def states(db: Connection, tenants: Sequence[str]) -> list[State]:
    """How the figures of each of the tenants stand, in their order, and their settings."""
    rows = db.execute(_STATES, {"tenants": list(tenants), "zone": DEFAULT_ZONE})
    edition = pricing.edition()  # looked up once: for each of a thousand tenants it takes two seconds
    by_tenant = {
        row.tenant: State(
            row.tenant,
            MetricSettings(row.zone, row.budget_usd, row.krw_per_usd, row.krw_rate_on),
            row.counted_as,
            f"{COUNTING_VERSION} · {row.zone} {row.clock} · {edition}",
            row.version,
            row.newest,
            row.now,
        )
        for row in rows
    }
    return [by_tenant[tenant_id] for tenant_id in tenants]


def count(db: Connection, tenants: Sequence[str], progress: Progress | None = None, most: int = MOST) -> Progress:
    """Count at most so many of the changes that wait for the tenants, in the transaction of ``db``; what is left.

    Without ``progress``, all changes that wait now are to be counted; with it, only those that waited at its start, so
    that an end comes while other programs go on writing. If every row of a tenant must be counted again, all are
    queued, and the counting itself is left to the next call. Raises ``FiguresBeingCounted`` if somebody else is
    counting for all tenants that are the next (:meth:`Progress.part`), which ``db`` must have named.
    """
    progress = progress or look(db, tenants)
    part = progress.part(most)
    if not part:
        return progress
    locked = _locked(db, part)
    return _start_again(db, progress, locked) if progress.again else _count_part(db, progress, locked, most)


def look(db: Connection, tenants: Sequence[str]) -> Progress:
    """What is to be counted for the tenants."""
    stale = [state for state in states(db, tenants) if not state.is_current]
    again = tuple(state.tenant_id for state in stale if state.counted_as != state.to_be)
    return Progress(again, _waiting(db, {state.tenant_id: state.newest or 0 for state in stale
                                         if state.counted_as == state.to_be}))  # fmt: skip


def prices_in(settings: MetricSettings, listed: list[stored_settings.Price]) -> list[OwnPrice]:
    """The tenant's own prices, each from the first instant of its day in the tenant's zone."""
    return [
        OwnPrice(
            price.model,
            start_of(price.starts_on, settings.time_zone),
            price.input_usd,
            price.cached_usd,
            price.output_usd,
            price.economy_percent,
        )
        for price in listed
    ]


def own_prices(db: Connection, tenant_id: str) -> list[OwnPrice]:
    """The tenant's own prices as :func:`prices_in` makes them. Few teams have any, and only theirs depend on a zone."""
    listed = stored_settings.prices(db, tenant_id)
    return prices_in(stored_settings.get(db, tenant_id), listed) if listed else []


def acquire_lock(db: Connection, tenant_id: str) -> None:
    """Lock the counting of the tenant until the transaction ends.

    Waits while a chunk is being counted. Raises ``FiguresBeingCounted`` if that takes longer than
    :data:`LOCK_TIMEOUT`; the transaction is over then.
    """
    db.execute(_SET_LOCK_TIMEOUT, {"timeout": LOCK_TIMEOUT})
    try:
        db.execute(_LOCK, {"tenant": tenant_id})
    except OperationalError as error:
        if getattr(error.orig, "pgcode", None) == LOCK_NOT_AVAILABLE:
            raise FiguresBeingCounted from error
        raise


def recount_model(db: Connection, tenant_id: str, model: str) -> None:
    """Queue all rows whose price depends on this model's, after it has changed.

    The caller has changed the price under :func:`acquire_lock`, so that nobody counts at the old price meanwhile.
    """
    models = [name for name in db.scalars(_MODELS, {"tenant": tenant_id}) if model in pricing.price_names(name)]
    db.execute(_DELETE_TARIFFS, {"tenant": tenant_id, "models": models})
    db.execute(_ROWS_OF_MODELS, {"tenant": tenant_id, "models": models})


def _waiting(db: Connection, newest: Mapping[str, int]) -> dict[str, tuple[int, int]]:
    rows = db.execute(_WAITING, {"tenants": list(newest), "newest": list(newest.values())}) if newest else ()
    return {row.tenant: (row.newest, row.waiting) for row in rows}


def _locked(db: Connection, tenants: Sequence[str]) -> list[State]:
    """The states of those of the tenants for whom nobody else is counting; they are locked from now on."""
    locked = list(db.scalars(_TRY_LOCK, {"tenants": list(tenants)}))
    if not locked:
        raise FiguresBeingCounted
    return states(db, locked)


def _start_again(db: Connection, progress: Progress, locked: Sequence[State]) -> Progress:
    old = [state for state in locked if state.counted_as != state.to_be]  # the others: somebody else was faster
    if old:
        names = [state.tenant_id for state in old]
        with statement_timeout(db, START_AGAIN_TIMEOUT_S):
            for statement in _START_AGAIN:
                db.execute(statement, {"tenants": names})
        _mark(db, old)
    names = [state.tenant_id for state in locked]
    queued = _waiting(db, {state.tenant_id: state.newest or 0 for state in states(db, names)})
    again = tuple(tenant_id for tenant_id in progress.again if tenant_id not in set(names))
    return Progress(again, progress.waiting | queued)


def _count_part(db: Connection, progress: Progress, locked: Sequence[State], most: int) -> Progress:
    changed = tuple(state.tenant_id for state in locked if state.counted_as != state.to_be)  # since the look
    part = [state for state in locked if state.counted_as == state.to_be]
    newest = {state.tenant_id: progress.waiting[state.tenant_id][0] for state in part}
    if part:
        days = _count(db, part, list(newest.values()), most)
        if days:
            names, kinds, dates = zip(*days, strict=True)
            params = {"tenants": list(names), "kinds": list(kinds), "days": list(dates)}
            db.execute(_FIND_EXTREMES, params)
            db.execute(_DELETE_EXTREMES, params)
        _mark(db, part)
    done = {state.tenant_id for state in locked}
    waiting = {name: entry for name, entry in progress.waiting.items() if name not in done}
    return Progress(progress.again + changed, _waiting(db, newest) | waiting)


def _mark(db: Connection, counted: Sequence[State]) -> None:
    names = [state.tenant_id for state in counted]
    db.execute(_COUNTED, {"tenants": names, "counted_as": [state.to_be for state in counted]})


def _count(db: Connection, part: Sequence[State], newest: list[int], most: int) -> list[tuple[str, str, str]]:
    """Run the counting statement; return tenants, kinds and days whose shortest or longest latency must be found."""
    params: dict[str, Any] = {
        "tenants": [state.tenant_id for state in part], "zones": [state.settings.time_zone for state in part],
        "newest": newest, "most": most, "edges": list(EDGES), "first": pricing.ALWAYS, "last": pricing.FOREVER,
        "undated": NO_DAY, "trust_new": True, "free": FREE,
    }  # fmt: skip
    use_memory(db)
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
            return [(tenant_id, kind, day) for tenant_id, kind, day in counted.days_without_extremes]
        _add_tariffs(db, part, counted.models_without_tariff)


def _add_tariffs(db: Connection, part: Sequence[State], models: list[tuple[str, str, str]]) -> None:
    prices = stored_settings.prices_of(db, [state.tenant_id for state in part])
    own = {state.tenant_id: prices_in(state.settings, prices.get(state.tenant_id, [])) for state in part}
    listed = functools.cache(pricing.tariffs)  # the same for all tenants without prices of their own
    rows = [
        {"tenant": tenant_id, "model": model, "tier": tier, **vars(tariff)}
        for tenant_id, model, tier in models
        for tariff in (pricing.tariffs(model, tier, own[tenant_id]) if own[tenant_id] else listed(model, tier))
    ]
    db.execute(_ADD_TARIFFS, {name: [row[name] for row in rows] for name in rows[0]})
