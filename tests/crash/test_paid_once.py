"""An endpoint that bills on receipt and then misbehaves is paid once, and what is known of the bill is on record."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path

import pytest

from lib.domain.errors import StudioError
from lib.generation import generate
from lib.store import attempts, generations
from lib.studio import Studio
from tests.conftest import Urls
from tests.support import generating
from tests.support.endpoint import (
    Conduct,
    Endpoint,
    answers,
    cuts_after,
    endpoint,
    hangs_up,
    is_silent,
    one_after_the_other,
    rejects,
)
from tests.support.mortal import BRIEF, OPTIONS, studio_on

HTML = b"<html><h1>502 Bad Gateway</h1></html>"


@pytest.fixture
def asked() -> Iterator[Endpoint]:
    with endpoint() as running:
        yield running


@pytest.fixture
def here(database_urls: Urls, asked: Endpoint, tmp_path: Path) -> Iterator[Studio]:
    studio = studio_on(database_urls.app, asked.url, tmp_path / "spool", timeout_s=1)
    yield studio
    studio.close()


@pytest.mark.parametrize("stream", [True, False], ids=["streamed", "whole"])
@pytest.mark.parametrize(
    ("conduct", "outcome", "code"),
    [
        pytest.param(rejects(502, HTML, content_type="text/html"), "failed", "model_failed", id="a gateway's page"),
        pytest.param(cuts_after(300), "incomplete", "incomplete", id="cut in the answer"),
        pytest.param(cuts_after(0), "incomplete", "incomplete", id="cut after the head"),
        pytest.param(hangs_up, "unknown", "unknown", id="hangs up"),
        pytest.param(is_silent, "unknown", "unknown", id="silent"),
    ],
)
def test_a_request_that_may_have_been_billed_is_not_sent_again(
    here: Studio, asked: Endpoint, conduct: Conduct, outcome: str, code: str, stream: bool
) -> None:
    asked.conduct = conduct
    for _asked_again in range(2):
        with pytest.raises(StudioError) as raised:
            generating.write(here, BRIEF, OPTIONS, source="test", idempotency_key="one", stream=stream)
        assert raised.value.code == code
    (bill,) = asked.billed()
    with here.database.tenant(BRIEF.tenant_id) as db:
        known = generations.by_key(db, BRIEF.tenant_id, "one")
        assert known
        (attempt,) = attempts.of_generation(db, BRIEF.tenant_id, known.generation_id)
    assert (str(attempt.attempt_id), attempt.outcome, known.outcome) == (bill.reference, outcome, outcome)
    assert attempt.estimated_cost_usd
    assert (attempt.response_body or b"") == bill.sent
    assert here.spool.pending() == []


def test_each_request_that_was_rejected_has_a_record_of_its_own(
    here: Studio, asked: Endpoint, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(generate, "RETRY_DELAYS_S", (0.0, 0.0))
    busy = rejects(429, b'{"error": {"message": "slow down", "code": "rate_limit_exceeded"}}')
    asked.conduct = one_after_the_other(busy, busy, answers)
    feed = generating.write(here, BRIEF, OPTIONS, source="test", stream=True)
    bills = asked.billed()
    assert [bill.paid for bill in bills] == [False, False, True]
    assert feed.instagram_ad_copy == bills[-1].text
    with here.database.tenant(BRIEF.tenant_id) as db:
        known = generations.of_feed(db, BRIEF.tenant_id, feed.instagram_feed_id)
        assert known
        made = attempts.of_generation(db, BRIEF.tenant_id, known.generation_id)
    assert [str(attempt.attempt_id) for attempt in made] == [bill.reference for bill in bills]
    assert [(attempt.outcome, attempt.estimated_cost_usd) for attempt in made] == [
        ("failed", None),
        ("failed", None),
        ("written", None),
    ]
