"""Step three: all of an answer's records appear together or not at all, and each of them once."""

from __future__ import annotations

import dataclasses
import uuid
from collections.abc import Callable
from typing import Any

import pytest

from lib.demo.model import DemoModel
from lib.domain import completion
from lib.domain.brief import Brief
from lib.domain.completion import Outcome
from lib.domain.errors import FeedRefused, JobNotFound, OverlayNotFound
from lib.domain.exchange import Exchange
from lib.generation import job_links, outcome
from lib.generation.generate import Prepared
from lib.store import attempts, feeds, generations
from lib.store.attempts import Attempt
from lib.store.feeds import Feed
from lib.store.generations import Generation
from lib.studio import Studio
from tests.support import generating

Sql = Callable[..., list[tuple[Any, ...]]]


@pytest.fixture
def prepared(studio: Studio, brief: Brief) -> Prepared:
    made = generating.recorded(studio, brief)
    made.entry.discard()
    return made


@pytest.fixture
def exchange(prepared: Prepared, demo: DemoModel) -> Exchange:
    """A good answer that has just arrived."""
    body = b"".join(demo.respond(prepared.payload).chunks)
    headers = {"content-type": "text/event-stream", "x-request-id": "req_1"}
    return Exchange(True, 200, headers, body, "complete", first_byte_ms=1.5, latency_ms=9.5)


def finish(studio: Studio, prepared: Prepared, exchange: Exchange) -> Feed | None:
    got = completion.read(exchange, prepared.payload)
    return outcome.store(studio, prepared.generation, prepared.attempt_id, prepared.payload, exchange, got)


def records(studio: Studio, prepared: Prepared) -> tuple[Generation, Attempt, list[Feed]]:
    with studio.database.tenant("acme") as db:
        asked = generations.get(db, "acme", prepared.generation.generation_id)
        attempt = attempts.get(db, "acme", prepared.attempt_id)
        assert asked is not None
        assert attempt is not None
        return asked, attempt, feeds.newest(db, "acme")


def test_the_answer_its_end_and_its_feed_appear_together(
    studio: Studio, prepared: Prepared, exchange: Exchange
) -> None:
    feed = finish(studio, prepared, exchange)
    asked, attempt, made = records(studio, prepared)
    assert made == [feed]
    assert feed is not None
    assert (asked.outcome, asked.instagram_feed_id) == (Outcome.WRITTEN, feed.instagram_feed_id)
    assert (attempt.outcome, attempt.http_status, attempt.request_id) == (Outcome.WRITTEN, 200, "req_1")
    assert (attempt.first_byte_ms, attempt.latency_ms) == (1.5, 9.5)
    assert bytes(attempt.response_body or b"") == exchange.body


def test_where_the_database_does_not_take_the_feed_the_answer_is_stored_all_the_same(
    studio: Studio, prepared: Prepared, exchange: Exchange, as_owner: Sql
) -> None:
    as_owner("ALTER TABLE instagram_feeds ADD CONSTRAINT refuses CHECK (tone_style IS NULL)")
    assert finish(studio, prepared, exchange) is None
    asked, attempt, made = records(studio, prepared)
    assert (asked.outcome, attempt.outcome, made) == (Outcome.NEEDS_FIXING, Outcome.NEEDS_FIXING, [])
    assert asked.finished_at
    assert attempt.error_code == "feed_refused"
    assert "refuses" in str(attempt.error_params)
    assert bytes(attempt.response_body or b"") == exchange.body
    with pytest.raises(FeedRefused):
        outcome.store_fixed(studio, asked, "글", "#글")
    as_owner("ALTER TABLE instagram_feeds DROP CONSTRAINT refuses")
    assert outcome.store_fixed(studio, asked, "글", "#글").instagram_ad_copy == "글"


def test_finishing_twice_makes_one_feed_and_keeps_the_first_end(
    studio: Studio, prepared: Prepared, exchange: Exchange
) -> None:
    finish(studio, prepared, exchange)
    before = records(studio, prepared)
    assert finish(studio, prepared, exchange) is None
    assert finish(studio, prepared, Exchange(sent=True, ending="cut")) is None
    assert records(studio, prepared) == before


@pytest.mark.parametrize("hostile", ["\\u0000", "\\ud800", "\\udfff\\ud800"])
def test_what_postgresql_does_not_take_does_not_lose_the_answer(
    studio: Studio, prepared: Prepared, exchange: Exchange, hostile: str
) -> None:
    told = exchange.body.replace(b'"model": "demo"', f'"model": "de{hostile}mo"'.encode())
    assert told != exchange.body
    feed = finish(studio, prepared, dataclasses.replace(exchange, body=told))
    assert feed is not None
    assert feed.gpt_model_name is not None
    assert feed.gpt_model_name.startswith("de")


def test_links_are_checked_for_the_tenant(studio: Studio, as_owner: Sql) -> None:
    theirs = uuid.UUID(as_owner("INSERT INTO jobs (tenant_id) VALUES ('other') RETURNING job_id::text")[0][0])
    with studio.database.tenant("acme") as db:
        job_links.require_links(db, "acme", None, None)
        with pytest.raises(JobNotFound):
            job_links.require_links(db, "acme", theirs, None)
        with pytest.raises(OverlayNotFound):
            job_links.require_links(db, "acme", None, uuid.uuid4())
    with studio.database.tenant("other") as db:
        job_links.require_links(db, "other", theirs, None)
