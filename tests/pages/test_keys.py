"""The page of API keys after the team was changed."""

from __future__ import annotations

from typing import Any

from lib.access import api_keys
from lib.studio import Studio


def test_another_team_sees_neither_the_new_key_nor_the_list(keys: Any, studio: Studio) -> None:
    api_keys.create_key(studio, "rival", "theirs")
    keys.run()
    keys.fill(key_name="파이프라인").press("make_key")
    text = keys.app.code[0].value
    keys.fill(tenant_id="rival").run()
    assert not keys.app.code
    assert text[3:23] not in keys.told()
