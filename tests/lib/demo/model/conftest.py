"""The demo model, answering at once, and the real client that reaches it."""

from __future__ import annotations

from collections.abc import Iterator

import httpx2
import openai
import pytest

from lib.demo.model import DemoModel


@pytest.fixture
def demo() -> DemoModel:
    return DemoModel(pace=0)


@pytest.fixture
def client(demo: DemoModel) -> Iterator[openai.OpenAI]:
    with openai.OpenAI(
        api_key="demo",
        base_url="http://demo.invalid/v1",
        max_retries=0,
        http_client=httpx2.Client(transport=demo.transport),
    ) as client:
        yield client
