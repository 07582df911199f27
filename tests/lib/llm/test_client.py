"""The one conversation with a model, through the real client: what is sent, what is left, and what is learnt."""

from __future__ import annotations

import datetime as dt
import threading
import uuid
from collections.abc import Callable
from email.utils import format_datetime
from pathlib import Path
from typing import Any

import pytest

from lib.demo.model import DemoModel
from lib.domain import errors, prompt
from lib.domain.brief import Brief, GenerationOptions
from lib.domain.completion import Outcome, read
from lib.i18n import words
from lib.llm.client import Writer
from lib.llm.spool import Spool
from lib.llm.streaming import KEPT_HEADERS
from lib.settings import Settings
from tests.support import servers
from tests.support.asking import JSON, REAL, Ask, nobody_watches
from tests.support.endpoint import Endpoint, cuts_after, hangs_up, rejects

Watch = Callable[[str], None]


def test_a_body_says_what_the_options_say_and_no_more(body: Callable[..., JSON], brief: Brief) -> None:
    sent = body(REAL, stream=False, max_tokens=500)
    assert sent == {
        "model": REAL,
        "messages": prompt.messages(brief, "ko"),
        "max_completion_tokens": 500,
        "response_format": prompt.RESPONSE_FORMATS[0],
    }
    streamed = body(REAL, temperature=0.0)
    assert streamed["temperature"] == 0.0
    assert streamed["stream"] is True
    assert streamed["stream_options"] == {"include_usage": True}


@pytest.mark.parametrize(
    ("behaviour", "status", "ending", "error_class"),
    [
        ("written", 200, "complete", None),
        ("refused", 200, "complete", None),
        ("incomplete", 200, "complete", None),
        ("cut", 200, "cut", "RemoteProtocolError"),
        ("silent", None, "cut", "ReadTimeout"),
        ("unreachable", None, "not_delivered", "ConnectError"),
        ("rate_limited", 429, "complete", "RateLimitError"),
        ("quota", 429, "complete", "RateLimitError"),
        ("wrong_key", 401, "complete", "AuthenticationError"),
        ("server_error", 500, "complete", "InternalServerError"),
        ("bad_gateway", 502, "complete", "InternalServerError"),
        ("no_schema", 400, "complete", "BadRequestError"),
    ],
)
@pytest.mark.parametrize("stream", [False, True], ids=["whole", "streamed"])
def test_what_travelled_is_in_the_trace_and_nothing_is_raised(
    ask: Ask, body: Callable[..., JSON], demo: DemoModel, behaviour: str, status: int | None, ending: str,
    error_class: str | None, stream: bool,
) -> None:  # fmt: skip
    exchange = ask(body(f"demo-{behaviour}", stream=stream))
    assert exchange.sent
    assert (exchange.status, exchange.ending, exchange.error_class) == (status, ending, error_class)
    assert (exchange.body == b"") is (status is None)
    assert set(exchange.headers) <= set(KEPT_HEADERS)
    assert len(demo.requests) == 1, "the client's own retries are off"


def test_a_real_connection_leaves_the_same_traces(ask: Ask, body: Callable[..., JSON], openai: Endpoint) -> None:
    assert read(ask(body(REAL)), body(REAL)).outcome is Outcome.WRITTEN
    openai.conduct = cuts_after(300)
    cut = ask(body(REAL))
    assert (cut.status, cut.ending, len(cut.body)) == (200, "cut", 300)
    openai.conduct = hangs_up
    gone = ask(body(REAL))
    assert (gone.status, gone.ending, gone.body) == (None, "cut", b"")
    openai.conduct = rejects(502, b"<html>Bad Gateway</html>")
    bad = ask(body(REAL))
    assert (bad.status, bad.ending, bad.body) == (502, "complete", b"<html>Bad Gateway</html>")
    assert len(openai.billed()) == 4, "each was sent once"


def test_a_server_that_is_not_there_was_never_asked(brief: Brief, demo: DemoModel, tmp_path: Path) -> None:
    writer = Writer(Settings(openai_api_key="k", openai_base_url="http://127.0.0.1:1/v1"), demo)
    body = writer.body(prompt.messages(brief, "ko"), GenerationOptions(REAL), stream=True)
    entry = Spool(tmp_path).open("acme", uuid.uuid4())
    writer.ask(body, entry, on_content=nobody_watches, stop=threading.Event(), reference="r")
    got = read(entry.exchange, body)
    assert type(got.error) is errors.ModelUnreachable
    assert not got.billing_unknown
    entry.discard()
    writer.close()


@pytest.mark.parametrize("server", servers.WRITTEN)
def test_an_answer_in_any_dialect_is_written_with_its_usage(
    ask: Ask, body: Callable[..., JSON], openai: Endpoint, server: str
) -> None:
    openai.conduct = servers.WRITTEN[server]
    answer = read(ask(body(REAL)), body(REAL))
    assert answer.outcome is Outcome.WRITTEN
    assert answer.caption is not None
    assert (answer.caption.text, answer.caption.hashtags) == (servers.COPY, ("통밀빵", "아침"))
    assert answer.usage is not None
    assert servers.USAGE.items() <= answer.usage.items()


