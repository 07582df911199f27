"""API keys as they are stored."""

from __future__ import annotations

from lib.access import api_keys as access
from lib.store import api_keys
from lib.studio import Studio
from tests.conftest import RunSql


def test_the_last_use_is_known_to_the_minute(studio: Studio, as_owner: RunSql) -> None:
    text = access.create_key(studio, "acme", "pipeline").text
    assert access.authenticate(studio, text).last_used_at is None
    first = access.authenticate(studio, text).last_used_at
    assert first is not None
    assert access.authenticate(studio, text).last_used_at == first
    as_owner("UPDATE studio_api_keys SET last_used_at = now() - interval '2 minutes'")
    access.authenticate(studio, text)
    used = access.authenticate(studio, text).last_used_at
    assert used is not None
    assert used > first


def test_a_tenant_sees_its_own_keys_only(studio: Studio) -> None:
    mine, theirs = access.create_key(studio, "acme", "one").key, access.create_key(studio, "other", "one").key
    with studio.database.tenant("acme") as db:
        assert api_keys.of_tenant(db, "acme") == [mine]
    with studio.database.tenant("other") as db:
        assert api_keys.of_tenant(db, "other") == [theirs]
