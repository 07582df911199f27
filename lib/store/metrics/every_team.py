"""The figures of all teams together, which are kept day by day, so that more teams do not make reading them slower.

They are stored like those of a team, under a name that no team can have. Counting notes the days that it changes, and
these days are added up over the teams when somebody looks.
"""

from __future__ import annotations

from sqlalchemy import Connection, func, select, text

from lib.demo.samples import TENANT as SAMPLES
from lib.domain import pricing
from lib.domain.errors import FiguresBeingCounted
from lib.domain.periods import DEFAULT_ZONE
from lib.store.metrics.counting import COUNTING_VERSION, State
from lib.store.metrics.settings import MetricSettings

EVERY_TEAM = ""
"""Stands for all teams but those of sample data. ``Database.tenants(..., every=True)`` names it."""
DAYS_AT_ONCE = 31
"""Days that one transaction adds up over all teams."""
_STATE = text("""
    SELECT clock_timestamp() AS now,
        coalesce((SELECT version FROM studio_metric_states WHERE tenant_id = ''), 0) AS version
""")


def behind(db: Connection, *, everywhere: bool) -> list[str]:
    """The teams whose rows are not all counted as they are now; :data:`EVERY_TEAM` if days wait to be added up.

    With ``everywhere``, also those that were never counted. ``db`` is of no single tenant; else the list is empty.
    """
    usual = (str(COUNTING_VERSION), pricing.edition(), DEFAULT_ZONE, SAMPLES)
    return list(db.scalars(select(func.studio_teams_behind(*usual, everywhere))))


def add_up(db: Connection, days: int = DAYS_AT_ONCE) -> int:
    """Add up so many of the days that have changed, the newest first; how many days of teams are left.

    ``db`` is of no single tenant. Raises ``FiguresBeingCounted`` if somebody else is adding up.
    """
    left = db.scalar(select(func.studio_add_up_teams(days, SAMPLES)))
    if left is None:
        raise FiguresBeingCounted
    return int(left)


def state(db: Connection, *, everywhere: bool) -> State:
    """How the figures of all teams stand, with the default settings; ``db`` has named :data:`EVERY_TEAM`."""
    stored = db.execute(_STATE).one()
    newest = 0 if behind(db, everywhere=everywhere) else None
    return State(EVERY_TEAM, MetricSettings(), "", "", stored.version, newest, stored.now)
