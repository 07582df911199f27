from __future__ import annotations

import json
import re
import threading
from collections.abc import Iterator
from concurrent.futures import ThreadPoolExecutor
from typing import Any

import httpx2
import openai
import pytest

from lib.demo.model import BEHAVIOURS, DemoModel
from lib.demo.model.answers import tokens
from lib.demo.model.copywriting import Copy, compose
from lib.demo.model.endpoint import Line
from lib.demo.model.facts import is_figure
from lib.demo.model.korean import Noun, is_sentence, nouns, particle, polite
from lib.demo.model.reading import Request, name_of, phrases
from lib.domain.brief import Brief, Language
from lib.domain.caption import Caption
from lib.domain.completion import Outcome, read
from lib.domain.exchange import Ending, Exchange
from lib.domain.prompt import ANGLES, CHANGES, RESPONSE_FORMATS, Derivation, messages
from tests.support.patience import PATIENCE_S

JSON = dict[str, Any]

MARMALADE = Brief(
    tenant_id="my-team",
    refined_ad_copy_eng="Taste the sunshine of Jeju.",
    tone_style="따뜻하고 감성적인",
    product_description="제주 한라봉으로 만든 수제 마멀레이드. 설탕을 줄이고 과육을 듬뿍 살렸습니다. "
    "240g 유리병에 담아 드립니다.",
    store_information="제주시 애월읍 하늘길 12\n매일 10:00-19:00, 화요일 휴무",
    gpt_prompt="인스타그램 피드 글을 써 주세요.",
)
BREAD = Brief(
    tenant_id="my-team",
    refined_ad_copy_eng="Bread worth waking up for",
    tone_style="witty and playful",
    product_description="Sourdough loaf made with rye from a local mill. We let it rest overnight. "
    "Crisp crust, soft crumb.",
    store_information="Harbour Bakery, open from 8",
    gpt_prompt="Write an Instagram caption.",
)


def brief(**fields: str) -> Brief:
    return Brief(**{**MARMALADE.__dict__, **fields})


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


def request(**more: Any) -> JSON:
    asked = {"model": "demo", "messages": messages(MARMALADE, "ko"), "max_completion_tokens": 4000}
    return {**asked, "response_format": RESPONSE_FORMATS[0], **more}


def streamed(client: openai.OpenAI, **more: Any) -> JSON:
    """The whole of a stream as the client put it together from its chunks."""
    whole: JSON = {"content": "", "refusal": "", "finish_reason": None, "usage": None, "models": set()}
    stream_options = more.pop("stream_options", {"include_usage": True})
    for chunk in client.chat.completions.create(**request(**more), stream=True, stream_options=stream_options):
        whole["models"].add(chunk.model)
        whole["usage"] = chunk.usage or whole["usage"]
        for choice in chunk.choices:
            whole["content"] += choice.delta.content or ""
            whole["refusal"] += choice.delta.refusal or ""
            whole["finish_reason"] = choice.finish_reason or whole["finish_reason"]
    return whole


def written(client: openai.OpenAI, **more: Any) -> JSON:
    content = client.chat.completions.create(**request(**more)).choices[0].message.content
    assert content is not None
    answer: JSON = json.loads(content)
    assert set(answer) == {"instagram_ad_copy", "hashtags"}
    return answer


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


# -- the protocol ----------------------------------------------------------------------------------------------------


def test_the_real_client_reads_a_whole_answer_that_says_it_is_the_demo(client: openai.OpenAI) -> None:
    completion = client.chat.completions.create(**request())
    assert (completion.model, completion.system_fingerprint, completion.object) == (
        "demo",
        "fp_demo",
        "chat.completion",
    )
    assert completion._request_id is not None
    assert completion._request_id.startswith("req_demo_")
    assert completion.choices[0].finish_reason == "stop"


def test_a_stream_brings_the_same_text_and_usage_as_the_whole_answer(client: openai.OpenAI) -> None:
    whole = client.chat.completions.create(**request(seed=1))
    stream = streamed(client, seed=1)
    assert stream["content"] == whole.choices[0].message.content
    assert stream["usage"] == whole.usage
    assert stream["finish_reason"] == "stop"
    assert stream["models"] == {"demo"}


