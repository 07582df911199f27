"""Sample captions at the press of a button, for somebody who has none yet and wants to look around."""

from __future__ import annotations

from lib.demo.samples import TENANT
from lib.demo.samples.rows import Rows
from lib.store import samples, tenants
from lib.studio import Studio

ROWS = 2000


def load(studio: Studio) -> str:
    """Fill the tenant of samples, all of it or nothing, and return its name; harmless to repeat.

    Raises ``DatabaseAway``.
    """
    with studio.database.tenant(TENANT) as db:
        tenants.remember(db, TENANT)
        samples.add(db, TENANT, Rows(TENANT, ROWS).rows())
    return TENANT
