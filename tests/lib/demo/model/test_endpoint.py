from __future__ import annotations

import json
import threading
from concurrent.futures import ThreadPoolExecutor
from typing import Any

import httpx2
import openai
import pytest

from lib.demo.model import BEHAVIOURS, DemoModel
from lib.demo.model.endpoint import Line
from lib.domain.completion import Outcome, read
from lib.domain.exchange import Ending, Exchange
from lib.domain.prompt import messages
from tests.support.demo_briefs import (
    JSON,
    MARMALADE,
    request,
    streamed,
    written,
)
from tests.support.patience import PATIENCE_S


def judged(demo: DemoModel, behaviour: str, *, stream: bool) -> Outcome:
    """The outcome that the app reads from the bytes of one exchange."""
    demo.behaviours.append(behaviour)
    body = request(stream=stream, stream_options={"include_usage": True}) if stream else request()
    reply = demo.respond(body)
    received = b""
    ending: Ending = "complete"
    try:
        for chunk in reply.chunks:
            received += chunk
    except httpx2.RemoteProtocolError:
        ending = "cut"
    exchange = Exchange(sent=True, status=reply.status, headers=reply.headers, body=received, ending=ending)
    return read(exchange, body).outcome


def test_it_lists_its_models(client: openai.OpenAI) -> None:
    listed = [model.id for model in client.models.list()]
    assert listed[0] == "demo"
    assert {f"demo-{behaviour}" for behaviour in BEHAVIOURS} == set(listed[1:])


def test_the_queue_is_served_before_the_name_and_the_bodies_are_remembered(
    demo: DemoModel, client: openai.OpenAI
) -> None:
    demo.behaviours.append("empty")
    assert client.chat.completions.create(**request()).choices[0].message.content == ""
    assert written(client)["instagram_ad_copy"]
    assert [body["messages"] for body in demo.requests] == [messages(MARMALADE, "ko")] * 2


def test_a_behaviour_it_does_not_know_is_the_tests_mistake(demo: DemoModel) -> None:
    demo.behaviours.append("asleep")
    with pytest.raises(ValueError, match="asleep"):
        demo.respond(request())


OUTCOMES = {
    "written": Outcome.WRITTEN,
    "slow": Outcome.WRITTEN,
    "many_tags": Outcome.WRITTEN,
    "nan": Outcome.WRITTEN,
    "nul": Outcome.WRITTEN,
    "surrogate": Outcome.WRITTEN,
    "plain": Outcome.WRITTEN,
    "over_limit": Outcome.NEEDS_FIXING,
    "refused": Outcome.REFUSED,
    "empty": Outcome.EMPTY,
    "invalid": Outcome.INVALID,
    "truncated": Outcome.TRUNCATED,
    "filtered": Outcome.FILTERED,
    "incomplete": Outcome.INCOMPLETE,
    "cut": Outcome.INCOMPLETE,
    **dict.fromkeys(("rate_limited", "rate_limited_long", "quota", "wrong_key"), Outcome.FAILED),
    **dict.fromkeys(("server_error", "bad_gateway", "no_max_tokens", "no_schema", "no_json"), Outcome.FAILED),
    "no_temperature": Outcome.WRITTEN,
}


@pytest.mark.parametrize("stream", [False, True], ids=["whole", "streamed"])
@pytest.mark.parametrize("behaviour", OUTCOMES)
def test_the_app_reads_each_behaviour_as_the_outcome_it_pretends_to_be(
    demo: DemoModel, behaviour: str, stream: bool
) -> None:
    assert judged(demo, behaviour, stream=stream) is OUTCOMES[behaviour]


def test_every_behaviour_is_tried_here() -> None:
    assert set(BEHAVIOURS) == {*OUTCOMES, "broken_json", "silent", "unreachable"}


@pytest.mark.parametrize("ask", [streamed, written])
def test_a_cut_connection_drops_inside_the_body(client: openai.OpenAI, ask: Any) -> None:
    with pytest.raises((openai.APIConnectionError, httpx2.RemoteProtocolError)):
        ask(client, model="demo-cut")


@pytest.mark.parametrize("ask", [streamed, written])
def test_a_broken_body_is_complete_but_no_json(client: openai.OpenAI, ask: Any) -> None:
    with pytest.raises(json.JSONDecodeError):
        ask(client, model="demo-broken_json")


def test_a_broken_frame_leaves_the_rest_of_the_stream_to_read(demo: DemoModel) -> None:
    assert judged(demo, "broken_json", stream=True) is Outcome.WRITTEN
    assert judged(demo, "broken_json", stream=False) is Outcome.INVALID