def test_a_stream_carries_usage_only_for_those_who_ask(client: openai.OpenAI) -> None:
    assert streamed(client, stream_options=openai.omit)["usage"] is None


def test_a_streamed_body_is_intact_frames_that_end_with_done_however_it_is_cut(demo: DemoModel) -> None:
    chunks = list(demo.respond(request(stream=True)).chunks)
    assert any(0x80 <= chunk[0] < 0xC0 for chunk in chunks), "no chunk starts inside a letter, as networks have it"
    *frames, last, rest = b"".join(chunks).split(b"\n\n")
    assert (last, rest) == (b"data: [DONE]", b"")
    assert len(frames) > 20
    assert {json.loads(frame.removeprefix(b"data: "))["object"] for frame in frames} == {"chat.completion.chunk"}


def test_tokens_are_counted_from_what_was_received_and_produced(client: openai.OpenAI) -> None:
    asked = request()
    completion = client.chat.completions.create(**asked)
    usage = completion.usage
    assert usage is not None
    assert usage.prompt_tokens == sum(tokens(message["content"]) for message in asked["messages"])
    assert usage.completion_tokens == tokens(completion.choices[0].message.content or "")
    assert usage.total_tokens == usage.prompt_tokens + usage.completion_tokens
    assert usage.prompt_tokens_details is not None
    assert usage.prompt_tokens_details.cached_tokens == 0
    assert tokens("가나다라") == 3


def test_an_answer_longer_than_the_tokens_allowed_is_cut_there(client: openai.OpenAI) -> None:
    choice = client.chat.completions.create(**request(max_completion_tokens=64)).choices[0]
    assert choice.finish_reason == "length"
    assert 60 <= tokens(choice.message.content or "") <= 64


def test_it_lists_its_models(client: openai.OpenAI) -> None:
    listed = [model.id for model in client.models.list()]
    assert listed[0] == "demo"
    assert {f"demo-{behaviour}" for behaviour in BEHAVIOURS} == set(listed[1:])


@pytest.mark.parametrize("model", ["demo-xyz", "demonstration", "gpt-6-luna"])
def test_an_unknown_model_does_not_exist(client: openai.OpenAI, model: str) -> None:
    with pytest.raises(openai.NotFoundError) as caught:
        client.chat.completions.create(**request(model=model))
    assert caught.value.code == "model_not_found"


def test_a_request_without_messages_is_rejected(client: openai.OpenAI) -> None:
    with pytest.raises(openai.BadRequestError) as caught:
        client.chat.completions.create(model="demo", messages=[])
    assert caught.value.param == "messages"


@pytest.mark.parametrize(("method", "path", "status"), [("POST", "chat/completions", 400), ("GET", "files", 404)])
def test_what_is_no_request_for_a_completion_is_an_error(demo: DemoModel, method: str, path: str, status: int) -> None:
    with httpx2.Client(transport=demo.transport) as http:
        response = http.request(method, f"http://demo.invalid/v1/{path}", content=b"{not json")
    assert response.status_code == status
    assert response.json()["error"]["type"] == "invalid_request_error"


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


# -- the ways to fail ------------------------------------------------------------------------------------------------

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


REJECTED: list[tuple[str, type[openai.APIStatusError], JSON]] = [
    ("rate_limited", openai.RateLimitError, {"code": "rate_limit_exceeded"}),
    ("rate_limited_long", openai.RateLimitError, {"code": "rate_limit_exceeded"}),
    ("quota", openai.RateLimitError, {"code": "insufficient_quota", "type": "insufficient_quota"}),
    ("wrong_key", openai.AuthenticationError, {"code": "invalid_api_key"}),
    ("server_error", openai.InternalServerError, {"type": "server_error"}),
    ("bad_gateway", openai.InternalServerError, {"status_code": 502, "code": None}),
    ("no_temperature", openai.BadRequestError, {"code": "unsupported_value", "param": "temperature"}),
    ("no_max_tokens", openai.BadRequestError, {"code": "unsupported_parameter", "param": "max_completion_tokens"}),
    ("no_schema", openai.BadRequestError, {"param": "response_format"}),
    ("no_json", openai.BadRequestError, {"param": "response_format"}),
]


