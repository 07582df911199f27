"""API keys: created for a tenant, shown once, and authenticated by a keyed hash of their secret.

A key reads ``fs_<id>_<secret>``: the id is public and finds the row, the secret is 256 random bits, of which the
database has only the HMAC-SHA256 under a pepper that the database does not have. A slow hash would protect no better
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
"""``read``: feeds and figures; ``write``: have captions written, change feeds."""
MAX_LIVE = 2
"""Live keys of a name: the key in use, and the key that takes its place."""
MAX_NAME = 100
PEPPER_FILE = "api_key_pepper"

_SHAPE = re.compile(r"fs_([a-z0-9]{20})_([A-Za-z0-9_-]{43})", re.ASCII)
_ID_LETTERS = "abcdefghijklmnopqrstuvwxyz0123456789"


@dataclass(frozen=True)
class NewKey:
    """A key that was just created; its whole text is known only now."""

    key: ApiKey
    text: str


def create_key(
    studio: Studio, tenant_id: str, name: str, scopes: Sequence[str] = SCOPES, days: int | None = None
) -> NewKey:
    """Create a key for a tenant that expires after ``days`` (None: never), and return it with its text.

    Raises ``Invalid`` with every problem at once, and ``TooManyKeys`` where :data:`MAX_LIVE` keys of this name live.
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
        if sum(row.name == name and row.is_live(now) for row in api_keys.of_tenant(db, tenant_id)) >= MAX_LIVE:
            raise TooManyKeys(name=name, most=MAX_LIVE)
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
    """Revoke a key: from the next call on it is refused. Raises ``KeyNotFound``."""
    with studio.database.tenant(tenant_id) as db:
        if not api_keys.revoke(db, tenant_id, key_id):
            raise KeyNotFound(key_id=key_id)


def authenticate(studio: Studio, text: str | None) -> ApiKey:
    """The live key with this text. Raises ``NotAuthenticated``, whatever is wrong with it."""
    match = _SHAPE.fullmatch(text or "")
    if match is None:
        raise NotAuthenticated
    key_id, secret = match.groups()
    rows = studio.database.ask("", lambda db: api_keys.by_id(db, key_id))
    given = _hash(studio.settings, secret)
    now = dt.datetime.now(dt.UTC)
    for key, stored in rows:
        if hmac.compare_digest(given, stored) and key.is_live(now):
            if key.last_used_at is None or now - key.last_used_at > api_keys.USED_EVERY:
                with studio.database.tenant(key.tenant_id) as db:
                    api_keys.used(db, key.tenant_id, key_id)
            return key
    raise NotAuthenticated


def require_scope(key: ApiKey, scope: str) -> None:
    """Raise ``ScopeMissing`` where the key lacks the scope."""
    if scope not in key.scopes:
        raise ScopeMissing(scope=scope)


def derived_secret(settings: Settings, purpose: str) -> bytes:
    """32 bytes that only who has the pepper can know, the same on every server for the same purpose."""
    return hmac.new(_pepper(settings), f"feed-studio {purpose}".encode(), hashlib.sha256).digest()


def _hash(settings: Settings, secret: str) -> bytes:
    return hmac.new(_pepper(settings), secret.encode(), hashlib.sha256).digest()


def _pepper(settings: Settings) -> bytes:
    """The server's own secret: from the settings, or from a file in the data folder, created when it is missing."""
    if settings.api_key_pepper:
        return settings.api_key_pepper.encode()
    path = settings.data_dir / PEPPER_FILE
    if not path.exists():
        settings.data_dir.mkdir(parents=True, exist_ok=True)
        with tempfile.NamedTemporaryFile(dir=settings.data_dir, prefix=".pepper-") as made:  # of mode 0600
            made.write(secrets.token_hex(32).encode())
            made.flush()
            os.fsync(made.fileno())
            with contextlib.suppress(FileExistsError):  # another process was faster: its pepper counts
                os.link(made.name, path)
    return path.read_bytes()
