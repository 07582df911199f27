"""The model's client: on the demo model, and on a server of the test."""

from __future__ import annotations

import threading
import uuid
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any

import pytest

from lib.demo.model import DemoModel
from lib.domain import prompt
from lib.domain.brief import Brief, GenerationOptions
from lib.domain.exchange import Exchange
from lib.llm.client import Writer
from lib.llm.spool import Spool
from lib.settings import Settings
from tests.support.asking import JSON, Ask, nobody_watches
from tests.support.endpoint import Endpoint, endpoint


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
