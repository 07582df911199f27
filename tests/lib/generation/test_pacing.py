"""A request waits for its place within the team's limits, and ends with the reason where that takes too long."""

from __future__ import annotations

import pytest

from lib.demo.model import DemoModel
from lib.domain.brief import Brief, GenerationOptions
from lib.domain.errors import RateLimited
from lib.generation.pacing import tokens_of
from lib.store.traffic import limits
from lib.studio import Studio
from tests.conftest import RunSql
from tests.support.generating import write


def test_a_page_waits_for_a_short_while(studio: Studio, brief: Brief, demo: DemoModel) -> None:
    with studio.database.tenant("acme") as db:
        limits.block(db, "acme", "demo", 0.3)
    assert write(studio, brief)
    assert len(demo.requests) == 1


def test_a_request_that_would_wait_for_long_is_not_sent_and_says_for_how_long(
    studio: Studio, brief: Brief, demo: DemoModel, as_owner: RunSql
) -> None:
    with studio.database.tenant("acme") as db:
        limits.block(db, "acme", "demo", 100)
    with pytest.raises(RateLimited) as raised:
        write(studio, brief)
    assert raised.value.params["seconds"] > 90
    assert len(demo.requests) == 0
    assert as_owner("SELECT outcome, error_code FROM studio_attempts") == [("not_sent", "rate_limited")]


def test_the_servers_own_pause_holds_for_the_whole_team(studio: Studio, brief: Brief, demo: DemoModel) -> None:
    with pytest.raises(RateLimited):
        write(studio, brief, GenerationOptions("demo-rate_limited"))
    with studio.database.tenant("acme") as db:
        assert limits.take(db, "acme", "demo-rate_limited", 1) > 0
    assert write(studio, brief)


def test_a_request_counts_for_the_larger_of_its_prompt_and_its_longest_answer() -> None:
    assert tokens_of({"messages": [], "max_completion_tokens": 4000}) == 4000
    assert tokens_of({"messages": ["가" * 40_000], "max_tokens": 64}) > 9_000