@pytest.mark.parametrize(("behaviour", "error", "told"), REJECTED, ids=[row[0] for row in REJECTED])
def test_the_client_raises_what_openai_would_make_it_raise(
    client: openai.OpenAI, behaviour: str, error: type[openai.APIStatusError], told: JSON
) -> None:
    with pytest.raises(error) as caught:
        streamed(client, model=f"demo-{behaviour}", temperature=0.7)
    assert {name: getattr(caught.value, name) for name in told} == told


@pytest.mark.parametrize(("behaviour", "seconds"), [("rate_limited", "2"), ("rate_limited_long", "300")])
def test_a_rate_limit_says_how_long_to_wait(client: openai.OpenAI, behaviour: str, seconds: str) -> None:
    with pytest.raises(openai.RateLimitError) as caught:
        client.chat.completions.create(**request(model=f"demo-{behaviour}"))
    assert caught.value.response.headers["retry-after"] == seconds


@pytest.mark.parametrize(
    ("behaviour", "accepted"),
    [
        ("no_temperature", {}),
        ("no_max_tokens", {"max_completion_tokens": openai.omit, "max_tokens": 4000}),
        ("no_schema", {"response_format": RESPONSE_FORMATS[1]}),
        ("no_json", {"response_format": openai.omit}),
    ],
)
def test_a_picky_model_answers_once_the_rejected_parameter_is_gone(
    client: openai.OpenAI, behaviour: str, accepted: JSON
) -> None:
    assert written(client, model=f"demo-{behaviour}", **accepted)["hashtags"]


def test_a_refusal_is_told_apart_from_content(client: openai.OpenAI) -> None:
    message = client.chat.completions.create(**request(model="demo-refused")).choices[0].message
    assert message.content is None
    assert message.refusal == streamed(client, model="demo-refused")["refusal"]
    assert message.refusal


def test_an_incomplete_stream_ends_without_a_reason_and_without_usage(client: openai.OpenAI) -> None:
    stream = streamed(client, model="demo-incomplete")
    assert stream["content"]
    assert (stream["finish_reason"], stream["usage"]) == (None, None)


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


def test_a_nul_and_a_lone_surrogate_really_arrive(client: openai.OpenAI) -> None:
    assert "\x00" in written(client, model="demo-nul")["instagram_ad_copy"]
    assert "\ud83d" in written(client, model="demo-surrogate")["instagram_ad_copy"]


def test_a_nan_stands_in_the_usage(demo: DemoModel) -> None:
    assert b'"total_tokens": NaN' in b"".join(demo.respond(request(model="demo-nan")).chunks)


def test_too_much_is_too_much_in_every_respect(client: openai.OpenAI) -> None:
    caption = written(client, model="demo-over_limit")["instagram_ad_copy"]
    problems = {problem.code for problem in Caption.compose(caption, []).problems()}
    assert len(problems) == 2, problems
    assert len(caption) > 2200
    assert len(set(re.findall(r"#\w+", caption))) > 5
    assert len(written(client, model="demo-many_tags")["hashtags"]) == 9


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


# -- the copy --------------------------------------------------------------------------------------------------------


def caption_for(asked: Brief, language: Any = "ko", **more: Any) -> str:
    return compose(messages(asked, language, **more)[-1]["content"], "seed").caption


def taken(asked: Brief, language: Language, variant: int, take: int = 0) -> Copy:
    told = messages(asked, language, variant=variant)
    return compose(told[-1]["content"], f"seed {variant}", take)


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


def test_every_angle_starts_with_another_line(client: openai.OpenAI) -> None:
    told: list[tuple[Brief, Language]] = [(MARMALADE, "ko"), (BREAD, "en")]
    for asked, language in told:
        captions = [
            written(client, messages=messages(asked, language, variant=variant))["instagram_ad_copy"]
            for variant in range(1, len(ANGLES) + 1)
        ]
        assert len({caption.splitlines()[0] for caption in captions}) == len(ANGLES)


