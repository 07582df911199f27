"""The pages as a person uses them, each opened in a new session on a whole Studio and a real PostgreSQL."""

from __future__ import annotations

import datetime as dt
import math
from collections.abc import Callable, Iterator
from functools import cache
from typing import Any

import pytest
import streamlit as st
from streamlit.components.v2 import manifest_scanner

from lib import studio as studios
from lib.studio import Studio
from tests.conftest import InsertBySql
from tests.support.metrics_page import DECOMPOSED, LONG_TONE, USAGE
from tests.support.opened_page import Opened, OpenPage

Sql = Callable[..., list[tuple[Any, ...]]]


@pytest.fixture(scope="session", autouse=True)
def packages_searched_once() -> Iterator[None]:
    """Streamlit looks for components in every installed package for each AppTest, which is half of its time."""
    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(manifest_scanner, "scan_component_manifests", cache(manifest_scanner.scan_component_manifests))
        yield


@pytest.fixture
def open_page(studio: Studio) -> Iterator[OpenPage]:
    """Opens the page in a new session, with these parameters in its address."""
    studios.use(studio)
    st.cache_data.clear()  # what another test's tenant of the same name had
    yield lambda page="generate.py", **address: Opened(studio, page, **address)
    studios.use(None)


@pytest.fixture
def page(open_page: OpenPage) -> Opened:
    """The page as it opens, with the fields that cannot stay empty filled in."""
    return open_page().fill(
        product_description="저온에서 하루 숙성한 통밀 식빵", store_information="연남동 빵집 '온기'"
    )


@pytest.fixture
def open_history(open_page: OpenPage) -> OpenPage:
    return lambda **address: open_page("history.py", tenant_id="acme", **address)


@pytest.fixture
def open_jobs(open_page: OpenPage) -> OpenPage:
    return lambda **address: open_page("jobs.py", tenant_id="acme", **address)


@pytest.fixture
def keys(open_page: OpenPage) -> Opened:
    """The page of API keys."""
    return open_page("keys.py", tenant_id="acme")


@pytest.fixture
def job(as_owner: Sql) -> Callable[..., str]:
    """Inserts a job and returns its id."""

    def inserted(tenant_id: str = "acme", status: str = "done") -> str:
        statement = (
            "INSERT INTO jobs (tenant_id, status, current_step) VALUES (%s, %s, 'overlay') RETURNING job_id::text"
        )
        return str(as_owner(statement, tenant_id, status)[0][0])

    return inserted


@pytest.fixture
def captions(insert_by_sql: InsertBySql) -> Any:
    """Thirty captions of the last weeks, some of them saying nothing of their tokens, model or time."""
    now = dt.datetime.now(dt.UTC)
    for number in range(30):
        insert_by_sql(
            tenant_id="my-team",
            created_at=now - dt.timedelta(hours=17 * number),
            gpt_model_name=("gpt-5", "o3", "our-own-llama", None)[number % 4],
            tone_style=("따뜻하게", "=1+1 <b>", "재치 있게", LONG_TONE, f" {DECOMPOSED}", "")[number % 6],
            latency_ms=None if number % 9 == 0 else math.nan if number == 7 else 500.0 + 37 * number,
            token_usage=None if number % 7 == 1 else USAGE,  # the newest has a cost, also on the first of a month
        )
    return now
