"""The one path from a brief to a stored caption: a real database, the real client, and a model that can fail."""

from __future__ import annotations

import dataclasses
import json
import threading
import uuid
from collections.abc import Iterator
from concurrent.futures import ThreadPoolExecutor
from decimal import Decimal
from typing import Any

import pytest

from lib.demo.model import BEHAVIOURS, DemoModel
from lib.domain import errors, pricing, prompt
from lib.domain.brief import Brief, GenerationOptions
from lib.domain.caption import Caption
from lib.domain.completion import Outcome
from lib.feeds import editing
from lib.generation import outcome as outcomes
from lib.generation.generate import execute
from lib.generation.outcome import store_fixed
from lib.generation.submit import submit
from lib.llm.client import Writer
from lib.store import attempts, feeds, generations
from lib.store.attempts import Attempt
from lib.store.feeds import Feed
from lib.store.generations import Generation
from lib.studio import Studio
from tests.support.endpoint import Call, Endpoint, endpoint, is_silent, one_after_the_other, rejects
from tests.support.generated import Sql, ends, left_in, stored
from tests.support.generating import DEMO, recorded, request, write
from tests.support.outage import database_away

SECRET = "sk-the-secret-key"


def on_record(studio: Studio, tenant_id: str = "acme") -> tuple[Generation, list[Attempt]]:
    """The tenant's latest generation, and its requests."""
    with studio.database.tenant(tenant_id) as db:
        asked = generations.newest(db, tenant_id)
        assert asked is not None
        return asked, attempts.of_generation(db, tenant_id, asked.generation_id)


@pytest.fixture
def openai() -> Iterator[Endpoint]:
    with endpoint() as running:
        yield running


@pytest.fixture
def remote(studio: Studio, openai: Endpoint, demo: DemoModel) -> Iterator[Studio]:
    """The same studio with a key, and OpenAI's place taken by a server that bills on receipt."""
    settings = dataclasses.replace(studio.settings, openai_api_key=SECRET, openai_base_url=openai.url, timeout_s=60.0)
    writer = Writer(settings, demo)
    yield dataclasses.replace(studio, settings=settings, writer=writer)
    writer.close()


@pytest.mark.parametrize("stream", [False, True], ids=["whole", "streamed"])
def test_a_brief_becomes_a_row_with_every_column(studio: Studio, brief: Brief, demo: DemoModel, stream: bool) -> None:
    feed = write(studio, brief, GenerationOptions("demo", temperature=0.7, max_tokens=2_000), stream=stream)
    with studio.database.tenant("acme") as db:
        row = feeds.get(db, "acme", feed.instagram_feed_id)
    assert row == feed
    assert Brief(row.tenant_id, **{name: getattr(row, name) for name in brief.inputs()}) == brief
    sent = demo.requests[0]
    assert row.gpt_model_name == "demo"
    assert row.gpt_max_tokens == sent["max_completion_tokens"] == 2_000
    assert row.gpt_temperature == sent["temperature"] == 0.7
    assert row.gpt_prompt_used == prompt.as_text(sent["messages"])
    assert row.latency_ms is not None
    assert row.latency_ms > 0
    assert row.token_usage["total_tokens"] == row.token_usage["prompt_tokens"] + row.token_usage["completion_tokens"]
    assert row.gpt_response_raw["object"] == "chat.completion"
    assert row.gpt_response_raw["usage"] == row.token_usage
    told = json.loads(row.gpt_response_raw["choices"][0]["message"]["content"])
    assert row.instagram_ad_copy == told["instagram_ad_copy"]
    assert row.hashtags == " ".join(told["hashtags"])
    assert (row.job_id, row.overlay_id) == (None, None)
    assert row.created_at is not None
    assert row.pk is not None


