"""Walls between tenants: the role that the app works with sees and writes the rows of the tenant it has named."""

from __future__ import annotations

import logging
from dataclasses import dataclass

from sqlalchemy import Connection, func, select, text

APP_ROLE = "feed_studio_app"
"""The role that the app works as where its login owns the tables: made at the first start that may make it."""

log = logging.getLogger(__name__)

# A login that is above the walls: it owns the tables or is in their owner's group, or row-level security passes it by.
_ABOVE = text("""
    SELECT r.rolsuper OR r.rolbypassrls OR pg_has_role(r.oid, c.relowner, 'USAGE')
    FROM pg_roles AS r, pg_class AS c WHERE r.rolname = :login AND c.oid = 'studio_tenants'::regclass
""")
_MAY_RAISE = text("SELECT has_function_privilege('studio_raise_walls(name)', 'EXECUTE')")
_STAND = text("""
    SELECT c.relrowsecurity AND EXISTS (
        SELECT FROM pg_policy WHERE polrelid = c.oid AND polname = 'studio_wall'
        AND polroles = ARRAY[CAST(to_regrole(:role) AS oid)])
    FROM pg_class AS c WHERE c.oid = 'instagram_feeds'::regclass
""")
_NOT_THE_OWNER = "only the tables' owner can raise them. Set DATABASE_OWNER_URL and run: make migrate"
_OPEN = {
    "would lose its rows": "is a member of the app's role, and would lose its rows",
    "owns it, and raises no wall": "owns the table, and DATABASE_OWNER_URL names another role",
}
"""What a role is told as by ``studio_raise_walls`` where it leaves a table open."""
_MAKE_ROLE = """
    DO $walls$ BEGIN
        IF to_regrole('feed_studio_app') IS NULL THEN CREATE ROLE feed_studio_app NOLOGIN; END IF;
        IF NOT pg_has_role(current_user, 'feed_studio_app', 'MEMBER') OR NOT (
            SELECT rolsuper FROM pg_roles WHERE rolname = current_user) THEN
            EXECUTE format('GRANT feed_studio_app TO %I', current_user);
        END IF;
    EXCEPTION WHEN insufficient_privilege OR unique_violation OR duplicate_object THEN NULL;
    END $walls$
"""
_MAY_WORK_AS = text("SELECT to_regrole(:role) IS NOT NULL AND pg_has_role(:login, to_regrole(:role), 'MEMBER')")


@dataclass(frozen=True)
class Seen:
    """What a role sees of a table that belongs to other programs."""

    table: str
    role: str
    sees: str


@dataclass(frozen=True)
class Walls:
    """How the walls stand: ``role`` is the one to work as (None: the login itself). ``open_because`` is empty where
    they are closed, else a sentence for the operator. ``seen`` lists the roles with rights on other programs' tables.
    """

    role: str | None
    open_because: str
    seen: tuple[Seen, ...] = ()


def working_role(db: Connection, login: str) -> str | None:
    """The role that the app works as, where its ``login`` is above the walls: made here, where ``db`` may make it.

    None: the login works as itself, because it is below the walls, or because no role can be made.
    """
    if not db.scalar(_ABOVE, {"login": login}):
        return None
    db.exec_driver_sql(_MAKE_ROLE.replace("%", "%%"))
    return APP_ROLE if db.scalar(_MAY_WORK_AS, {"role": APP_ROLE, "login": login}) else None


def build(db: Connection, login: str, role: str | None) -> Walls:
    """Raise what is missing of the walls, as the owner, and tell how they stand.

    ``role`` is :func:`working_role`'s. Harmless to repeat; a table is locked only where something is missing.
    """
    if role is None and db.scalar(_ABOVE, {"login": login}):
        return Walls(
            None,
            f"the role {login} owns the tables and may make no other role. As an administrator run:"
            f" CREATE ROLE {APP_ROLE} NOLOGIN; GRANT {APP_ROLE} TO {login};",
        )
    if not db.scalar(_MAY_RAISE):
        return Walls(role, "" if db.scalar(_STAND, {"role": role or login}) else _NOT_THE_OWNER)
    raised = func.studio_raise_walls(role or login).table_valued("on_table", "for_role", "sees")
    seen = tuple(Seen(*row) for row in db.execute(select(raised)))
    reasons = [f"{entry.role} {_OPEN[entry.sees]} ({entry.table})" for entry in seen if entry.sees in _OPEN]
    return Walls(role, "; ".join(reasons), seen)


def tell(walls: Walls) -> None:
    """Write into the log how the walls stand."""
    for entry in walls.seen:
        log.info("walls: %s sees %s of %s", entry.role, entry.sees, entry.table)
    if walls.open_because:
        log.warning("The walls between tenants are open: %s", walls.open_because)
