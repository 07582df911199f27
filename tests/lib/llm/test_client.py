"""The one conversation with a model, through the real client: what is sent, what is left, and what is learnt."""

from __future__ import annotations

import datetime as dt
import json
import threading
import uuid
from collections.abc import Callable, Generator, Iterator
from email.utils import format_datetime
from pathlib import Path
from typing import Any

import pytest

from lib.demo.model import DemoModel
from lib.domain import errors, prompt
from lib.domain.brief import Brief, GenerationOptions
from lib.domain.completion import Outcome, read
from lib.domain.exchange import Exchange
from lib.i18n import words
from lib.llm.client import Writer
from lib.llm.spool import Spool
from lib.llm.streaming import KEPT_HEADERS, Step, follow_chunks
from lib.settings import Settings
from tests.support import servers
from tests.support.endpoint import Call, Endpoint, cuts_after, endpoint, hangs_up, is_silent, rejects
from tests.support.patience import PATIENCE_S

JSON = dict[str, Any]
Ask = Callable[..., Exchange]
Watch = Callable[[str], None]

REAL = "gpt-6-luna"


def nobody_watches(_content: str) -> None:
    """For who does not want to see the text as it arrives."""


@pytest.fixture
def openai() -> Iterator[Endpoint]:
    with endpoint() as running:
        yield running


@pytest.fixture
def writer(demo: DemoModel, openai: Endpoint) -> Iterator[Writer]:
    writer = Writer(Settings(openai_api_key="sk-secret", openai_base_url=openai.url, timeout_s=60.0), demo)
    yield writer
    writer.close()


@pytest.fixture
def ask(writer: Writer, tmp_path: Path) -> Ask:
    """Sends a body once and gives what travelled, which is the same in the trace on the disk."""
    spool = Spool(tmp_path / "spool")

    def once(
        body: JSON, on_content: Callable[[str], None] = nobody_watches, stop: threading.Event | None = None
    ) -> Exchange:
        entry = spool.open("acme", uuid.uuid4())
        entry.attempt(uuid.uuid4())
        writer.ask(body, entry, on_content=on_content, stop=stop or threading.Event(), reference=str(uuid.uuid4()))
        entry.release()
        (left,) = spool.abandoned()
        assert left.exchange == entry.exchange
        left.discard()
        return entry.exchange

    return once


@pytest.fixture
def body(writer: Writer, brief: Brief) -> Callable[..., JSON]:
    def of(model: str = "demo", *, stream: bool = True, **options: Any) -> JSON:
        return writer.body(prompt.messages(brief, "ko"), GenerationOptions(model, **options), stream=stream)

    return of


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


def test_the_text_can_be_watched_as_it_arrives(ask: Ask, body: Callable[..., JSON]) -> None:
    seen: list[str] = []
    exchange = ask(body(), on_content=seen.append)
    got = read(exchange, body())
    assert got.completion is not None
    assert "".join(seen) == got.completion["choices"][0]["message"]["content"]
    assert len(seen) > 10


def sends(*pieces: bytes) -> Callable[[Call], None]:
    def conduct(call: Call) -> None:
        call.begin()
        for piece in pieces:
            call.send(piece)
        call.end()

    return conduct


def test_the_text_of_odd_streams_can_be_watched_too(ask: Ask, body: Callable[..., JSON], openai: Endpoint) -> None:
    def event(choices: Any, line_end: str = "\n") -> bytes:
        return f"data: {json.dumps({'id': 'c', 'choices': choices})}{line_end}{line_end}".encode()

    good, odd = event([{"delta": {"content": "가"}}], "\r\n"), event([None, 7, {"delta": 3}, {"delta": {"content": 9}}])
    openai.conduct = sends(good[:-3], good[-3:], odd, event("x"), b"data: {\n\n", good)
    seen: list[str] = []
    assert ask(body(REAL), on_content=seen.append).ending == "complete"
    assert seen == ["가", "가"]


# -- servers of other kinds -------------------------------------------------------------------------------------------


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


