"""What the app may be told from outside, and that it keeps the key to itself."""

from __future__ import annotations

import re
from pathlib import Path

import pytest
from sqlalchemy import make_url

from lib.domain.models import DEMO_MODEL
from lib.settings import SETTINGS, Document, Setting, Settings, UnreadableSetting
from tests.support.project import ROOT


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
    names = [setting.name for setting in SETTINGS]
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


@pytest.mark.parametrize(
    ("name", "value", "shown"),
    [
        ("OPENAI_TIMEOUT_S", "soon", '"soon"'),
        ("OPENAI_TIMEOUT_S", "0", '"0"'),
        ("OPENAI_TIMEOUT_S", "nan", '"nan"'),
        ("OPENAI_TIMEOUT_S", "1e300", '"1e300"'),
        ("FEED_STUDIO_API_RATE", "-1", '"-1"'),
        ("FEED_STUDIO_API_RATE", "1.5", '"1.5"'),
        ("FEED_STUDIO_DEMO_PACE", "-0.1", '"-0.1"'),
        ("FEED_STUDIO_TENANT", "a\nb", '"a\nb"'),
        ("FEED_STUDIO_DATA", str(ROOT / "Makefile"), "Makefile"),
        ("OPENAI_STORE", "maybe", '"maybe"'),
        ("OPENAI_MODEL", "m" * 256, "m" * 80),
        ("OPENAI_MODELS", "a\nb", '"a\nb"'),
        ("OPENAI_BASE_URL", "gateway", '"gateway"'),
        ("OPENAI_BASE_URL", "ftp://gateway", '"ftp://gateway"'),
        ("OPENAI_BASE_URL", "http://gateway:many", '"http://gateway:many"'),
        ("FEED_STUDIO_FRAME_ANCESTORS", "https://a.example; script-src *", "script-src"),
        ("DATABASE_URL", "mysql://a@b/c", '"mysql://***@b/c"'),
        ("DATABASE_OWNER_URL", "postgresql://db:port/x", '"postgresql://db:port/x"'),
    ],
)
def test_a_value_that_cannot_be_read_is_named_with_what_is_expected(name: str, value: str, shown: str) -> None:
    expected = next(setting.expected for setting in SETTINGS if setting.name == name)
    with pytest.raises(UnreadableSetting) as error:
        Settings.from_environment({name: value})
    assert str(error.value).startswith(f"{name} is ")
    assert shown in str(error.value)
    assert str(error.value).endswith(f"; it must be {expected}.")


@pytest.mark.parametrize(
    ("name", "value"),
    [
        ("OPENAI_API_KEY", "sk-secret word"),
        ("OPENAI_API_KEY", "sk-secret-열쇠"),
        ("OPENAI_BASE_URL", "gateway?key=secret"),
        ("OPENAI_BASE_URL", "ftp://user:secret@gateway/v1?key=secret"),
        ("DATABASE_URL", "host=db password='secret"),
        ("DATABASE_URL", "mysql://user:secret@db/x?password=secret"),
        ("DATABASE_OWNER_URL", "postgresql://user:sec@ret@db:port/x"),
    ],
)
def test_a_secret_is_never_repeated(name: str, value: str) -> None:
    with pytest.raises(UnreadableSetting) as error:
        Settings.from_environment({name: value})
    assert not re.search(r"sec|ret\b", str(error.value))


@pytest.mark.parametrize(
    "url",
    [
        "postgres://db",
        "postgresql:///feeds?host=/run/postgresql",
        "postgresql+psycopg2://user:p%40ss@[::1]:5432/feeds?sslmode=require",
        "postgresql://user:sla/sh:colon?@db/feeds",
    ],
)
def test_a_database_url_that_sqlalchemy_reads_is_taken(url: str) -> None:
    make_url(url)
    assert Settings.from_environment({"DATABASE_URL": url}).database_url == url


def test_flat_keys_of_the_secrets_file_win_over_the_environment(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.chdir(tmp_path)
    monkeypatch.setenv("OPENAI_TIMEOUT_S", "20")
    monkeypatch.setenv("FEED_STUDIO_TENANT", "acme")
    (tmp_path / ".streamlit").mkdir()
    secrets = tmp_path / ".streamlit/secrets.toml"
    secrets.write_text("OPENAI_TIMEOUT_S = 30\nOPENAI_STORE = true\n[section]\nFEED_STUDIO_TENANT = 'other'", "utf-8")
    settings = Settings.from_environment()
    assert (settings.timeout_s, settings.openai_store, settings.default_tenant) == (30.0, True, "acme")
    secrets.write_text("OPENAI_TIMEOUT_S = ", "utf-8")
    with pytest.raises(UnreadableSetting, match=r"secrets\.toml cannot be read: Invalid value"):
        Settings.from_environment()


@pytest.mark.parametrize(("readme", "language"), [("README.md", "en"), ("README.ko.md", "ko")])
def test_the_readme_lists_every_setting_as_the_code_does(readme: str, language: str) -> None:
    def row(setting: Setting) -> str:
        document: Document = getattr(setting, language)
        return f"| `{setting.name}` | {document.default} | {document.purpose} |".replace("|  |", "| |")

    rows = re.findall(r"^\| `[A-Z_]+` \|.*$", (ROOT / readme).read_text("utf-8"), re.MULTILINE)
    assert rows == [row(setting) for setting in SETTINGS]


def test_the_example_of_secrets_has_every_setting_with_a_value_that_can_be_read() -> None:
    example = (ROOT / ".streamlit/secrets.example.toml").read_text("utf-8")
    values = dict(re.findall(r'^# ([A-Z_]+) = "(.*)"$', example, re.MULTILINE))
    assert sorted(values) == sorted(setting.name for setting in SETTINGS)
    Settings.from_environment(values)


def test_the_real_environment_is_read_where_none_is_given(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.chdir(tmp_path)
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


@pytest.mark.parametrize(
    ("written", "kept"),
    [
        ("'postgresql://app:s@db/x'", "postgresql://app:s@db/x"),
        ("jdbc:postgresql://db/x?user=app&password=s", "jdbc:postgresql://db/x?user=app&password=s"),
        ("host=db dbname=x user=app password='s t'", "host=db dbname=x user=app password='s t'"),
    ],
)
def test_other_forms_of_a_database_url_reach_the_database(written: str, kept: str) -> None:
    assert Settings.from_environment({"DATABASE_URL": written}).database_url == kept