def test_a_generation_and_its_attempt_are_on_record(studio: Studio, brief: Brief, demo: DemoModel) -> None:
    run_id = uuid.uuid4()
    feed = write(studio, brief, run_id=run_id, variant=2, idempotency_key="k")
    asked, (attempt,) = on_record(studio)
    assert (asked.run_id, asked.variant, asked.source, asked.idempotency_key) == (run_id, 2, "test", "k")
    assert asked.brief == brief.inputs()
    assert GenerationOptions.from_json(asked.options) == DEMO
    assert (asked.outcome, asked.instagram_feed_id) == (Outcome.WRITTEN, feed.instagram_feed_id)
    assert asked.finished_at is not None
    assert asked.prompt_version == prompt.VERSION
    assert attempt.request == demo.requests[0]
    assert (attempt.number, attempt.outcome, attempt.http_status) == (1, Outcome.WRITTEN, 200)
    assert attempt.request_id is not None
    assert attempt.request_id.startswith("req_demo_")
    assert attempt.response == feed.gpt_response_raw
    assert json.loads(bytes(attempt.response_body or b"")) == attempt.response
    assert attempt.estimated_cost_usd is None
    assert left_in(studio.spool) == []
    assert studio.running == {}


def test_a_temperature_that_nobody_set_or_the_model_does_not_take_is_null(studio: Studio, brief: Brief) -> None:
    assert write(studio, brief).gpt_temperature is None
    options = GenerationOptions("demo-no_temperature", temperature=0.7)
    assert write(studio, brief, options).gpt_temperature is None
    _, made = on_record(studio)
    assert [attempt.outcome for attempt in made] == [Outcome.FAILED, Outcome.WRITTEN]
    assert [attempt.request.get("temperature") for attempt in made] == [0.7, None]
    assert write(studio, brief, options).gpt_temperature is None
    assert len(on_record(studio)[1]) == 1, "it is remembered, and not tried again"


ENDS: dict[str, tuple[Outcome, type[errors.StudioError] | None]] = {
    "written": (Outcome.WRITTEN, None),
    "slow": (Outcome.WRITTEN, None),
    "over_limit": (Outcome.NEEDS_FIXING, errors.NeedsFixing),
    "many_tags": (Outcome.WRITTEN, None),
    "refused": (Outcome.REFUSED, errors.Refused),
    "empty": (Outcome.EMPTY, errors.EmptyAnswer),
    "invalid": (Outcome.INVALID, errors.InvalidAnswer),
    "truncated": (Outcome.TRUNCATED, errors.Truncated),
    "filtered": (Outcome.FILTERED, errors.Filtered),
    "incomplete": (Outcome.INCOMPLETE, errors.Incomplete),
    "cut": (Outcome.INCOMPLETE, errors.Incomplete),
    "plain": (Outcome.WRITTEN, None),
    "nul": (Outcome.WRITTEN, None),
    "surrogate": (Outcome.WRITTEN, None),
    "nan": (Outcome.WRITTEN, None),
    "broken_json": (Outcome.WRITTEN, None),
    "silent": (Outcome.UNKNOWN, errors.OutcomeUnknown),
    "unreachable": (Outcome.FAILED, errors.ModelUnreachable),
    "rate_limited_long": (Outcome.FAILED, errors.RateLimited),
    "quota": (Outcome.FAILED, errors.QuotaExceeded),
    "wrong_key": (Outcome.FAILED, errors.WrongKey),
    "server_error": (Outcome.FAILED, errors.ModelFailed),
    "bad_gateway": (Outcome.FAILED, errors.ModelFailed),
    "no_max_tokens": (Outcome.WRITTEN, None),
    "no_schema": (Outcome.WRITTEN, None),
    "no_json": (Outcome.WRITTEN, None),
}


RETRIED = {"unreachable": 3, "no_max_tokens": 2, "no_schema": 2, "no_json": 3}
"""How many requests it takes, where that is not one."""


def test_every_behaviour_of_the_model_is_tried() -> None:
    assert set(ENDS) == set(BEHAVIOURS) - {"no_temperature", "rate_limited"}  # these two have tests of their own


@pytest.mark.parametrize("behaviour", ENDS)
def test_every_ending_is_on_record_and_only_a_valid_caption_becomes_a_row(
    studio: Studio, brief: Brief, demo: DemoModel, behaviour: str
) -> None:
    outcome, error = ENDS[behaviour]
    options = GenerationOptions(f"demo-{behaviour}")
    if error is None:
        feed = write(studio, brief, options, stream=True)
        assert Caption.from_fields(feed.instagram_ad_copy, feed.hashtags).problems() == []
    else:
        raised = ends(studio, brief, options, stream=True)
        assert type(raised) is error
    asked, made = on_record(studio)
    assert (asked.outcome, asked.finished_at is None) == (outcome, False)
    assert len(stored(studio)) == (error is None)
    assert len(made) == len(demo.requests) == RETRIED.get(behaviour, 1)
    last = made[-1]
    assert last.outcome == outcome
    assert last.error_code == (error.code if error else None)
    if error:
        assert str(outcomes.error_of(last)) == str(raised)
    assert left_in(studio.spool) == []


