"""Keys: made once, recognised by nothing but themselves, and of no use when they are revoked or out of date."""

from __future__ import annotations

import unicodedata
from concurrent.futures import ThreadPoolExecutor

import pytest

from lib.access import api_keys as access
from lib.domain.errors import Invalid, KeyNotFound, NotAuthenticated, ScopeMissing, TooManyKeys
from lib.store import feeds
from lib.studio import Studio
from tests.conftest import InsertBySql, RunSql


def test_a_key_is_recognised_and_its_secret_is_nowhere(studio: Studio, as_owner: RunSql) -> None:
    new = access.create_key(studio, "acme", "pipeline")
    key = access.authenticate(studio, new.text)
    assert (key.tenant_id, key.name, key.scopes, key.expires_at) == ("acme", "pipeline", ["read", "write"], None)
    secret = new.text[-43:]
    ((row,),) = as_owner("SELECT studio_api_keys::text FROM studio_api_keys")
    assert secret not in row
    assert secret.encode().hex() not in row
    assert as_owner("SELECT length(secret_hash) FROM studio_api_keys") == [(32,)]


def test_what_is_no_key_is_not_recognised(studio: Studio) -> None:
    text = access.create_key(studio, "acme", "pipeline").text
    other = access.create_key(studio, "acme", "other").text
    mixed = text[:24] + other[24:]
    for told in (None, "", "fs_", text[:-1], text + "a", text.upper(), mixed, f"fs_{'ａ' * 20}_{'b' * 43}"):
        with pytest.raises(NotAuthenticated):
            access.authenticate(studio, told)


def test_without_the_pepper_the_stored_hash_opens_nothing(studio: Studio) -> None:
    text = access.create_key(studio, "acme", "pipeline").text
    pepper = studio.settings.data_dir / access.PEPPER_FILE
    assert pepper.stat().st_mode & 0o077 == 0
    pepper.write_text("another")
    with pytest.raises(NotAuthenticated):
        access.authenticate(studio, text)


def test_a_revoked_key_opens_nothing_from_the_next_call_on(studio: Studio) -> None:
    new = access.create_key(studio, "acme", "pipeline")
    with pytest.raises(KeyNotFound):
        access.revoke_key(studio, "other", new.key.key_id)
    access.authenticate(studio, new.text)
    access.revoke_key(studio, "acme", new.key.key_id)
    with pytest.raises(NotAuthenticated):
        access.authenticate(studio, new.text)
    with pytest.raises(KeyNotFound):
        access.revoke_key(studio, "acme", new.key.key_id)


def test_an_expired_key_opens_nothing(studio: Studio, as_owner: RunSql) -> None:
    new = access.create_key(studio, "acme", "pipeline", days=30)
    assert access.authenticate(studio, new.text).expires_at is not None
    as_owner("UPDATE studio_api_keys SET expires_at = now() - interval '1 second'")
    with pytest.raises(NotAuthenticated):
        access.authenticate(studio, new.text)


def test_two_keys_of_one_name_live_at_a_time_also_when_many_are_made_at_once(studio: Studio) -> None:
    def make(_: int) -> access.NewKey | None:
        try:
            return access.create_key(studio, "acme", "pipeline")
        except TooManyKeys:
            return None

    with ThreadPoolExecutor(6) as pool:
        made = [one for one in pool.map(make, range(6)) if one]
    assert len(made) == access.MAX_LIVE
    access.revoke_key(studio, "acme", made[0].key.key_id)
    access.create_key(studio, "acme", "pipeline")
    access.create_key(studio, "other", "pipeline")


def test_everything_wrong_with_a_new_key_is_told_at_once(studio: Studio) -> None:
    with pytest.raises(Invalid) as raised:
        access.create_key(studio, "", "n" * 200, ["admin"], days=0)
    assert [(one.field, one.code) for one in raised.value.problems] == [
        ("tenant_id", "missing"), ("key_name", "too_long"), ("scopes", "not_offered"), ("days", "out_of_range"),
    ]  # fmt: skip
    with pytest.raises(Invalid):
        access.create_key(studio, "acme", "pipeline", [])


def test_a_scope_is_needed_where_it_is_asked_for(studio: Studio) -> None:
    key = access.create_key(studio, "acme", "reader", ["read"]).key
    access.require_scope(key, "read")
    with pytest.raises(ScopeMissing):
        access.require_scope(key, "write")


ODD_IDS = [unicodedata.normalize("NFD", "한빛팀"), "acme ", "acme\u00a0", "blue\u200bbean", "Acme", "plain"]


@pytest.mark.parametrize("tenant", ODD_IDS, ids=ascii)
def test_a_key_acts_for_the_team_exactly_as_another_program_spells_it(
    studio: Studio, insert_by_sql: InsertBySql, tenant: str
) -> None:
    insert_by_sql(tenant_id=tenant)
    insert_by_sql(tenant_id="acme")
    made = access.create_key(studio, tenant, "odd")
    key = access.authenticate(studio, made.text)
    with studio.database.tenant(key.tenant_id) as db:
        assert [feed.tenant_id for feed in feeds.newest(db, key.tenant_id)] == [tenant]
