"""The command line: ``python -m lib.cli`` with ``key``, ``limit``, ``migrate`` or ``reconcile``."""

from __future__ import annotations

import argparse
import datetime as dt
import sys
from collections.abc import Sequence

from lib import studio as studios
from lib.access import api_keys as access
from lib.domain.errors import StudioError
from lib.generation import pacing
from lib.i18n import words
from lib.settings import Settings, UnreadableSetting, whole_number
from lib.store import api_keys, reconciliation
from lib.store.api_keys import ApiKey
from lib.store.database import Database
from lib.store.reconciliation import Mended
from lib.store.traffic.limits import Limits
from lib.studio import Studio


def main(arguments: Sequence[str] | None = None) -> str | None:
    """Run one command. Returns None, or the sentence that says what went wrong."""
    options = _parser().parse_args(arguments)
    try:
        settings = Settings.from_environment()
        if options.subject == "migrate":
            _migrate(settings)
        elif options.subject == "reconcile":
            _reconcile(settings, options.rebuild)
        elif options.subject == "limit":
            _limit(settings, options)
        else:
            _key(settings, options)
    except UnreadableSetting as error:
        return str(error)
    except StudioError as error:
        return words.error("en", error)
    return None


def _migrate(settings: Settings) -> None:
    if settings.database_url is None:
        sys.stdout.write("DATABASE_URL is not set: the embedded database is brought up to date when the app starts.\n")
        return
    database = Database(settings.database_url, settings.database_owner_url)
    try:
        database.migrate()
        sys.stdout.write("The database has the newest schema.\n")
        _write_mended(reconciliation.reconcile(database))
    finally:
        database.close()


def _reconcile(settings: Settings, rebuild: str | None) -> None:
    studio: Studio = studios.build(settings)
    try:
        if rebuild:
            _write_mended({rebuild: reconciliation.rebuild(studio.database, rebuild)})
        else:
            _write_mended(reconciliation.reconcile(studio.database))
    finally:
        studio.close()


def _write_mended(mended: dict[str, Mended]) -> None:
    for tenant_id, counts in mended.items():
        sys.stdout.write(f"{tenant_id!a}: {counts}; now in lists, searches and figures.\n")
    if not any(mended.values()):
        sys.stdout.write("Every feed is in lists, searches and figures.\n")


def _limit(settings: Settings, options: argparse.Namespace) -> None:
    studio: Studio = studios.build(settings)
    tenant_id = options.tenant or settings.default_tenant
    given = {"requests_a_minute": options.requests, "tokens_a_minute": options.tokens, "at_once": options.at_once}
    try:
        pacing.set_limits(studio, tenant_id, Limits(options.model, **given))
        stated = ", ".join(f"{name}={number}" for name, number in given.items() if number is not None)
        sys.stdout.write(f"{options.model} for {tenant_id}: {stated or 'no limits'}\n")
    finally:
        studio.close()


def _key(settings: Settings, options: argparse.Namespace) -> None:
    studio: Studio = studios.build(settings)
    tenant_id = options.tenant or settings.default_tenant
    try:
        if options.command == "make":
            created = access.create_key(studio, tenant_id, options.name, options.scope or access.SCOPES, options.days)
            sys.stderr.write(f"{_line(created.key)}\nThe key is shown this once; keep it where secrets are kept:\n")
            sys.stdout.write(f"{created.text}\n")
        elif options.command == "list":
            with studio.database.tenant(tenant_id) as db:
                keys = api_keys.of_tenant(db, tenant_id)
            sys.stdout.writelines(f"{_line(key)}\n" for key in keys)
        else:
            access.revoke_key(studio, tenant_id, options.key_id)
            sys.stdout.write(f"{options.key_id} is revoked.\n")
    finally:
        studio.close()


def _line(key: ApiKey) -> str:
    now = dt.datetime.now(dt.UTC)
    state = "revoked" if key.revoked_at else "live" if key.is_live(now) else "expired"
    until = f"until {key.expires_at:%Y-%m-%d}" if key.expires_at else "without end"
    used = f"{key.last_used_at:%Y-%m-%d %H:%M} UTC" if key.last_used_at else "never"
    return f"{key.key_id}  {key.name} for {key.tenant_id}: {', '.join(key.scopes)}; {state}, {until}, last used {used}"


def _positive(text: str) -> int:
    return whole_number(1, 1_000_000_000)(text)


def _parser() -> argparse.ArgumentParser:
    parser = argparse.ArgumentParser(prog="python -m lib.cli")
    subjects = parser.add_subparsers(dest="subject", required=True)
    subjects.add_parser("migrate", help="bring the database of DATABASE_URL to the newest schema")
    reconcile = subjects.add_parser("reconcile", help="list, find and count rows that were written with triggers off")
    reconcile.add_argument("--rebuild", metavar="TENANT", help="make the tenant's search index and figures anew")
    limit = subjects.add_parser("limit", help="how often a tenant may ask a model; what is left out is without limit")
    limit.add_argument("model")
    limit.add_argument("--tenant", help="the tenant (default: FEED_STUDIO_TENANT, else my-team)")
    limit.add_argument("--requests", type=_positive, help="requests a minute")
    limit.add_argument("--tokens", type=_positive, help="tokens a minute")
    limit.add_argument("--at-once", type=_positive, help="requests under way at the same time")
    key = subjects.add_parser("key", help="API keys of a tenant")
    key.add_argument("--tenant", help="the tenant (default: FEED_STUDIO_TENANT, else my-team)")
    commands = key.add_subparsers(dest="command", required=True)
    creation = commands.add_parser("make", help="make a key and print it, once")
    creation.add_argument("name", nargs="?", default="pipeline", help="what it is for (default: pipeline)")
    creation.add_argument("--scope", action="append", choices=access.SCOPES, help="may be repeated (default: all)")
    creation.add_argument("--days", type=int, help="until it expires (default: never)")
    commands.add_parser("list", help="list the keys")
    revoke = commands.add_parser("revoke", help="let a key open nothing any more")
    revoke.add_argument("key_id", help="the part between the first and the second underscore")
    return parser


if __name__ == "__main__":
    sys.exit(main())