@pytest.mark.parametrize("server", servers.FAILED)
def test_a_failure_in_any_dialect_is_named_with_the_servers_words(
    ask: Ask, body: Callable[..., JSON], openai: Endpoint, server: str
) -> None:
    openai.conduct, code, sentence = servers.FAILED[server]
    answer = read(ask(body(REAL)), body(REAL))
    assert answer.error is not None
    assert answer.error.code == code
    assert sentence in words.error("en", answer.error)
    assert (answer.usage is not None) == (code == "empty"), "usage that came along is kept"


def test_a_date_to_wait_for_is_kept_as_seconds(ask: Ask, body: Callable[..., JSON], openai: Endpoint) -> None:
    now = dt.datetime.now(dt.UTC)
    for wait, seconds in ((dt.timedelta(seconds=40), 40), (dt.timedelta(hours=-1), 0)):
        openai.conduct = rejects(429, b"{}", retry_after=format_datetime(now + wait, usegmt=True))
        waited = read(ask(body(REAL)), body(REAL)).retry_after_s
        assert waited is not None
        assert abs(waited - seconds) <= 5


def until_answered(writer: Writer, ask: Ask, body: Callable[..., JSON], model: str, **options: Any) -> list[JSON]:
    """The bodies that were sent until the model answered."""
    sent = []
    for _ in range(6):
        sent.append(body(model, **options))
        if not writer.learn(sent[-1], read(ask(sent[-1]), sent[-1])):
            return sent
    raise AssertionError("it never ends")


def test_only_the_named_parameter_is_dropped_and_only_for_that_model(
    writer: Writer, ask: Ask, body: Callable[..., JSON]
) -> None:
    first, second = until_answered(writer, ask, body, "demo-no_temperature", temperature=0.7)
    assert second == {name: value for name, value in first.items() if name != "temperature"}
    assert "temperature" not in body("demo-no_temperature", temperature=0.7)
    assert body("demo", temperature=0.7)["temperature"] == 0.7
    first, second = until_answered(writer, ask, body, "demo-no_max_tokens", temperature=0.7)
    limit = first.pop("max_completion_tokens")
    assert second == first | {"max_tokens": limit}, "the older name of the same limit"


def test_a_key_that_a_gateway_sends_back_is_not_kept(
    brief: Brief, demo: DemoModel, openai: Endpoint, tmp_path: Path
) -> None:
    openai.conduct = rejects(400, b'{"error": {"message": "bad header: Bearer sk-secret"}}')
    writer = Writer(Settings(openai_api_key="sk-secret", openai_base_url=openai.url), demo)
    request = writer.body(prompt.messages(brief, "ko"), GenerationOptions(REAL), stream=False)
    entry = Spool(tmp_path / "own").open("acme", uuid.uuid4())
    entry.attempt(uuid.uuid4())
    writer.ask(request, entry, on_content=print, stop=threading.Event(), reference="r")
    assert b"sk-secret" not in entry.exchange.body
    assert "sk-secret" not in entry.path.read_text()
    assert "***" in str(read(entry.exchange, request).error)
    writer.close()


@pytest.mark.parametrize("key", ["sk-“quoted”", "sk-line\nbreak", "sk-한글"])
def test_a_key_that_no_header_can_carry_is_refused_before_anything_is_sent(demo: DemoModel, key: str) -> None:
    writer = Writer(Settings(openai_api_key=key), demo)
    with pytest.raises(errors.WrongKey):
        writer.require(REAL)
    writer.require("demo")


@pytest.mark.parametrize(
    ("model", "formats"),
    [("demo-no_schema", ["json_schema", "json_object"]), ("demo-no_json", ["json_schema", "json_object", None])],
)
def test_a_server_is_asked_with_the_next_simpler_format(
    writer: Writer, ask: Ask, body: Callable[..., JSON], model: str, formats: list[str | None]
) -> None:
    sent = until_answered(writer, ask, body, model)
    assert [one.get("response_format", {}).get("type") for one in sent] == formats
    assert body(model).get("response_format", {}).get("type") == formats[-1]
    assert body("demo")["response_format"]["type"] == "json_schema"


def test_without_a_key_only_the_demo_can_be_asked(demo: DemoModel) -> None:
    writer = Writer(Settings(), demo)
    writer.require("demo")
    writer.require("demo-slow")
    with pytest.raises(errors.NoKey) as caught:
        writer.require(REAL)
    assert REAL in str(caught.value)
    writer.close()


def test_a_compatible_server_without_keys_can_be_asked(demo: DemoModel, openai: Endpoint) -> None:
    writer = Writer(Settings(openai_base_url=openai.url), demo)
    writer.require("llama")
    writer.close()


def test_the_reference_goes_along_and_the_key_comes_back_in_no_trace(
    ask: Ask, body: Callable[..., JSON], openai: Endpoint
) -> None:
    openai.conduct = rejects(401, b'{"error": {"message": "wrong"}}', set_cookie="session=1", authorization="Bearer x")
    exchange = ask(body(REAL))
    assert uuid.UUID(openai.billed()[0].reference)
    assert set(exchange.headers) == {"content-type", "x-request-id"}
    assert "sk-secret" not in repr(exchange)
