"""The only reader of the environment: each setting listed once, with its default and how its value is read."""

from __future__ import annotations

import math
import os
import re
import tomllib
from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any, NamedTuple, TypeVar
from urllib.parse import urlsplit

from lib.domain.models import DEMO_MODEL

T = TypeVar("T")

CURRENT_MODEL = "gpt-6-luna"
"""The model that the form starts with where a key or a server is set."""

SECRETS = Path(".streamlit/secrets.toml")
"""Flat keys of this file win over environment variables, in every command as in Streamlit."""

_SECRET = "(not shown)"  # noqa: S105 - stands where a secret would
_DATABASE_URL = re.compile(
    r"postgres(ql)?(\+\w+)?://([^:/]*(:[^@]*)?@)?(\[[^/?]+\]|[^/:?]*)(:\d*)?(/[^?]*)?(\?.*)?", re.DOTALL
)
"""A URL that SQLAlchemy's ``make_url`` takes apart, of PostgreSQL only."""
_KEY_VALUES = re.compile(r"(\s*\w+\s*=\s*('[^']*'|[^\s']+))+\s*")
"""libpq's other form: ``host=db dbname=feeds``."""


class UnreadableSetting(ValueError):
    """A setting has a value that cannot be used. The message names the setting, the value and what is expected."""


def _quoted(text: str) -> str:
    return f'"{text[:80]}"'


class Document(NamedTuple):
    """What the README of one language says of a setting, in Markdown."""

    default: str
    purpose: str


@dataclass(frozen=True)
class Setting:
    """One value that Feed Studio takes from outside."""

    name: str
    """Of the environment variable, and of the key in ``secrets.toml``."""
    field: str
    """Of :class:`Settings`."""
    parse: Callable[[str], Any]
    """Returns the value, or raises ``ValueError``."""
    expected: str
    """Completes the sentence "NAME must be ..."."""
    en: Document
    ko: Document
    quote: Callable[[str], str] = _quoted
    """What a message may repeat of a wrong value: nothing of a secret."""


def read_value(
    name: str, text: str, parse: Callable[[str], T], expected: str, quote: Callable[[str], str] = _quoted
) -> T:
    """The value that ``text`` stands for. Raises :class:`UnreadableSetting`, whose sentence says what is expected."""
    try:
        return parse(text)
    except ValueError:
        raise UnreadableSetting(f"{name} is {quote(text)}; it must be {expected}.") from None


def number(least: float, most: float) -> Callable[[str], float]:
    """A reader of numbers from ``least`` to ``most``."""

    def parse(text: str) -> float:
        value = float(text)
        if not math.isfinite(value) or not least <= value <= most:
            raise ValueError
        return value

    return parse


def whole_number(least: int, most: int) -> Callable[[str], int]:
    """A reader of whole numbers from ``least`` to ``most``."""

    def parse(text: str) -> int:
        value = int(text)
        if not least <= value <= most:
            raise ValueError
        return value

    return parse


def _yes_or_no(text: str) -> bool:
    words = {"1": True, "true": True, "yes": True, "on": True, "0": False, "false": False, "no": False, "off": False}
    if text.lower() not in words:
        raise ValueError
    return words[text.lower()]


def _line(text: str) -> str:
    if len(text) > 255 or not text.isprintable():
        raise ValueError
    return text


def _origins(text: str) -> tuple[str, ...]:
    origins = tuple(text.replace(",", " ").split())
    if not all(re.fullmatch(r"https?://[\w.*-]+(:(\d+|\*))?", origin, re.ASCII) for origin in origins):
        raise ValueError
    return origins


def _names(text: str) -> tuple[str, ...]:
    return tuple(_line(name) for part in text.split(",") if (name := part.strip()))


def _header(text: str) -> str:
    if not re.fullmatch(r"[!-~]+", text):
        raise ValueError
    return text


def _folder(text: str) -> Path:
    path = Path(text).resolve()
    if path.exists() and not path.is_dir():
        raise ValueError
    return path


def _database_url(text: str) -> str:
    """The text without the quotes of an .env file. ``lib.store.database_url`` reads what each form says."""
    if len(text) > 1 and text[0] == text[-1] and text[0] in "'\"":
        text = text[1:-1].strip()
    if not (_DATABASE_URL.fullmatch(text.removeprefix("jdbc:")) or _KEY_VALUES.fullmatch(text)):
        raise ValueError
    return text


def _web_url(text: str) -> str:
    parts = urlsplit(text)
    if parts.scheme not in ("http", "https") or not parts.hostname or parts.port == 0 or not text.isprintable():
        raise ValueError
    return text


def _without_password(url: str) -> str:
    """The URL without what may be a secret in it: all between the scheme and the host, and the query."""
    if "://" not in url:
        return _quoted(url) if url.isalnum() else _SECRET
    return _quoted(re.sub(r"\?.*", "?***", re.sub(r"://.*@", "://***@", url, flags=re.DOTALL), flags=re.DOTALL))


def _hidden(_text: str) -> str:
    return _SECRET


