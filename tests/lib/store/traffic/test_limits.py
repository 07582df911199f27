"""A team's requests to a model stay within its limits, whoever sends them."""

from __future__ import annotations

from lib.domain.brief import Brief, GenerationOptions
from lib.store.traffic import limits
from lib.studio import Studio
from tests.conftest import RunSql
from tests.support.generating import recorded


def take(studio: Studio, tokens: int = 10, tenant_id: str = "acme", model: str = "m") -> float:
    with studio.database.tenant(tenant_id) as db:
        return limits.take(db, tenant_id, model, tokens)


def test_without_limits_nobody_waits(studio: Studio) -> None:
    assert take(studio) == 0.0


def test_a_bucket_holds_ten_seconds_worth_and_fills_as_time_passes(studio: Studio, as_owner: RunSql) -> None:
    with studio.database.tenant("acme") as db:
        limits.put(db, "acme", "m", requests_a_minute=12)
    assert [take(studio) for _ in range(2)] == [0.0, 0.0]
    assert 4 < take(studio) <= 5
    assert take(studio, tenant_id="other") == 0.0
    assert take(studio, model="another") == 0.0
    as_owner("UPDATE studio_model_limits SET filled_at = filled_at - interval '5.1 seconds'")
    assert take(studio) == 0.0
    assert take(studio) > 0


def test_tokens_are_counted_and_a_request_larger_than_the_bucket_goes_through_alone(studio: Studio) -> None:
    with studio.database.tenant("acme") as db:
        limits.put(db, "acme", "m", tokens_a_minute=600)
    assert take(studio, 5_000) == 0.0
    assert take(studio, 50) > 60


def test_a_blocked_model_is_blocked_for_the_whole_team_until_then(studio: Studio, as_owner: RunSql) -> None:
    with studio.database.tenant("acme") as db:
        limits.block(db, "acme", "m", 40)
        limits.block(db, "acme", "m", 5)
    assert 35 < take(studio) <= 40, "the later end counts"
    as_owner("UPDATE studio_model_limits SET blocked_until = now()")
    assert take(studio) == 0.0


def test_so_many_requests_are_under_way_at_once_and_the_first_goes_first(studio: Studio, brief: Brief) -> None:
    with studio.database.tenant("acme") as db:
        limits.put(db, "acme", "demo", at_once=1)
    assert take(studio, model="demo") == 0.0
    first, second = (recorded(studio, brief, GenerationOptions("demo")) for _ in range(2))
    assert (first.wait_s, second.wait_s > 0) == (0.0, True)
    assert take(studio, model="demo") > 0
    with studio.database.tenant("acme") as db:
        assert limits.take(db, "acme", "demo", 1, attempt_id=first.attempt_id) == 0.0
        assert limits.take(db, "acme", "demo", 1, attempt_id=second.attempt_id) > 0
    for prepared in (first, second):
        prepared.entry.release()