ROLL = brief(
    refined_ad_copy_eng="Salted butter roll, baked before the city wakes.",
    product_description="매일 새벽에 굽는 소금빵. 프랑스산 버터를 넣고 저온에서 하루 숙성했습니다. "
    "겉은 바삭, 속은 촉촉. 3,500원",
    store_information="서울 마포구 망원동 123-4 하루베이커리\n매일 08:00-19:00, 월요일 휴무",
)
BUTTER_ROLL = Brief(
    **{
        **BREAD.__dict__,
        "product_description": "Salted butter roll baked every dawn with French butter. The dough rests overnight at a "
        "low temperature. Crisp outside, soft inside.",
        "store_information": "Haru Bakery, Mangwon-dong, Seoul\nDaily 8:00-19:00, closed on Mondays",
    }
)
VARIANTS = range(1, len(ANGLES) + 1)


@pytest.mark.parametrize(("asked", "language"), [(ROLL, "ko"), (MARMALADE, "ko"), (BUTTER_ROLL, "en")])
def test_the_angles_differ_in_what_they_tell_and_in_their_tags(asked: Brief, language: Language) -> None:
    copies = [taken(asked, language, variant) for variant in VARIANTS]
    bodies = [copy.caption.partition("\n\n")[2].rpartition("\n\n")[0] for copy in copies]
    assert len(set(bodies)) == len(ANGLES)
    assert len({frozenset(copy.hashtags) for copy in copies}) == len(ANGLES)
    assert len({copy.caption.count("\n\n") for copy in copies}) > 1, "all are built alike"


def test_what_is_felt_comes_first_from_the_angle_of_the_senses_and_the_place_from_that_of_the_people() -> None:
    senses, story = (taken(ROLL, "ko", variant).caption.split("\n\n") for variant in (4, 5))
    assert "겉은 바삭, 속은 촉촉" in senses[0] + senses[1]
    assert "망원동" in story[1]


@pytest.mark.parametrize("take", range(4))
def test_tags_name_the_place_and_the_product_and_nothing_that_is_weak_alone(take: int) -> None:
    weak = {
        "하루",
        "저온",
        "새벽",
        "프랑스산",
        "프랑스",
        "매일",
        "겉은",
        "과육",
        "salted",
        "butter",
        "crisp",
        "french",
        "roll",
    }
    told: list[tuple[Brief, Language, str, str]] = [
        (ROLL, "ko", "망원", "소금빵"),
        (MARMALADE, "ko", "애월", "마멀레이드"),
        (BUTTER_ROLL, "en", "mangwon", "saltedbutterroll"),
    ]
    for asked, language, place, product in told:
        for variant in VARIANTS:
            found = [tag.lstrip("#") for tag in taken(asked, language, variant, take).hashtags]
            assert not set(found) & weak
            assert any(product in tag for tag in found)
        assert any(place in tag for variant in VARIANTS for tag in taken(asked, language, variant, take).hashtags)


def test_a_shop_that_is_only_online_has_no_place_to_tag() -> None:
    asked = brief(store_information="온라인 스마트스토어에서 만나요, 서울 망원동에서 보내 드려요")
    assert not [tag for variant in VARIANTS for tag in taken(asked, "ko", variant).hashtags if "망원" in tag]


@pytest.mark.parametrize(
    ("store", "place"),
    [
        ("성수동2가 무브스튜디오, 뚝섬역 5번 출구", "성수동"),
        ("꽃집 오월 / 서울 종로구 서촌 골목 안쪽", "서촌"),
        ("강원도 강릉시 바닷가", "강릉"),
        ("매장 이동이 잦으니 출입구에서 연락 주세요", None),
    ],
)
def test_the_place_is_the_part_of_town_that_people_search_for(store: str, place: str | None) -> None:
    tags = [tag for variant in VARIANTS for tag in taken(brief(store_information=store), "ko", variant).hashtags]
    assert ("#" + place in tags) if place else not [tag for tag in tags if "나들이" in tag]


@pytest.mark.parametrize("variant", VARIANTS)
def test_a_text_asked_for_again_is_built_otherwise(variant: int) -> None:
    first, second = (taken(ROLL, "ko", variant, take).caption for take in (0, 1))
    assert [len(part.splitlines()) for part in first.split("\n\n")] != [
        len(part.splitlines()) for part in second.split("\n\n")
    ]