SETTINGS = (
    Setting(
        "OPENAI_API_KEY",
        "openai_api_key",
        _header,
        "an API key: letters, digits and signs without blanks",
        Document("none: the demo model writes", "asks OpenAI"),
        Document("없음: 데모 모델이 씀", "OpenAI에 요청"),
        _hidden,
    ),
    Setting(
        "OPENAI_BASE_URL",
        "openai_base_url",
        _web_url,
        "a URL such as https://gateway.example.com/v1",
        Document("OpenAI", "any server that speaks its chat completions"),
        Document("OpenAI", "채팅 완성 API와 호환되는 서버"),
        _without_password,
    ),
    Setting(
        "OPENAI_MODEL",
        "openai_model",
        _line,
        "the name of a model, at most 255 characters",
        Document(f"`{CURRENT_MODEL}` with a key, else `demo`", "the model the form starts with"),
        Document(f"키가 있으면 `{CURRENT_MODEL}`, 없으면 `demo`", "처음 선택되는 모델"),
    ),
    Setting(
        "OPENAI_MODELS",
        "openai_models",
        _names,
        "names of models, separated by commas",
        Document("", "more models to choose from, separated by commas"),
        Document("", "더 고를 수 있는 모델(쉼표로 구분)"),
    ),
    Setting(
        "OPENAI_TIMEOUT_S",
        "timeout_s",
        number(0.1, 86_400),
        "a number of seconds from 0.1 to 86400, such as 90",
        Document("`90`", "seconds to wait for a whole answer"),
        Document("`90`", "답변 하나를 기다리는 최대 시간(초)"),
    ),
    Setting(
        "OPENAI_STORE",
        "openai_store",
        _yes_or_no,
        "yes or no",
        Document("no", "lets OpenAI keep answers, so that one that was paid for and never arrived is fetched later"),
        Document("아니요", "OpenAI가 답을 보관하게 해, 비용은 들었지만 오지 않은 답을 나중에 가져옴"),
    ),
    Setting(
        "DATABASE_URL",
        "database_url",
        _database_url,
        "a URL such as postgresql://user:password@host:5432/database",
        Document("embedded", "your PostgreSQL (14, 15 and 18 are tried), role of the app"),
        Document("내장", "쓰시는 PostgreSQL(14, 15, 18에서 시험함), 앱의 역할"),
        _without_password,
    ),
    Setting(
        "DATABASE_OWNER_URL",
        "database_owner_url",
        _database_url,
        "a URL such as postgresql://owner:password@host:5432/database",
        Document("same as `DATABASE_URL`", "the role that owns the tables and migrates"),
        Document("`DATABASE_URL`과 같음", "테이블을 소유하고 마이그레이션하는 역할"),
        _without_password,
    ),
    Setting(
        "FEED_STUDIO_DATA",
        "data_dir",
        _folder,
        "a folder, or a path where one can be made",
        Document("`.data`", "folder of the embedded database and of answers that are not stored yet"),
        Document("`.data`", "내장 데이터베이스와 아직 저장되지 않은 답을 두는 폴더"),
    ),
    Setting(
        "FEED_STUDIO_TENANT",
        "default_tenant",
        _line,
        "the name of a team in one line, at most 255 characters",
        Document("`my-team`", "the team the page starts with"),
        Document("`my-team`", "처음 선택되는 팀"),
    ),
    Setting(
        "FEED_STUDIO_PEPPER",
        "api_key_pepper",
        str,
        "any text",
        Document("a file in `FEED_STUDIO_DATA`", "the secret that API keys are hashed with; the same on every server"),
        Document("`FEED_STUDIO_DATA`의 파일", "API 키를 해시할 때 쓰는 비밀. 서버마다 같아야 함"),
        _hidden,
    ),
    Setting(
        "FEED_STUDIO_API_RATE",
        "api_calls_a_minute",
        whole_number(1, 1_000_000),
        "a whole number of calls a minute from 1 to 1000000, such as 1200",
        Document("`1200`", "calls a minute that one API key may make"),
        Document("`1200`", "API 키 하나가 1분에 부를 수 있는 횟수"),
    ),
    Setting(
        "FEED_STUDIO_FRAME_ANCESTORS",
        "frame_ancestors",
        _origins,
        "origins such as https://intranet.example.com, separated by commas",
        Document("", "sites that may show the app in a frame, separated by commas; by default none may"),
        Document("", "앱을 프레임 안에 보여 줄 수 있는 사이트(쉼표로 구분). 기본으로는 없음"),
    ),
    Setting(
        "FEED_STUDIO_WORKERS",
        "workers",
        whole_number(0, 16),
        "a whole number of processes from 0 to 16, such as 1",
        Document("`1`", "processes that the app starts to write batches; with 0, run `make worker` elsewhere"),
        Document("`1`", "일괄 작업을 쓰려고 앱이 띄우는 프로세스 수. 0이면 다른 곳에서 `make worker`로 실행"),
    ),
    Setting(
        "FEED_STUDIO_AT_ONCE",
        "requests_at_once",
        whole_number(1, 256),
        "a whole number of requests from 1 to 256, such as 32",
        Document("`32`", "requests to models that one worker sends at once"),
        Document("`32`", "워커 하나가 동시에 보내는 모델 요청 수"),
    ),
    Setting(
        "FEED_STUDIO_LOCAL_WEBHOOKS",
        "local_webhooks",
        _yes_or_no,
        "yes or no",
        Document("no", "lets webhooks of batches go to addresses on this machine, also without TLS"),
        Document("아니요", "일괄 작업의 웹훅을 이 컴퓨터 안의 주소로도(TLS 없이도) 보냄"),
    ),
    Setting(
        "FEED_STUDIO_DEMO_PACE",
        "demo_pace",
        number(0, 100),
        "a number from 0 to 100, such as 1",
        Document("`1`", "how slowly the demo model writes; 0 answers at once"),
        Document("`1`", "데모 모델이 글을 쓰는 속도. 0이면 바로 답함"),
    ),
)
"""Every setting, in the order of the documents. README's tables and ``secrets.example.toml`` are tested against it."""


