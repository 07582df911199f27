"""API keys as the team's admin makes and revokes them."""

from __future__ import annotations

from typing import Any

import pytest

from lib.access import api_keys
from lib.domain.errors import NotAuthenticated
from lib.studio import Studio


def test_a_key_is_made_and_shown_once(keys: Any, studio: Studio) -> None:
    keys.fill(key_name="파이프라인", key_scopes=["read"], key_days=30).press("make_key")
    text = keys.app.code[0].value
    key = api_keys.authenticate(studio, text)
    assert (key.tenant_id, key.name, key.scopes) == ("acme", "파이프라인", ["read"])
    assert key.expires_at
    assert key.key_id in keys.told()
    keys.press("put_key_away")
    assert not keys.app.code
    assert text[-43:] not in keys.told()


def test_a_key_is_valid_for_ever_unless_somebody_chooses_otherwise_and_the_form_says_so(
    keys: Any, studio: Studio
) -> None:
    field = keys.field("key_days")
    assert (field.options[field.index], field.proto.required) == ("기한 없음", False)
    keys.fill(key_name="파이프라인").press("make_key")
    assert api_keys.authenticate(studio, keys.app.code[0].value).expires_at is None


def test_what_is_missing_is_told_and_nothing_is_made(keys: Any) -> None:
    keys.fill(key_scopes=[]).press("make_key")
    told = keys.told("error")
    assert "키 이름" in told
    assert "권한" in told
    assert not keys.app.code


def test_a_revoked_key_moves_to_the_ended_ones(keys: Any, studio: Studio) -> None:
    new = api_keys.create_key(studio, "acme", "<b>old</b>")
    keys.run().press(f"revoke_{new.key.key_id}")
    assert not keys.has(f"revoke_{new.key.key_id}")
    assert "쓰고 있는 키 0개" in keys.told()
    with pytest.raises(NotAuthenticated):
        api_keys.authenticate(studio, new.text)
