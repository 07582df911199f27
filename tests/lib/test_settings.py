"""What the app may be told from outside, and that it keeps the key to itself."""

from __future__ import annotations

from pathlib import Path

import pytest

from lib.domain.models import DEMO_MODEL
from lib.settings import Settings


def test_a_fresh_machine_gets_the_demo_model_and_a_database_of_its_own() -> None:
    settings = Settings.from_environment({})
    assert settings.database_url is None
    assert settings.database_owner_url is None
    assert settings.openai_api_key is None
    assert settings.openai_model == DEMO_MODEL
    assert settings.openai_models == (DEMO_MODEL,)
    assert not settings.has_model_endpoint
    assert settings.data_dir == Path(".data").resolve()
    assert settings.spool_dir == settings.data_dir / "spool"


def test_a_key_alone_brings_a_current_model_and_the_demo_stays_on_offer() -> None:
    settings = Settings.from_environment({"OPENAI_API_KEY": " sk-secret "})
    assert settings.openai_api_key == "sk-secret"
    assert settings.has_model_endpoint
    assert settings.openai_model != DEMO_MODEL
    assert settings.openai_models == (settings.openai_model, DEMO_MODEL)


def test_a_compatible_server_needs_no_key() -> None:
    settings = Settings.from_environment({"OPENAI_BASE_URL": "http://127.0.0.1:9/v1"})
    assert settings.has_model_endpoint
    assert settings.openai_model != DEMO_MODEL


def test_the_listed_models_come_after_the_default_and_none_twice() -> None:
    settings = Settings.from_environment(
        {"OPENAI_API_KEY": "k", "OPENAI_MODEL": "b", "OPENAI_MODELS": " a, b ,,demo, a"}
    )
    assert settings.openai_models == ("b", "a", "demo")


@pytest.mark.parametrize("blank", ["", "   "])
def test_a_blank_variable_is_one_that_is_not_set(blank: str) -> None:
    names = (
        "OPENAI_API_KEY",
        "OPENAI_BASE_URL",
        "OPENAI_MODEL",
        "OPENAI_MODELS",
        "OPENAI_TIMEOUT_S",
        "DATABASE_URL",
        "DATABASE_OWNER_URL",
        "FEED_STUDIO_DATA",
        "FEED_STUDIO_TENANT",
        "FEED_STUDIO_DEMO_PACE",
    )
    assert Settings.from_environment(dict.fromkeys(names, blank)) == Settings.from_environment({})


def test_everything_can_be_told(tmp_path: Path) -> None:
    settings = Settings.from_environment(
        {
            "DATABASE_URL": "postgres://app@db/x",
            "DATABASE_OWNER_URL": "postgres://owner@db/x",
            "FEED_STUDIO_DATA": str(tmp_path),
            "FEED_STUDIO_TENANT": "빵집",
            "OPENAI_TIMEOUT_S": "12.5",
            "FEED_STUDIO_DEMO_PACE": "0.25",
        }
    )
    assert settings.database_url == "postgres://app@db/x"
    assert settings.database_owner_url == "postgres://owner@db/x"
    assert settings.data_dir == tmp_path
    assert settings.default_tenant == "빵집"
    assert settings.timeout_s == 12.5
    assert settings.demo_pace == 0.25


def test_a_timeout_that_is_no_number_stops_the_start() -> None:
    with pytest.raises(ValueError, match="soon"):
        Settings.from_environment({"OPENAI_TIMEOUT_S": "soon"})


def test_the_real_environment_is_read_where_none_is_given(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("OPENAI_MODEL", "demo-slow")
    assert Settings.from_environment().openai_model == "demo-slow"


def test_neither_the_key_nor_a_password_is_in_what_gets_printed() -> None:
    settings = Settings.from_environment(
        {
            "OPENAI_API_KEY": "sk-secret",
            "DATABASE_URL": "postgresql://app:pass-word-1@db/x",
            "DATABASE_OWNER_URL": "postgresql://owner:pass-word-2@db/x",
        }
    )
    printed = f"{settings!r} {settings}"
    assert "sk-secret" not in printed
    assert "pass-word" not in printed
