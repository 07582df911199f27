"""Rows that were written while triggers were off, brought into lists, searches and figures."""

from __future__ import annotations

import logging
from dataclasses import dataclass

from sqlalchemy import Connection, func, select

from lib.store import tenants
from lib.store.database import Database, statement_timeout

log = logging.getLogger(__name__)

LONGEST_S = 3600.0
"""Seconds that one tenant may take: a rebuild of a million rows takes many minutes."""


@dataclass(frozen=True)
class Mended:
    """How many feeds of a tenant were missing from lists, were listed as they were before, or were listed no more."""

    missing: int = 0
    outdated: int = 0
    removed: int = 0

    def __bool__(self) -> bool:
        return bool(self.missing or self.outdated or self.removed)

    def __str__(self) -> str:
        return f"{self.missing} missing, {self.outdated} out of date, {self.removed} without a row"


def reconcile(database: Database) -> dict[str, Mended]:
    """Index and count again the feeds of every tenant that were written while triggers were off.

    Returns what was mended, by tenant, and nothing for tenants whose feeds were all indexed. Reads the ids and the
    ages of all rows, but not their texts. Raises ``DatabaseAway``.
    """
    mended = {}
    with database.directory() as db, statement_timeout(db, LONGEST_S):
        tenant_ids = sorted(db.scalars(select(func.studio_list_unindexed())))
    for tenant_id in tenant_ids:
        with database.tenant(tenant_id) as db, statement_timeout(db, LONGEST_S):
            if counts := _reconcile(db, tenant_id, every_row=False):
                tenants.remember(db, tenant_id)
                mended[tenant_id] = counts
                log.warning("feeds of %s were written while triggers were off: %s", tenant_id, counts)
    return mended


def rebuild(database: Database, tenant_id: str) -> Mended:
    """Make the tenant's search index anew and let its figures be counted from the beginning; returns what was wrong.

    Reads every row of the tenant and takes about a second for 1,000 rows. Raises ``DatabaseAway``.
    """
    with database.tenant(tenant_id) as db, statement_timeout(db, LONGEST_S):
        return _reconcile(db, tenant_id, every_row=True)


def _reconcile(db: Connection, tenant_id: str, *, every_row: bool) -> Mended:
    counts = func.studio_reconcile_feeds(tenant_id, every_row).table_valued("missing", "outdated", "removed")
    return Mended(*db.execute(select(counts)).one())