@dataclass(frozen=True)
class Settings:
    """Nothing set: embedded PostgreSQL under ``.data/``, the demo model, no sign-in."""

    data_dir: Path = Path(".data")
    """Where the embedded database and the spool of unstored answers live."""
    database_url: str | None = field(default=None, repr=False)
    """PostgreSQL of the app role; None: the embedded one."""
    database_owner_url: str | None = field(default=None, repr=False)
    """PostgreSQL of the role that owns the tables and migrates; None: the same as ``database_url``."""
    openai_api_key: str | None = field(default=None, repr=False)
    openai_base_url: str | None = None
    openai_model: str = DEMO_MODEL
    openai_models: tuple[str, ...] = (DEMO_MODEL,)
    """What the form offers to choose from; any other name may be typed."""
    timeout_s: float = 90.0
    """How long a person waits for a whole answer (facts of the SDK: its own default of 600 s is per phase)."""
    openai_store: bool = False
    """Whether OpenAI keeps the answers for a while, so that one that never arrived can be fetched later."""
    default_tenant: str = "my-team"
    demo_pace: float = 1.0
    """Scales all the waiting of the demo model; 0 answers at once."""
    api_key_pepper: str | None = field(default=None, repr=False)
    """The secret under which API keys are hashed, the same on every machine; None: a file in ``data_dir``."""
    api_calls_a_minute: int = 1200
    """How many calls one API key makes a minute; a burst of as many is let through at once."""
    frame_ancestors: tuple[str, ...] = ()
    """Origins whose pages may show the app in a frame; empty: no page may."""
    workers: int = 1
    """How many processes the app starts to write batches."""
    requests_at_once: int = 32
    """How many requests one of them sends at once."""
    local_webhooks: bool = False
    """Whether webhooks may go to this machine itself, for trying them out."""
    spool_interval_s: float = 2.0
    """Seconds between two attempts to store answers that the database has not taken yet."""

    @property
    def spool_dir(self) -> Path:
        """Where answers wait until the database has them."""
        return self.data_dir / "spool"

    @property
    def exports_dir(self) -> Path:
        """Where exported files wait for an hour to be downloaded."""
        return self.data_dir / "exports"

    @property
    def has_model_endpoint(self) -> bool:
        """Whether a model other than the demo can be called: with a key, or on a compatible server that needs none."""
        return bool(self.openai_api_key or self.openai_base_url)

    @classmethod
    def from_environment(cls, environ: Mapping[str, str] | None = None) -> Settings:
        """The settings of a process: those of ``environ``, or of its environment and ``.streamlit/secrets.toml``.

        A blank value counts as not set. Raises :class:`UnreadableSetting`.
        """
        env = {**os.environ, **_flat_secrets()} if environ is None else environ
        values = {
            setting.field: read_value(setting.name, text, setting.parse, setting.expected, setting.quote)
            for setting in SETTINGS
            if (text := env.get(setting.name, "").strip())
        }
        has_endpoint = values.keys() & {"openai_api_key", "openai_base_url"}
        model = values.setdefault("openai_model", CURRENT_MODEL if has_endpoint else DEMO_MODEL)
        values["openai_models"] = tuple(dict.fromkeys((model, *values.get("openai_models", ()), DEMO_MODEL)))
        values.setdefault("data_dir", _folder(".data"))
        return cls(**values)


def environment_for(folder: Path) -> dict[str, str]:
    """This process's environment, for a program of ours whose modules are in ``folder``."""
    paths = [str(folder), *filter(None, [os.environ.get("PYTHONPATH")])]
    return {**os.environ, "PYTHONPATH": os.pathsep.join(paths)}


def _flat_secrets() -> dict[str, str]:
    try:
        content = tomllib.loads(SECRETS.read_text("utf-8"))
    except FileNotFoundError:
        return {}
    except ValueError as error:  # UnicodeDecodeError and TOMLDecodeError
        raise UnreadableSetting(f"{SECRETS} cannot be read: {error}.") from None
    return {name: str(value) for name, value in content.items() if not isinstance(value, dict)}