def test_nobody_answers_at_an_unreachable_endpoint(client: openai.OpenAI) -> None:
    with pytest.raises(openai.APIConnectionError) as caught:
        client.chat.completions.create(**request(model="demo-unreachable"))
    assert isinstance(caught.value.__cause__, httpx2.ConnectError)


@pytest.mark.parametrize("stream", [False, True])
def test_a_silent_endpoint_ends_in_the_clients_own_time_out(client: openai.OpenAI, stream: bool) -> None:
    with pytest.raises(openai.APITimeoutError):
        client.chat.completions.create(**request(model="demo-silent"), stream=stream, timeout=60)


def test_a_slow_answer_is_too_slow_for_an_impatient_client_only(client: openai.OpenAI) -> None:
    assert written(client, model="demo-slow")["instagram_ad_copy"]
    with pytest.raises(openai.APITimeoutError):
        client.chat.completions.create(**request(model="demo-slow"), timeout=1)


def test_hanging_up_ends_the_making_and_a_wait_under_way(demo: DemoModel) -> None:
    reply = demo.respond(request(stream=True))
    assert next(reply.chunks)
    reply.hang_up()
    with pytest.raises(httpx2.ReadError):
        next(reply.chunks)
    line = Line(pace=1, patience_s=600)
    with ThreadPoolExecutor(1) as pool:
        waiting = pool.submit(line.wait, 500)
        line.hang_up()
        assert isinstance(waiting.exception(timeout=PATIENCE_S), httpx2.ReadError)


def test_the_pace_scales_the_waiting_but_not_the_patience() -> None:
    line = Line(pace=0.001, patience_s=2)
    line.wait(2)
    with pytest.raises(httpx2.ReadTimeout):
        line.wait(3)
    assert line.waited_s == pytest.approx(0.004)


def test_the_same_request_gets_another_text_each_time_and_a_fresh_endpoint_the_same_ones(
    client: openai.OpenAI,
) -> None:
    told = [written(client) for _ in range(8)]
    first_lines = [answer["instagram_ad_copy"].splitlines()[0] for answer in told]
    assert len(set(first_lines)) == 8
    with openai.OpenAI(
        api_key="demo",
        base_url="http://demo.invalid/v1",
        http_client=httpx2.Client(transport=DemoModel(pace=0).transport),
    ) as fresh:
        assert [written(fresh) for _ in range(8)] == told


def test_the_id_that_a_client_gives_its_request_does_not_change_the_answer(demo: DemoModel) -> None:
    told = []
    for name in ("first", "second"):
        transport = DemoModel(pace=0).transport
        with httpx2.Client(transport=transport) as http:
            headers = {"X-Client-Request-Id": name}
            answer = http.post("http://demo.invalid/v1/chat/completions", json=request(), headers=headers).json()
        told.append(answer["choices"])
    assert told[0] == told[1]


def test_another_request_in_between_does_not_count(client: openai.OpenAI) -> None:
    first, _, second = written(client), written(client, temperature=0.3), written(client)
    with openai.OpenAI(
        api_key="demo",
        base_url="http://demo.invalid/v1",
        http_client=httpx2.Client(transport=DemoModel(pace=0).transport),
    ) as fresh:
        assert [written(fresh), written(fresh)] == [first, second]


def test_a_request_with_a_seed_gets_the_same_text_each_time_and_another_seed_another(client: openai.OpenAI) -> None:
    assert written(client, seed=7) == written(client, seed=7)
    assert len({written(client, seed=seed)["instagram_ad_copy"] for seed in range(20)}) > 3


def test_no_more_requests_are_remembered_than_it_says(
    demo: DemoModel, client: openai.OpenAI, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("lib.demo.model.endpoint.REMEMBERED", 2)
    first = written(client)
    for temperature in (0.1, 0.2):
        written(client, temperature=temperature)
    assert written(client) == first


def test_sixteen_threads_each_get_their_own_answer_and_the_queue_serves_each_once(
    demo: DemoModel, client: openai.OpenAI
) -> None:
    alone = {n: written(client, seed=n) for n in range(16)}
    together = threading.Barrier(16)

    def ask(n: int) -> JSON:
        together.wait(PATIENCE_S)
        return {"content": json.loads(streamed(client, seed=n)["content"])}

    with ThreadPoolExecutor(16) as pool:
        assert [told["content"] for told in pool.map(ask, range(16))] == list(alone.values())
        demo.behaviours.extend(["empty"] * 16)
        whole = list(pool.map(lambda n: streamed(client, seed=n)["content"], range(32)))
    assert whole.count("") == 16