@pytest.mark.parametrize("behaviour", ["broken_json", "cut"])
def test_an_answer_that_came_whole_or_not_at_all_is_kept_as_it_came(
    studio: Studio, brief: Brief, behaviour: str
) -> None:
    ends(studio, brief, GenerationOptions(f"demo-{behaviour}"))
    _, (attempt,) = on_record(studio)
    assert attempt.response is None
    assert bytes(attempt.response_body or b"").startswith(b'{"id"')
    assert attempt.estimated_cost_usd == 0  # the demo's, by definition


def test_a_rate_limit_is_waited_out_and_both_requests_are_on_record(
    studio: Studio, brief: Brief, demo: DemoModel
) -> None:
    demo.behaviours.append("rate_limited")
    write(studio, brief)
    _, made = on_record(studio)
    assert [(one.number, one.outcome, one.error_code) for one in made] == [
        (1, Outcome.FAILED, "rate_limited"),
        (2, Outcome.WRITTEN, None),
    ]
    assert made[0].provider_code == "rate_limit_exceeded"
    assert len(stored(studio)) == 1


def test_an_unreachable_server_is_asked_again_and_then_answers(studio: Studio, brief: Brief, demo: DemoModel) -> None:
    demo.behaviours.extend(["unreachable", "unreachable"])
    write(studio, brief)
    assert [one.outcome for one in on_record(studio)[1]] == ["failed", "failed", "written"]


@pytest.mark.parametrize("behaviour", ["quota", "server_error", "bad_gateway", "cut", "silent", "wrong_key", "empty"])
def test_what_may_be_billed_or_cannot_help_is_not_asked_again(
    studio: Studio, brief: Brief, demo: DemoModel, behaviour: str
) -> None:
    demo.behaviours.append(behaviour)  # whoever asks again gets a good answer
    ends(studio, brief, stream=True)
    assert len(demo.requests) == 1


def test_a_stop_while_it_waits_ends_the_generation(studio: Studio, brief: Brief, demo: DemoModel) -> None:
    demo.behaviours.append("rate_limited")
    progress = submit(studio, request(brief, stream=True, threads="page")).progress
    assert progress is not None
    while progress.phase != "waiting":
        assert progress.phase != "done"
    progress.stop()
    studio.page_threads.shutdown(wait=True)
    asked, made = on_record(studio)
    assert asked.finished_at is not None
    assert [one.outcome for one in made] == [Outcome.FAILED]
    assert len(demo.requests) == 1


def test_a_stop_before_the_request_sends_nothing(studio: Studio, brief: Brief, demo: DemoModel) -> None:
    prepared = recorded(studio, brief)
    prepared.progress.stop()
    with pytest.raises(errors.Stopped):
        execute(studio, prepared)
    asked, (attempt,) = on_record(studio)
    assert asked.outcome == attempt.outcome == Outcome.NOT_SENT
    assert len(demo.requests) == 0


def test_a_generation_carried_out_in_the_background_can_be_watched_to_its_end(studio: Studio, brief: Brief) -> None:
    submission = submit(studio, request(brief, stream=True, threads="page"))
    progress = submission.progress
    assert progress is not None
    studio.page_threads.shutdown(wait=True)
    assert progress.phase == "done"
    assert progress.seen()[0] == stored(studio)[0].instagram_ad_copy


def test_an_unknown_bill_is_estimated_at_the_price_of_the_real_model(
    remote: Studio, brief: Brief, openai: Endpoint
) -> None:
    openai.conduct = rejects(502, b"<html>Bad Gateway</html>")
    assert type(ends(remote, brief, GenerationOptions("gpt-6-luna"))) is errors.ModelFailed
    _, (attempt,) = on_record(remote)
    assert attempt.created_at is not None
    assert attempt.estimated_cost_usd is not None
    at_most = pricing.at_most_usd(attempt.request, attempt.created_at)
    assert at_most is not None
    assert attempt.estimated_cost_usd == at_most.quantize(Decimal("0.000000001"))
    assert attempt.estimated_cost_usd > Decimal("0.002")  # 4,000 tokens at 0.5 a million, and the prompt
    assert len(openai.billed()) == 1
    assert ends(remote, brief, GenerationOptions("our-own-llama")).code == "model_failed"
    assert on_record(remote)[1][0].estimated_cost_usd is None, "a price nobody knows is not 0"


