"""Who is asking: API keys, made for a tenant, shown once, and recognised by a keyed hash of their secret.

A key reads ``fs_<id>_<secret>``: the id is public and finds the row, the secret is 256 random bits, of which the
database has only HMAC-SHA256 under a pepper that the database does not have. A slow hash would protect nothing more
and would let strangers keep the processor busy.
"""

from __future__ import annotations

import contextlib
import datetime as dt
import hashlib
import hmac
import os
import re
import secrets
import tempfile
from collections.abc import Sequence
from dataclasses import dataclass

from lib.domain.brief import MAX_CHARS, clean
from lib.domain.errors import Invalid, KeyNotFound, NotAuthenticated, Problem, ScopeMissing, TooManyKeys
from lib.settings import Settings
from lib.store import api_keys, tenants
from lib.store.api_keys import ApiKey
from lib.studio import Studio

SCOPES = ("read", "write")
"""``read``: feeds and figures; ``write``: have feeds written, change them."""
MOST_LIVE = 2
"""Live keys of one name: the one in use, and the one that takes its place."""
MAX_NAME = 100
PEPPER_FILE = "api_key_pepper"

_SHAPE = re.compile(r"fs_([a-z0-9]{20})_([A-Za-z0-9_-]{43})", re.ASCII)
_ID_LETTERS = "abcdefghijklmnopqrstuvwxyz0123456789"


@dataclass(frozen=True)
class NewKey:
    """A key that was just made: the only moment when its whole text is known."""

    key: ApiKey
    text: str


def create_key(
    studio: Studio, tenant_id: str, name: str, scopes: Sequence[str] = SCOPES, days: int | None = None
) -> NewKey:
    """Make a key for a tenant, which expires after so many days (None: never).

    Raises ``Invalid`` with every problem at once, and ``TooManyKeys`` where as many of this name live
    as a change of keys needs.
    """
    with studio.database.directory() as db:
        tenant_id = tenants.as_stored(db, tenant_id)
    name = " ".join(clean(name).split())
    problems = [
        Problem(field, "missing")
        for field, value in (("tenant_id", tenant_id), ("key_name", name), ("scopes", scopes))
        if not value
    ]
    for field, value, most in (("tenant_id", tenant_id, MAX_CHARS["tenant_id"]), ("key_name", name, MAX_NAME)):
        if len(value) > most:
            problems.append(Problem(field, "too_long", {"length": len(value), "most": most}))
    if set(scopes) - set(SCOPES):
        problems.append(Problem("scopes", "not_offered", {"offered": ", ".join(SCOPES)}))
    if days is not None and not 1 <= days <= 3650:
        problems.append(Problem("days", "out_of_range", {"least": 1, "most": 3650}))
    if problems:
        raise Invalid(problems)
    key_id, secret = "".join(secrets.choice(_ID_LETTERS) for _ in range(20)), secrets.token_urlsafe(32)
    now = dt.datetime.now(dt.UTC)
    with studio.database.tenant(tenant_id) as db:
        api_keys.lock_name(db, tenant_id, name)
        if sum(one.name == name and one.is_live(now) for one in api_keys.of_tenant(db, tenant_id)) >= MOST_LIVE:
            raise TooManyKeys(name=name, most=MOST_LIVE)
        tenants.remember(db, tenant_id)
        key = api_keys.add(
            db,
            tenant_id,
            key_id,
            name=name,
            scopes=[scope for scope in SCOPES if scope in scopes],
            secret_hash=_hash(studio.settings, secret),
            expires_at=now + dt.timedelta(days=days) if days else None,
        )
    return NewKey(key, f"fs_{key_id}_{secret}")


def revoke_key(studio: Studio, tenant_id: str, key_id: str) -> None:
    """Let the key open nothing any more, from the next call on. Raises ``KeyNotFound``."""
    with studio.database.tenant(tenant_id) as db:
        if not api_keys.revoke(db, tenant_id, key_id):
            raise KeyNotFound(key_id=key_id)


def authenticate(studio: Studio, told: str | None) -> ApiKey:
    """The live key that was told. Raises ``NotAuthenticated``, whatever is wrong with it."""
    shaped = _SHAPE.fullmatch(told or "")
    if shaped is None:
        raise NotAuthenticated
    key_id, secret = shaped.groups()
    with studio.database.directory() as db:
        found = api_keys.by_id(db, key_id)
    given = _hash(studio.settings, secret)
    now = dt.datetime.now(dt.UTC)
    for key, stored in found:
        if hmac.compare_digest(given, stored) and key.is_live(now):
            if key.last_used_at is None or now - key.last_used_at > api_keys.USED_EVERY:
                with studio.database.tenant(key.tenant_id) as db:
                    api_keys.used(db, key.tenant_id, key_id)
            return key
    raise NotAuthenticated


def require_scope(key: ApiKey, scope: str) -> None:
    """Raise ``ScopeMissing`` where the key may not do that."""
    if scope not in key.scopes:
        raise ScopeMissing(scope=scope)


def _hash(settings: Settings, secret: str) -> bytes:
    return hmac.new(_pepper(settings), secret.encode(), hashlib.sha256).digest()


def _pepper(settings: Settings) -> bytes:
    """The server's own secret: from the settings, or from a file beside the data, made where there is none."""
    if settings.api_key_pepper:
        return settings.api_key_pepper.encode()
    path = settings.data_dir / PEPPER_FILE
    if not path.exists():
        settings.data_dir.mkdir(parents=True, exist_ok=True)
        with tempfile.NamedTemporaryFile(dir=settings.data_dir, prefix=".pepper-") as made:  # readable to us alone
            made.write(secrets.token_hex(32).encode())
            made.flush()
            os.fsync(made.fileno())
            with contextlib.suppress(FileExistsError):  # another process was faster: its pepper counts
                os.link(made.name, path)
    return path.read_bytes()