@pytest.mark.parametrize(
    "server", ["content in parts, streamed", "tool call, streamed", "stream with carriage returns"]
)
def test_an_answer_in_another_dialect_can_be_watched(
    ask: Ask, body: Callable[..., JSON], openai: Endpoint, server: str
) -> None:
    openai.conduct = servers.WRITTEN[server]
    seen: list[str] = []
    ask(body(REAL), on_content=seen.append)
    assert "".join(seen) == servers.TEXT


def test_a_date_to_wait_for_is_kept_as_seconds(ask: Ask, body: Callable[..., JSON], openai: Endpoint) -> None:
    now = dt.datetime.now(dt.UTC)
    for wait, seconds in ((dt.timedelta(seconds=40), 40), (dt.timedelta(hours=-1), 0)):
        openai.conduct = rejects(429, b"{}", retry_after=format_datetime(now + wait, usegmt=True))
        waited = read(ask(body(REAL)), body(REAL)).retry_after_s
        assert waited is not None
        assert abs(waited - seconds) <= 5


# -- stop, and the clock ---------------------------------------------------------------------------------------------


def test_a_stop_ends_a_stream_and_keeps_what_arrived(ask: Ask, body: Callable[..., JSON], openai: Endpoint) -> None:
    stop = threading.Event()

    def half(call: Call) -> None:
        call.begin()
        call.send(call.answer()[0])
        call.wait_for_hang_up()

    openai.conduct = half
    exchange = ask(body(REAL), on_content=lambda _: stop.set(), stop=stop)
    assert exchange.ending == "stopped"
    assert exchange.body.startswith(b"data: ")
    got = read(exchange, body(REAL))
    assert (got.outcome, type(got.error)) == (Outcome.STOPPED, errors.Stopped)


def test_what_has_been_heard_is_told_before_anybody_may_stop() -> None:
    over = threading.Event()

    def steps() -> Generator[Step, None, None]:
        yield 200, {}
        for piece in (b"an answer ", b"that is whole"):
            yield piece
            yield None
        over.set()

    overheard = follow_chunks(steps())
    assert next(overheard) == (200, {})
    assert over.wait(PATIENCE_S)
    assert list(overheard)[:2] == [b"an answer ", b"that is whole"]


def test_a_stop_does_not_wait_for_a_silent_server(ask: Ask, body: Callable[..., JSON], openai: Endpoint) -> None:
    """The server stays silent for as long as the client listens: only the stop can end this as *stopped*."""
    stop = threading.Event()

    def silent(call: Call) -> None:
        stop.set()  # pressed while it is silent
        is_silent(call)

    openai.conduct = silent
    exchange = ask(body(REAL), stop=stop)
    assert (exchange.status, exchange.ending) == (None, "stopped")
    assert read(exchange, body(REAL)).outcome is Outcome.STOPPED


def test_a_stream_that_trickles_for_ever_ends_with_the_time_out(
    brief: Brief, demo: DemoModel, openai: Endpoint, tmp_path: Path
) -> None:
    """Each byte comes within the read time-out, so that only a clock over the whole answer can end it."""
    left = threading.Event()

    def trickles(call: Call) -> None:
        call.begin()
        while not left.wait(0.05):
            call.send(b": still here\n\n")

    openai.conduct = trickles
    writer = Writer(Settings(openai_api_key="k", openai_base_url=openai.url, timeout_s=0.5), demo)
    body = writer.body(prompt.messages(brief, "ko"), GenerationOptions(REAL), stream=True)
    entry = Spool(tmp_path).open("acme", uuid.uuid4())
    writer.ask(body, entry, on_content=nobody_watches, stop=threading.Event(), reference="r")
    left.set()
    assert (entry.exchange.ending, entry.exchange.error_class) == ("cut", "ReadTimeout")
    assert read(entry.exchange, body).outcome in (Outcome.INCOMPLETE, Outcome.UNKNOWN)
    entry.discard()
    writer.close()


# -- what it learns --------------------------------------------------------------------------------------------------


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


# -- keys ------------------------------------------------------------------------------------------------------------


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