@pytest.mark.parametrize(
    ("unit", "figure"),
    [
        ("3,500원", True),
        ("2만 원부터", True),
        ("200g", True),
        ("250 g bags, 14 dollars", True),
        ("240g 유리병에 담아 드립니다", False),
        ("12시간 숙성", False),
        ("국산 팥 100%", False),
    ],
)
def test_a_bare_price_or_weight_is_told_from_a_fact(unit: str, figure: bool) -> None:
    assert is_figure(unit) is figure


@pytest.mark.parametrize("take", range(12))
def test_a_price_is_never_the_first_thing_said_of_a_product(take: int) -> None:
    for variant in VARIANTS:
        lines = [line for line in taken(ROLL, "ko", variant, take).caption.splitlines() if line]
        told = [line for line in lines if any(word in line for word in ("3,500", "바삭", "숙성", "굽는"))]
        assert "3,500원" not in told[0]


@pytest.mark.parametrize("take", range(12))
def test_the_product_stands_in_an_english_sentence_as_one_says_it(take: int) -> None:
    for variant in VARIANTS:
        hook = taken(BUTTER_ROLL, "en", variant, take).caption.splitlines()[0]
        assert not re.search(r"\w[ ,:]+Salted", hook), hook
        assert not re.search(r"[.!?] [a-z]", hook), hook


@pytest.mark.parametrize("voice", phrases()["tones"])
def test_every_voice_has_enough_first_lines_and_none_states_a_figure(voice: str) -> None:
    for language, least in (("ko", 8), ("en", 5)):
        said = phrases()[language][voice]
        for angle in phrases()["angles"]:
            assert len(set(said["open"][angle])) >= least
            assert said["nameless"][angle]
        assert not re.search(r"\d", json.dumps(said, ensure_ascii=False))


def test_a_korean_caption_speaks_of_the_product_in_its_own_words(client: openai.OpenAI) -> None:
    answer = written(client)
    assert "마멀레이드" in answer["instagram_ad_copy"]
    assert "설탕을 줄이고 과육을 듬뿍 살렸어요." in answer["instagram_ad_copy"]
    assert "애월읍 하늘길 12" in answer["instagram_ad_copy"]
    assert "#한라봉" in answer["hashtags"]
    assert 3 <= len([line for line in answer["instagram_ad_copy"].splitlines() if line]) <= 9


def test_an_english_caption_is_english(client: openai.OpenAI) -> None:
    answer = written(client, messages=messages(BREAD, "en"))
    assert "Bread worth waking up for" in answer["instagram_ad_copy"]
    assert "We let it rest overnight." in answer["instagram_ad_copy"]
    assert not re.search("[가-힣]", answer["instagram_ad_copy"] + "".join(answer["hashtags"]))


def test_a_korean_product_in_an_english_caption_is_told_by_the_english_ad_copy() -> None:
    text = caption_for(brief(store_information=""), "en")
    assert "Taste the sunshine of Jeju" in text
    assert not re.search("[가-힣]", text)


@pytest.mark.parametrize("variant", range(1, len(ANGLES) + 1))
@pytest.mark.parametrize(("asked", "language"), [(MARMALADE, "ko"), (BREAD, "en"), (MARMALADE, "en")])
def test_an_answer_is_storable_and_has_no_figure_that_the_brief_has_not(
    demo: DemoModel, client: openai.OpenAI, asked: Brief, language: Any, variant: int
) -> None:
    answer = written(client, messages=messages(asked, language, variant=variant))
    caption = Caption.compose(answer["instagram_ad_copy"], answer["hashtags"])
    assert not caption.problems()
    assert not caption.parked
    assert 4 <= len(caption.hashtags) <= 5
    figures = re.findall(r"\d+", caption.assembled)
    assert set(figures) <= set(re.findall(r"\d+", " ".join(asked.inputs().values())))


@pytest.mark.parametrize(
    ("tone", "said"),
    [
        ("따뜻한", "설탕을 줄이고 과육을 듬뿍 살렸어요."),
        ("격식 있고 고급스러운", "설탕을 줄이고 과육을 듬뿍 살렸습니다."),
        ("calm, minimal", "설탕을 줄이고 과육을 듬뿍 살렸습니다."),
        ("활기찬", "설탕을 줄이고 과육을 듬뿍 살렸어요!"),
    ],
)
def test_the_tone_decides_how_a_sentence_ends(tone: str, said: str) -> None:
    assert said in caption_for(brief(tone_style=tone))


