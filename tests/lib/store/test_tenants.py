"""The directory of tenants."""

import pytest

from lib.domain.errors import DatabaseAway
from lib.store import tenants
from lib.store.database import Database


def test_a_tenant_is_remembered_once_and_known_by_name(database):
    for tenant in ("나무", "acme", "가게", "acme"):
        with database.tenant(tenant) as db:
            tenants.remember(db, tenant)
    with database.directory() as db:
        assert tenants.list_ids(db) == ["acme", "가게", "나무"]


def test_nobody_is_known_at_first(database):
    with database.directory() as db:
        assert tenants.list_ids(db) == []


def test_without_a_server_the_directory_is_away(tmp_path):
    with pytest.raises(DatabaseAway), Database(f"postgresql://nobody@/nothing?host={tmp_path}").directory() as db:
        tenants.list_ids(db)
