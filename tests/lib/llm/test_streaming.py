"""A stream: its text is seen as it arrives, and it can be stopped."""

from __future__ import annotations

import datetime as dt
import json
import threading
import uuid
from collections.abc import Callable, Generator
from email.utils import format_datetime
from pathlib import Path
from typing import Any

import pytest

from lib.demo.model import DemoModel
from lib.domain import errors, prompt
from lib.domain.brief import Brief, GenerationOptions
from lib.domain.completion import Outcome, read
from lib.llm.client import Writer
from lib.llm.spool import Spool
from lib.llm.streaming import Step, follow_chunks, kept_headers
from lib.settings import Settings
from tests.support import servers
from tests.support.asking import JSON, REAL, Ask, nobody_watches
from tests.support.endpoint import Call, Endpoint, is_silent
from tests.support.patience import PATIENCE_S


@pytest.mark.parametrize(
    "form",
    [
        "%a, %d %b %Y %H:%M:%S GMT",
        "%A, %d-%b-%y %H:%M:%S GMT",
        "%a %b %d %H:%M:%S %Y",
        "%Y-%m-%dT%H:%M:%SZ",
        "%Y-%m-%dT%H:%M:%S+00:00",
        "%s",
        "%s000",
    ],
)
@pytest.mark.parametrize("clock", [dt.timedelta(), dt.timedelta(hours=-9), dt.timedelta(days=400)])
def test_an_instant_to_wait_until_becomes_seconds_by_the_servers_own_clock(form: str, clock: dt.timedelta) -> None:
    now = dt.datetime.now(dt.UTC).replace(microsecond=0) + clock
    until = now + dt.timedelta(seconds=30)
    written = until.strftime(form.replace("%s", str(int(until.timestamp()))))
    assert kept_headers({"retry-after": written, "date": format_datetime(now, usegmt=True)})["retry-after"] == "30"


def test_milliseconds_whose_digits_spell_a_date_are_milliseconds() -> None:
    now = dt.datetime.fromtimestamp(
        1_796_123_162, dt.UTC
    )  # a day of 1796, to who reads the first eight digits as a day
    assert (
        kept_headers({"retry-after": "1796123192000", "date": format_datetime(now, usegmt=True)})["retry-after"] == "30"
    )


@pytest.mark.parametrize("written", ["30", "1.5", "soon", "-5", "nan", "1e400"])
def test_what_is_no_instant_is_kept_as_it_came(written: str) -> None:
    assert kept_headers({"retry-after": written}) == {"retry-after": written}


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