def test_a_wish_for_no_emoji_is_granted() -> None:
    assert re.search("[\U0001f300-\U0001faff]", caption_for(MARMALADE))
    plain = caption_for(brief(gpt_prompt="이모지 없이 써 주세요"))
    assert not re.search("[\U0001f000-\U0001faff☀-➿]", plain)


def test_a_sponsored_brief_says_so_in_its_first_line() -> None:
    assert caption_for(brief(gpt_prompt="협찬 게시물이에요.")).startswith("[협찬] ")
    assert "[협찬]" not in caption_for(brief(gpt_prompt="협찬 아님"))


def test_hashtags_typed_into_the_brief_do_not_become_tags_of_the_text() -> None:
    told = " ".join(f"#태그{'가나다라마바사'[n]}" for n in range(7))
    assert "#" not in caption_for(brief(product_description=f"수제 잼 {told}", store_information=told))


def test_a_request_that_is_no_brief_is_answered_in_its_own_words(client: openai.OpenAI) -> None:
    for told, word in (("수제 딸기잼, 설탕 없이", "딸기잼"), ("Strawberry jam without sugar", "Strawberry jam")):
        assert word in written(client, messages=[{"role": "user", "content": told}])["instagram_ad_copy"]


@pytest.mark.parametrize(
    "told", ["[]", "null", "{}", '{"language": 7, "product_description": ["x"]}', "?!", "#" * 3000]
)
def test_nonsense_is_answered_all_the_same(client: openai.OpenAI, told: str) -> None:
    assert written(client, messages=[{"role": "user", "content": told}])["instagram_ad_copy"]


def test_the_longest_brief_still_makes_a_caption_that_fits() -> None:
    long = ("아주 긴 설명이 이어집니다 " * 200)[:1900]
    text = caption_for(brief(product_description=long, store_information=long[:900], refined_ad_copy_eng="Long " * 90))
    assert len(text) < 1000


def derived(change: Any, asked: Brief, previous: str, tags: str) -> Any:
    derivation = Derivation(change, previous, tags)
    return compose(messages(asked, "ko", derivation=derivation)[-1]["content"], "seed")


@pytest.mark.parametrize("tone", ["따뜻한", "위트 있는", "격식 있는", "차분한", "활기찬"])
def test_each_change_does_what_it_says(tone: str) -> None:
    asked = brief(tone_style=tone)
    first = compose(messages(asked, "ko")[-1]["content"], "seed")
    tags = " ".join(first.hashtags)
    changed = {change: derived(change, asked, first.caption, tags) for change in CHANGES}
    assert len(changed["shorter"].caption) < 0.8 * len(first.caption)
    assert len(changed["longer"].caption) > 1.2 * len(first.caption)
    assert changed["warmer"].caption != first.caption
    assert changed["more_formal"].caption != first.caption
    assert "습니다." in changed["more_formal"].caption
    assert changed["other_hashtags"].caption == first.caption
    assert len(changed["other_hashtags"].hashtags) >= 4
    assert not set(changed["other_hashtags"].hashtags) & set(first.hashtags)


@pytest.mark.parametrize("variant", VARIANTS)
def test_the_shorter_text_still_says_what_the_product_is_and_what_is_best_about_it(variant: int) -> None:
    first = taken(ROLL, "ko", variant)
    shorter = derived("shorter", ROLL, first.caption, " ".join(first.hashtags)).caption
    assert "소금빵" in shorter
    assert re.search("바삭|숙성", shorter)
    assert len(shorter) < 0.8 * len(first.caption)


@pytest.mark.parametrize(
    "previous", ["한 줄짜리 글이에요", "첫 문장이에요. 둘째 문장이에요.", "가\n\n나\n\n다", "긴글" * 400]
)
def test_a_hand_written_text_becomes_shorter_and_longer_too(previous: str) -> None:
    assert 0 < len(derived("shorter", MARMALADE, previous, "").caption) < len(previous)
    assert len(previous) < len(derived("longer", MARMALADE, previous, "").caption) <= 2_000


def test_a_text_that_is_full_does_not_grow_over_the_limit() -> None:
    full = "가" * 2_100
    assert derived("longer", MARMALADE, full, "").caption == full