def test_the_same_key_returns_the_same_feed_and_pays_once(studio: Studio, brief: Brief, demo: DemoModel) -> None:
    first = write(studio, brief, idempotency_key="k")
    assert write(studio, brief, idempotency_key="k") == first
    assert len(demo.requests) == 1
    assert left_in(studio.spool) == []


def test_the_same_key_raises_the_same_error_and_pays_once(studio: Studio, brief: Brief, demo: DemoModel) -> None:
    options = GenerationOptions("demo-refused")
    first, again = (ends(studio, brief, options, idempotency_key="k") for _ in range(2))
    assert (type(again), str(again)) == (type(first), str(first))
    assert len(demo.requests) == 1


def test_eight_requests_that_race_under_one_key_pay_once(studio: Studio, brief: Brief, demo: DemoModel) -> None:
    line = threading.Barrier(8)

    def one() -> uuid.UUID:
        line.wait()
        return write(studio, brief, idempotency_key="k").instagram_feed_id

    with ThreadPoolExecutor(8) as threads:
        made = [task.result() for task in [threads.submit(one) for _ in range(8)]]
    assert len(set(made)) == 1
    assert len(demo.requests) == len(stored(studio)) == 1


@pytest.mark.parametrize("other", ["brief", "options", "variant"])
def test_a_key_that_was_used_for_something_else_is_refused(
    studio: Studio, brief: Brief, demo: DemoModel, other: str
) -> None:
    write(studio, brief, idempotency_key="k")
    more: dict[str, Any] = {"idempotency_key": "k"} | ({"variant": 2} if other == "variant" else {})
    asked = dataclasses.replace(brief, tone_style="다르게") if other == "brief" else brief
    options = GenerationOptions("demo", "en") if other == "options" else DEMO
    assert type(ends(studio, asked, options, **more)) is errors.KeyReused
    assert len(demo.requests) == 1
    assert left_in(studio.spool) == []


def test_another_tenant_may_use_the_same_key(studio: Studio, brief: Brief, demo: DemoModel) -> None:
    mine = write(studio, brief, idempotency_key="k")
    theirs = write(studio, dataclasses.replace(brief, tenant_id="other"), idempotency_key="k")
    assert mine.instagram_feed_id != theirs.instagram_feed_id
    assert theirs.tenant_id == "other"
    assert len(demo.requests) == 2


def test_other_hashtags_keep_the_text_word_for_word(studio: Studio, brief: Brief) -> None:
    parent = write(studio, brief)
    parent = editing.edit(studio, parent, "사람이 고친 글\n\n둘째 줄", parent.hashtags)
    child = write(studio, brief, parent=parent, change="other_hashtags")
    assert child.instagram_ad_copy == "사람이 고친 글\n\n둘째 줄"
    assert child.instagram_feed_id != parent.instagram_feed_id
    assert not set(child.hashtags.split()) & set(parent.hashtags.split())
    asked, _ = on_record(studio)
    assert (asked.parent_feed_id, asked.change) == (parent.instagram_feed_id, "other_hashtags")


def test_a_change_makes_a_new_row_and_leaves_the_old_one(studio: Studio, brief: Brief) -> None:
    parent = write(studio, brief)
    child = write(studio, brief, parent=parent, change="shorter")
    assert len(child.instagram_ad_copy) < len(parent.instagram_ad_copy)
    assert parent in stored(studio)
    assert len(stored(studio)) == 2