# -- Korean ----------------------------------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("word", "pair", "expected"),
    [
        ("마멀레이드", "을/를", "를"),
        ("한라봉", "은/는", "은"),
        ("서울", "으로/로", "로"),
        ("부산", "으로/로", "으로"),
        ("라떼(아이스)", "이/가", "가"),
        ("soy candle", "을/를", "을"),
        ("latte", "과/와", "와"),
        ("카페 7", "이/가", "이"),
        ("카페 2", "이/가", "가"),
        ("♥", "이/가", "가"),
    ],
)
def test_the_particle_follows_the_final_consonant(word: str, pair: str, expected: str) -> None:
    assert particle(word, pair) == expected
    assert f"{Noun(word):{pair}}" == word + expected


@pytest.mark.parametrize(
    ("plain", "soft", "formal"),
    [
        ("매일 원두를 볶는다", "매일 원두를 볶아요", "매일 원두를 볶습니다"),
        ("직접 만든다", "직접 만들어요", "직접 만듭니다"),
        ("향이 진하다", "향이 진해요", "향이 진합니다"),
        ("색이 예쁘다", "색이 예뻐요", "색이 예쁩니다"),
        ("정말 맛있다", "정말 맛있어요", "정말 맛있습니다"),
        ("제주 감귤입니다", "제주 감귤이에요", "제주 감귤입니다"),
        ("딸기 케이크입니다", "딸기 케이크예요", "딸기 케이크입니다"),
        ("오늘 구웠어요", "오늘 구웠어요", "오늘 구웠습니다"),
        ("기분이 좋아요", "기분이 좋아요", "기분이 좋습니다"),
        ("집까지 보내 드려요", "집까지 보내 드려요", "집까지 보내 드립니다"),
        ("예약제로 운영함", "예약제로 운영해요", "예약제로 운영합니다"),
        ("직접 굽습니다", "직접 굽습니다", "직접 굽습니다"),  # ㅂ may change (구워요): left alone
        ("한번 들러 보세요", "한번 들러 보세요", "한번 들러 보세요"),
    ],
)
def test_sentences_end_politely_in_both_registers(plain: str, soft: str, formal: str) -> None:
    assert polite(plain, formal=False) == soft
    assert polite(plain, formal=True) == formal


@pytest.mark.parametrize(
    ("text", "expected"), [("좋아요", True), ("볶는다.", True), ("제주 바다", False), ("예약 필요", False)]
)
def test_a_noun_is_not_taken_for_a_sentence(text: str, expected: bool) -> None:
    assert is_sentence(text) is expected


def test_nouns_lose_their_particles_and_nothing_else_is_taken_for_one() -> None:
    told = "커피와 한라봉을 서울에서 12시간 천천히 내려 맛있게 만든 카페의 라떼, 빙수가 통째로, 제주도 고양이, 맛이"
    assert nouns(told) == ["커피", "한라봉", "서울", "카페", "라떼", "빙수", "고양이"]


@pytest.mark.parametrize(
    ("product", "name"),
    [
        ("하루커피 콜드브루는 12시간 동안 천천히 내립니다.", "하루커피 콜드브루"),
        ("12시간 동안 천천히 추출한 콜드브루 원액입니다.", "콜드브루 원액"),
        ("여름 한정 망고 빙수가 나왔어요!", "여름 한정 망고 빙수"),
        ("저희 호텔의 애프터눈 티 세트를 소개합니다.", "애프터눈 티 세트"),
        ("떡볶이 밀키트 1+1 행사 중!", "떡볶이 밀키트"),
        ("상품명: 수제 딸기잼, 설탕 없이", "수제 딸기잼"),
        ("우리 카페는 매일 원두를 볶는다.", None),
        ("A soy candle with lavender", "soy candle"),
        ("Salted butter roll baked at dawn", "salted butter roll"),
        ("Harbour Cold Brew is slow coffee", "Harbour Cold Brew"),
        ("Nimbus is a soy candle", "Nimbus"),
        ("We roast our beans every morning.", None),
        ("", None),
    ],
)
def test_the_product_is_called_what_the_brief_calls_it(product: str, name: str | None) -> None:
    assert name_of(Request("ko", product_description=product)) == name


# -- many at once ----------------------------------------------------------------------------------------------------


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