def test_an_answer_over_the_limits_is_fixed_by_hand_and_saved_once(
    studio: Studio, brief: Brief, demo: DemoModel
) -> None:
    ends(studio, brief, GenerationOptions("demo-over_limit", temperature=0.5))
    asked, (attempt,) = on_record(studio)
    with pytest.raises(errors.InvalidCaption):
        store_fixed(studio, asked, "가" * 2_201, "")
    feed = store_fixed(studio, asked, "줄인 글", "#식빵")
    assert (feed.instagram_ad_copy, feed.hashtags) == ("줄인 글", "#식빵")
    assert (feed.gpt_response_raw, feed.latency_ms) == (attempt.response, attempt.latency_ms)
    assert (feed.gpt_temperature, feed.token_usage) == (0.5, attempt.token_usage)
    assert store_fixed(studio, asked, "또 줄인 글", "") == feed
    again, _ = on_record(studio)
    assert (again.outcome, again.instagram_feed_id) == (Outcome.NEEDS_FIXING, feed.instagram_feed_id)
    assert len(demo.requests) == len(stored(studio)) == 1


def test_an_answer_saved_from_two_windows_at_once_is_saved_once(studio: Studio, brief: Brief) -> None:
    ends(studio, brief, GenerationOptions("demo-over_limit"))
    asked, _ = on_record(studio)
    line = threading.Barrier(6)

    def press(number: int) -> Feed:
        line.wait()
        return store_fixed(studio, asked, f"줄인 글 {number}", "")

    with ThreadPoolExecutor(6) as threads:
        saved = list(threads.map(press, range(6)))
    assert len({feed.instagram_feed_id for feed in saved}) == 1
    assert len(stored(studio)) == 1


def test_nothing_is_sent_while_the_database_is_away(studio: Studio, brief: Brief, demo: DemoModel) -> None:
    with database_away(studio):
        assert type(ends(studio, brief)) is errors.DatabaseAway
    assert len(demo.requests) == 0
    assert studio.running == {}
    assert left_in(studio.spool) == []


def test_an_answer_that_cannot_be_stored_now_is_kept_in_the_spool(
    studio: Studio, brief: Brief, demo: DemoModel
) -> None:
    prepared = recorded(studio, brief)
    with database_away(studio), pytest.raises(errors.AnswerKept):
        execute(studio, prepared)
    (trace,) = studio.spool.abandoned()
    assert trace.exchange.ending == "complete"
    assert len(demo.requests) == 1
    trace.release()


def test_a_model_without_a_key_is_refused_before_anything_is_recorded(
    studio: Studio, brief: Brief, as_owner: Sql
) -> None:
    assert type(ends(studio, brief, GenerationOptions("gpt-6-luna"))) is errors.NoKey
    assert as_owner("SELECT count(*) FROM studio_generations") == [(0,)]
    assert left_in(studio.spool) == []


def test_neither_key_nor_header_of_a_request_is_ever_stored(
    remote: Studio, brief: Brief, openai: Endpoint, as_owner: Sql
) -> None:
    spooled: list[str] = []

    def looks_into_the_spool(call: Call) -> None:
        spooled.extend(path.read_text() for path in remote.spool.pending())
        call.whole(200, b"{}")

    wrong = json.dumps({"error": {"message": "Incorrect API key", "code": "invalid_api_key"}}).encode()
    openai.conduct = one_after_the_other(rejects(401, wrong), looks_into_the_spool)
    assert type(ends(remote, brief, GenerationOptions("gpt-6-luna"))) is errors.WrongKey
    assert type(ends(remote, brief, GenerationOptions("gpt-6-luna"))) is errors.InvalidAnswer
    tables = ("studio_attempts", "studio_generations")
    rows = [str(as_owner(f"SELECT to_jsonb(t)::text FROM {table} t")) for table in tables]
    assert spooled
    for told in (*rows, *spooled):
        assert "gpt" in told or "sending" in told
        assert SECRET not in told
        assert "authorization" not in told.lower()
        assert "bearer" not in told.lower()


def test_a_silent_server_is_left_when_somebody_stops(remote: Studio, brief: Brief, openai: Endpoint) -> None:
    openai.conduct = is_silent
    progress = submit(remote, request(brief, GenerationOptions("gpt-6-luna"), stream=True, threads="page")).progress
    assert progress is not None
    while not openai.ledger:
        assert progress.phase != "done"
    progress.stop()
    remote.page_threads.shutdown(wait=True)
    asked, (attempt,) = on_record(remote)
    assert asked.outcome == attempt.outcome == Outcome.STOPPED
    assert attempt.estimated_cost_usd is not None
