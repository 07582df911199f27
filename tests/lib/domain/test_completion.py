"""Every way an answer can end, told from nothing but the bytes that travelled."""

from __future__ import annotations

import dataclasses
import json
import math
from collections.abc import Iterator
from typing import Any

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as some

from lib.domain import errors, prompt
from lib.domain.brief import Brief
from lib.domain.completion import Answer, Outcome, caption_in, never_billed, read
from lib.domain.exchange import Ending, Exchange

JSON = dict[str, Any]

BRIEF = Brief("acme", "", "따뜻하게", "통밀 식빵", "연남동 '온기'", "짧게")
REQUEST: JSON = {
    "model": "gpt-6-luna",
    "messages": prompt.messages(BRIEF, "ko"),
    "max_completion_tokens": 4_000,
    "response_format": prompt.RESPONSE_FORMATS[0],
}
PLAIN_REQUEST = {name: value for name, value in REQUEST.items() if name != "response_format"}
USAGE = {"prompt_tokens": 100, "completion_tokens": 200, "total_tokens": 300}


def content(text: str = "오늘의 식빵", hashtags: Any = ("#식빵", "#연남동")) -> str:
    return json.dumps({"instagram_ad_copy": text, "hashtags": hashtags}, ensure_ascii=False)


def completion(told: Any, reason: Any = "stop", usage: Any = USAGE, **message: Any) -> bytes:
    choice = {"index": 0, "message": {"role": "assistant", "content": told, **message}, "finish_reason": reason}
    whole = {"id": "c", "object": "chat.completion", "model": "gpt-6-luna-0", "choices": [choice], "usage": usage}
    return json.dumps(whole).encode()


def frames(told: str | None, reason: Any = "stop", usage: Any = USAGE, name: str = "content") -> list[bytes]:
    """The same answer as a stream, three characters an event."""

    def frame(choices: list[JSON], **more: Any) -> bytes:
        chunk = {"id": "c", "object": "chat.completion.chunk", "model": "gpt-6-luna-0", "choices": choices, **more}
        return b"data: " + json.dumps(chunk).encode() + b"\n\n"

    parts = [told[at : at + 3] for at in range(0, len(told or ""), 3)] if told else []
    made = [frame([{"index": 0, "delta": {"role": "assistant", "content": ""}, "finish_reason": None}])]
    made += [frame([{"index": 0, "delta": {name: part}, "finish_reason": None}]) for part in parts]
    if reason:
        made.append(frame([{"index": 0, "delta": {}, "finish_reason": reason}]))
    if usage:
        made.append(frame([], usage=usage))
    return [*made, b"data: [DONE]\n\n"] if reason else made


def whole(
    body: bytes, ending: Ending | None = "complete", status: int = 200, headers: dict[str, str] | None = None
) -> Exchange:
    kept = {"content-type": "application/json"} | (headers or {})
    return Exchange(sent=True, status=status, headers=kept, body=body, ending=ending)


def streamed(parts: list[bytes], ending: Ending | None = "complete") -> Exchange:
    return whole(b"".join(parts), ending, headers={"content-type": "text/event-stream; charset=utf-8"})


MANY_MENTIONS = "@a " * 21

ENDINGS: list[tuple[str, str | None, str | None, type[errors.StudioError] | None, str]] = [
    # what the message holds, its finish_reason, what became of it
    (content(), "stop", None, None, Outcome.WRITTEN),
    (content("가" * 2_201), "stop", None, errors.NeedsFixing, Outcome.NEEDS_FIXING),
    (content(MANY_MENTIONS), "stop", None, errors.NeedsFixing, Outcome.NEEDS_FIXING),
    (content("#a #b #c #d #e #f"), "stop", None, errors.NeedsFixing, Outcome.NEEDS_FIXING),
    ("", "stop", None, errors.EmptyAnswer, Outcome.EMPTY),
    (" \n", "stop", None, errors.EmptyAnswer, Outcome.EMPTY),
    ("{not json}", "stop", None, errors.InvalidAnswer, Outcome.INVALID),
    ("Sorry, here is no JSON.", "stop", None, errors.InvalidAnswer, Outcome.INVALID),
    ('{"instagram_ad_copy": 7, "hashtags": []}', "stop", None, errors.InvalidAnswer, Outcome.INVALID),
    ('{"instagram_ad_copy": "  ", "hashtags": []}', "stop", None, errors.InvalidAnswer, Outcome.INVALID),
    ('{"caption": "another name"}', "stop", None, errors.InvalidAnswer, Outcome.INVALID),
    ("[1, 2]", "stop", None, errors.InvalidAnswer, Outcome.INVALID),
    (content()[:-20], "length", None, errors.Truncated, Outcome.TRUNCATED),
    (content(), "length", None, errors.Truncated, Outcome.TRUNCATED),
    (content()[:20], "content_filter", None, errors.Filtered, Outcome.FILTERED),
    (content()[:20], None, None, errors.Incomplete, Outcome.INCOMPLETE),
    (content(), None, None, None, Outcome.WRITTEN),
    (content(), "", None, None, Outcome.WRITTEN),
    (content() + content()[:30], None, None, errors.Incomplete, Outcome.INCOMPLETE),
    *(
        (content()[:-20], cut, None, errors.Truncated, Outcome.TRUNCATED)
        for cut in (
            "MAX_TOKENS",
            "model_context_window_exceeded",
            "max_length",
            "FINISH_REASON_MAX_TOKENS",
            "incomplete",
        )
    ),
    *(
        ("", block, None, errors.Filtered, Outcome.FILTERED)
        for block in (
            "SAFETY",
            "content-filter",
            "sensitive",
            "guardrail_intervened",
            "FINISH_REASON_SAFETY",
            "refusal",
        )
    ),
    *((content(), end, None, None, Outcome.WRITTEN) for end in ("STOP", "end_turn", "FINISH_REASON_STOP", "other")),
]


@pytest.mark.parametrize("stream", [False, True], ids=["whole", "streamed"])
@pytest.mark.parametrize(("told", "reason", "usage", "error", "outcome"), ENDINGS)
def test_an_answer_ends_as_its_content_and_reason_say(
    told: str, reason: str | None, usage: None, error: type[errors.StudioError] | None, outcome: str, stream: bool
) -> None:
    exchange = streamed(frames(told, reason)) if stream else whole(completion(told, reason))
    got = read(exchange, REQUEST)
    assert got.outcome == outcome
    assert type(got.error) is (error or type(None))
    assert got.completion is not None, "what was paid for is kept"
    assert got.model == "gpt-6-luna-0"
    broke_off = stream and outcome == Outcome.INCOMPLETE
    assert got.usage == (None if broke_off else USAGE), "what a server counts along while it streams is not the bill"
    assert got.billing_unknown is broke_off


@pytest.mark.parametrize("stream", [False, True], ids=["whole", "streamed"])
def test_a_refusal_is_kept_with_its_words(stream: bool) -> None:
    if stream:
        exchange = streamed(frames("도와드릴 수 없어요", name="refusal"))
    else:
        exchange = whole(completion(None, refusal="도와드릴 수 없어요"))
    got = read(exchange, REQUEST)
    assert got.outcome is Outcome.REFUSED
    assert isinstance(got.error, errors.Refused)
    assert "도와드릴 수 없어요" in str(got.error)


def test_a_streamed_answer_is_put_together_as_the_one_that_came_whole() -> None:
    one, other = read(streamed(frames(content())), REQUEST), read(whole(completion(content())), REQUEST)
    assert one.completion is not None
    assert other.completion is not None
    assert one.caption == other.caption
    assert one.completion["choices"][0]["message"]["content"] == content()
    assert one.completion["usage"] == other.completion["usage"]
    assert one.completion["object"] == other.completion["object"] == "chat.completion"


def test_a_truncated_answer_names_its_limit_and_keeps_what_arrived() -> None:
    got = read(whole(completion('{"instagram_ad_copy": "오늘의 식빵은', "length")), REQUEST)
    assert got.error is not None
    assert "4000" in str(got.error)
    assert got.caption is not None
    assert got.caption.text == "오늘의 식빵은"


def test_half_a_stream_that_ends_cleanly_without_a_reason_is_incomplete_and_its_cost_unknown() -> None:
    got = read(streamed(frames(content()[:-10], None)), REQUEST)
    assert got.outcome is Outcome.INCOMPLETE
    assert got.usage is None
    assert got.billing_unknown


def test_a_whole_object_without_a_reason_is_written_and_without_usage_its_cost_is_unknown() -> None:
    got = read(streamed(frames(content(), None, usage=None)), REQUEST)
    assert got.outcome is Outcome.WRITTEN
    assert got.usage is None
    assert got.billing_unknown


@pytest.mark.parametrize("ending", ["cut", None, "stopped"])
def test_an_answer_that_is_whole_counts_however_its_connection_ended(ending: Ending | None) -> None:
    parts = frames(content())[:-2]  # neither usage nor [DONE]
    got = read(streamed(parts, ending), REQUEST)
    assert got.outcome is Outcome.WRITTEN
    assert got.caption is not None
    assert got.caption.text == "오늘의 식빵"
    assert got.billing_unknown


@pytest.mark.parametrize(
    ("ending", "outcome", "error"),
    [
        ("cut", Outcome.INCOMPLETE, errors.Incomplete),
        (None, Outcome.INCOMPLETE, errors.Incomplete),
        ("stopped", Outcome.STOPPED, errors.Stopped),
    ],
)
def test_half_an_answer_is_kept_and_its_cost_unknown(
    ending: Ending | None, outcome: Outcome, error: type[errors.StudioError]
) -> None:
    parts = frames(content("아주 긴 이야기가 있어요"))
    for exchange in (streamed(parts[: len(parts) // 2], ending), whole(completion(content())[:50], ending)):
        got = read(exchange, REQUEST)
        assert got.outcome is outcome
        assert type(got.error) is error
        assert got.billing_unknown
    half = read(streamed(parts[: len(parts) // 2], ending), REQUEST)
    assert half.caption is not None
    assert "아주 긴 이야기가 있어요".startswith(half.caption.text)


@pytest.mark.parametrize(
    ("exchange", "outcome", "error", "unknown"),
    [
        (Exchange(), Outcome.NOT_SENT, errors.Interrupted, False),
        (Exchange(ending="stopped"), Outcome.NOT_SENT, errors.Stopped, False),
        (Exchange(sent=True), Outcome.UNKNOWN, errors.ServerDied, True),
        (Exchange(sent=True, ending="cut"), Outcome.UNKNOWN, errors.OutcomeUnknown, True),
        (Exchange(sent=True, ending="stopped"), Outcome.STOPPED, errors.Stopped, True),
        (Exchange(sent=True, ending="not_delivered", error_class="X"), Outcome.FAILED, errors.ModelUnreachable, False),
    ],
)
def test_where_no_answer_began_it_counts_how_far_the_request_came(
    exchange: Exchange, outcome: Outcome, error: type[errors.StudioError], unknown: bool
) -> None:
    got = read(exchange, REQUEST)
    assert got.outcome is outcome
    assert type(got.error) is error
    assert got.billing_unknown is unknown


# -- rejected --------------------------------------------------------------------------------------------------------


def rejected(
    status: int,
    code: str | None = None,
    kind: str = "invalid_request_error",
    headers: dict[str, str] | None = None,
) -> Answer:
    told = {"error": {"message": f"about {code}", "type": kind, "param": None, "code": code}}
    return read(whole(json.dumps(told).encode(), status=status, headers=headers), REQUEST)


@pytest.mark.parametrize(
    ("status", "code", "kind", "error"),
    [
        (400, "unsupported_parameter", "invalid_request_error", errors.RequestRejected),
        (400, "context_length_exceeded", "invalid_request_error", errors.RequestRejected),
        (400, "model_deprecated", "invalid_request_error", errors.ModelNotFound),
        (401, "invalid_api_key", "invalid_request_error", errors.WrongKey),
        (403, "unsupported_country_region_territory", "request_forbidden", errors.RequestRejected),
        (403, "invalid_api_key", "invalid_request_error", errors.WrongKey),
        (404, "model_not_found", "invalid_request_error", errors.ModelNotFound),
        (404, None, "invalid_request_error", errors.WrongAddress),
        (408, None, "timeout", errors.ModelFailed),
        (409, None, "conflict", errors.RequestRejected),
        (413, None, "invalid_request_error", errors.RequestRejected),
        (422, None, "invalid_request_error", errors.RequestRejected),
        (429, "rate_limit_exceeded", "requests", errors.Busy),
        (429, None, "tokens", errors.Busy),
        (429, "insufficient_quota", "insufficient_quota", errors.QuotaExceeded),
        (429, None, "insufficient_quota", errors.QuotaExceeded),
        (429, "billing_hard_limit_reached", "invalid_request_error", errors.QuotaExceeded),
        (400, "billing_hard_limit_reached", "invalid_request_error", errors.QuotaExceeded),
        (500, None, "server_error", errors.ModelFailed),
        (503, "server_overloaded", "server_error", errors.ModelFailed),
        (529, None, "overloaded", errors.ModelFailed),
    ],
)
def test_a_rejection_is_told_by_status_and_code(
    status: int, code: str | None, kind: str, error: type[errors.StudioError]
) -> None:
    got = rejected(status, code, kind)
    assert got.outcome is Outcome.FAILED
    assert type(got.error) is error
    assert got.error_code == (code or kind)
    assert got.billing_unknown is (status >= 500 or status == 408), (
        "a rejected request is never billed, one that broke the server may be"
    )


def test_a_kind_of_failure_that_does_not_say_whether_it_is_free_cannot_be_made() -> None:
    with pytest.raises(TypeError, match="never_billed"):
        type("Mute", (errors.ModelFailed,), {"code": "mute"})
    assert [outcome for outcome in Outcome if outcome.never_billed is None] == [Outcome.FAILED]


@pytest.mark.parametrize(
    ("outcome", "code", "free"),
    [
        ("failed", "model_failed", False),
        ("failed", "wrong_key", True),
        ("failed", "busy", True),
        ("failed", "model_unreachable", True),
        ("failed", "of_a_newer_release", False),
        ("failed", "database_away", False),
        ("failed", None, False),
        ("not_sent", "stopped", True),
        ("filtered", "filtered", False),
        ("written", None, False),
        ("of_a_newer_release", None, False),
    ],
)
def test_what_is_free_is_stated_and_what_is_unknown_may_cost(outcome: str, code: str | None, free: bool) -> None:
    assert never_billed(outcome, code) is free


def test_a_retired_model_is_named() -> None:
    assert "gpt-6-luna" in str(rejected(404, "model_not_found").error)


@pytest.mark.parametrize(
    ("headers", "seconds", "told"),
    [
        ({}, None, None),
        ({"retry-after": "2"}, 2, 2),
        ({"Retry-After": "2.5"}, 2.5, 3),
        ({"retry-after-ms": "1500", "retry-after": "9"}, 1.5, 2),
        ({"retry-after-ms": "soon", "retry-after": "9"}, 9, 9),
        ({"retry-after": "Fri, 06 Nov 2026 10:00:00 GMT"}, None, None),
        ({"retry-after": "-5"}, None, None),
        ({"retry-after": "inf"}, None, None),
        ({"retry-after": "nan"}, None, None),
        ({"retry-after": "1e400"}, None, None),
    ],
)
def test_a_rate_limit_says_how_many_seconds_to_wait(
    headers: dict[str, str], seconds: float | None, told: int | None
) -> None:
    got = rejected(429, "rate_limit_exceeded", headers=headers)
    assert got.retry_after_s == seconds
    assert got.error is not None
    assert got.error.params.get("seconds") == told, "no figure that the server did not give"
    assert got.error.params["server_words"] == "about rate_limit_exceeded"


def test_the_seconds_to_wait_are_also_read_from_the_servers_words() -> None:
    for words, seconds in (("Please try again in 20s.", 20), ("Please try again in 500ms.", 1), ("Try later.", None)):
        got = read(whole(json.dumps({"error": {"message": words}}).encode(), status=429), REQUEST)
        assert got.error is not None
        assert got.error.params.get("seconds") == seconds


def test_a_server_of_another_kind_that_does_not_know_the_model_is_understood() -> None:
    body = json.dumps({"error": {"message": "model 'llama9' not found, try pulling it first"}}).encode()
    assert type(read(whole(body, status=404), REQUEST).error) is errors.ModelNotFound


def test_half_a_caption_is_never_taken_for_a_whole_one() -> None:
    for reason, outcome in (("stop", Outcome.INVALID), ("error", Outcome.INCOMPLETE), ("abort", Outcome.INCOMPLETE)):
        got = read(whole(completion('{"instagram_ad_copy": "Half a cap', reason)), REQUEST)
        assert got.outcome is outcome
        assert got.caption is not None, "it is shown, and can be saved by hand"
        assert got.caption.text == "Half a cap"


def test_an_error_in_the_place_of_an_answer_is_told_with_its_reason() -> None:
    told = json.dumps({"error": {"message": "upstream overloaded", "code": 502}}).encode()
    for exchange in (whole(told), streamed([b"data: " + told + b"\n\n"])):
        got = read(exchange, REQUEST)
        assert (got.outcome, type(got.error)) == (Outcome.FAILED, errors.ModelFailed)
        assert "upstream overloaded" in str(got.error)
        assert got.billing_unknown


@pytest.mark.parametrize(
    "body",
    [
        b"<html><body><h1>502 Bad Gateway</h1></body></html>",
        b"",
        b"\xff\xfe",
        b"null",
        b"[]",
        b'{"error": "as a string"}',
        b'{"error": {"message": {"odd": 1}, "code": [1], "param": 7}}',
    ],
)
def test_a_failure_that_does_not_speak_the_protocol_is_told_by_its_status(body: bytes) -> None:
    got = read(whole(body, status=502, headers={"content-type": "text/html"}), REQUEST)
    assert type(got.error) is errors.ModelFailed
    assert "<" not in str(got.error)
    assert got.billing_unknown


def test_the_rejected_parameter_is_named() -> None:
    told = {
        "error": {"message": "no", "type": "invalid_request_error", "param": "temperature", "code": "unsupported_value"}
    }
    got = read(whole(json.dumps(told).encode(), status=400), REQUEST)
    assert got.rejected_parameter is None, "it was not sent"
    assert read(whole(json.dumps(told).encode(), status=400), REQUEST | {"temperature": 1}).rejected_parameter == (
        "temperature"
    )
    assert got.error_code == "unsupported_value"


# -- what models really send ------------------------------------------------------------------------------------------


def caption_of(told: str, request: JSON = REQUEST) -> tuple[str, tuple[str, ...]] | None:
    got = read(whole(completion(told)), request)
    return (got.caption.text, got.caption.hashtags) if got.outcome is Outcome.WRITTEN and got.caption else None


EXPECTED = ("오늘의 식빵", ("식빵", "연남동"))


def test_hashtags_may_come_as_one_string_as_the_specification_shows_them() -> None:
    assert caption_of(content(hashtags="#식빵 #연남동")) == EXPECTED
    assert caption_of(content(hashtags="식빵, 연남동")) == EXPECTED


@pytest.mark.parametrize("odd", [None, 7, {"a": 1}, [None, 3, [True]]])
def test_hashtags_that_are_none_cost_no_caption(odd: Any) -> None:
    assert caption_of(content(hashtags=odd)) == ("오늘의 식빵", ())
    assert caption_of('{"instagram_ad_copy": "오늘의 식빵"}') == ("오늘의 식빵", ())


@pytest.mark.parametrize(
    "told",
    [
        f"```json\n{content()}\n```",
        f"```\n{content()}\n```",
        f"Here you are:\n\n{content()}\n\nEnjoy!",
        f"\ufeff{content()}",
        content().replace("오늘의 식빵", "오늘의 식빵\\n\\n"),
    ],
)
def test_json_wrapped_in_something_is_still_read(told: str) -> None:
    assert caption_of(told) == EXPECTED


def test_a_raw_line_break_inside_a_string_is_read_as_one() -> None:
    assert caption_of('{"instagram_ad_copy": "첫 줄\n둘째 줄", "hashtags": []}') == ("첫 줄\n둘째 줄", ())


def test_plain_text_is_a_caption_only_where_no_format_was_asked_for() -> None:
    assert caption_of("오늘의 식빵 #식빵") is None
    assert caption_of("오늘의 식빵 #식빵", PLAIN_REQUEST) == ("오늘의 식빵 #식빵", ())


def test_a_sixth_hashtag_is_parked_and_the_caption_written() -> None:
    got = read(whole(completion(content(hashtags=[f"#tag{number}" for number in range(7)]))), REQUEST)
    assert got.outcome is Outcome.WRITTEN
    assert got.caption is not None
    assert len(got.caption.hashtags) == 5
    assert got.caption.parked == ("tag5", "tag6")


def test_a_change_of_hashtags_keeps_the_caption_word_for_word_whatever_the_model_wrote() -> None:
    derivation = prompt.Derivation("other_hashtags", "원래 글\n\n둘째 줄", "#식빵")
    request = REQUEST | {"messages": prompt.messages(BRIEF, "ko", derivation=derivation)}
    got = read(whole(completion(content("모델이 바꾼 글", ["#새태그", "#다른태그"]))), request)
    assert got.outcome is Outcome.WRITTEN
    assert got.caption is not None
    assert got.caption.text == "원래 글\n\n둘째 줄"
    assert got.caption.hashtags == ("새태그", "다른태그")
    many = read(whole(completion(content("바꾼 글", [f"#t{number}" for number in range(7)]))), request)
    assert many.caption is not None
    assert many.caption.parked == ("t5", "t6")


def test_a_change_of_hashtags_does_not_make_a_caption_of_nothing() -> None:
    derivation = prompt.Derivation("other_hashtags", "원래 글", "#식빵")
    request = REQUEST | {"messages": prompt.messages(BRIEF, "ko", derivation=derivation)}
    assert read(whole(completion("")), request).outcome is Outcome.EMPTY
    assert read(whole(completion("{broken")), request).outcome is Outcome.INVALID


@pytest.mark.parametrize("odd", ["\\u0000", "\\ud83d", "\\udc00\\ud800"])
def test_characters_that_cannot_be_stored_do_not_cost_the_answer(odd: str) -> None:
    told = content().replace("오늘의", f"오늘의{odd}")
    for exchange in (whole(completion(told)), streamed(frames(told))):
        got = read(exchange, REQUEST)
        assert got.outcome is Outcome.WRITTEN
        assert got.caption is not None
        assert got.caption.text == "오늘의 식빵"
        assert storable(got)


def test_nan_in_the_usage_costs_only_that_figure() -> None:
    got = read(whole(completion(content(), usage=USAGE | {"total_tokens": math.nan})), REQUEST)
    assert got.outcome is Outcome.WRITTEN
    assert got.usage == USAGE | {"total_tokens": None}
    assert storable(got)


def test_a_broken_event_in_the_middle_is_passed_over() -> None:
    parts = frames(content())
    broken = [*parts[:4], b"data: {broken\n\n", b": a comment\n\n", b"event: ping\n\n", b"data: 7\n\n", *parts[4:]]
    assert read(streamed(broken), REQUEST).caption == read(streamed(parts), REQUEST).caption
    assert read(streamed(broken), REQUEST).outcome is Outcome.WRITTEN


def test_events_parted_as_windows_does_are_read_too() -> None:
    parts = [part.replace(b"\n", b"\r\n") for part in frames(content())]
    assert read(streamed(parts), REQUEST).outcome is Outcome.WRITTEN


def test_a_stream_is_known_by_its_bytes_where_the_server_does_not_say_so() -> None:
    assert read(whole(b"".join(frames(content()))), REQUEST).outcome is Outcome.WRITTEN


def test_an_error_inside_a_stream_leaves_the_answer_incomplete() -> None:
    parts = [*frames(content())[:4], b'data: {"error": {"message": "overloaded"}}\n\n']
    assert read(streamed(parts), REQUEST).outcome is Outcome.INCOMPLETE


@pytest.mark.parametrize(
    "exchange",
    [
        whole(b"upstream connect error", headers={"content-type": "text/plain"}),
        streamed([b"upstream connect error"]),
        streamed([b"data: upstream connect error\n\n"]),
        streamed([*frames(content())[:4], b"data: [ERROR] upstream connect error\n\n"]),
        streamed([*frames(content())[:4], b"event: error\ndata: upstream connect error\n\n"]),
        whole(b'{"choices": [{"error": {"message": "upstream connect error"}, "finish_reason": "error"}]}'),
        whole(b'{"err": "upstream connect error"}'),
        whole(b'{"status": "error", "message": "upstream connect error"}'),
        streamed([b'data: {"choices": [{"delta": {}, "error": {"message": "upstream connect error"}}]}\n\n']),
    ],
)
def test_a_failure_inside_a_200_is_told_in_the_servers_words(exchange: Exchange) -> None:
    got = read(exchange, REQUEST)
    assert type(got.error) is errors.ModelFailed
    assert "upstream connect error" in str(got.error)
    assert got.billing_unknown


@pytest.mark.parametrize(
    ("body", "content_type"),
    [
        (completion(content()).decode().encode("utf-16"), "application/json"),
        (
            json.dumps(json.loads(completion(content())), ensure_ascii=False).encode("cp949"),
            "application/json; charset=EUC-KR",
        ),
        (json.dumps(json.loads(completion(content())), ensure_ascii=False).encode(), "text/plain; charset=iso-8859-1"),
        (b"\xef\xbb\xbf" + completion(content()), "application/json"),
        (b"\xef\xbb\xbf" + b"".join(frames(content())), "text/event-stream"),
        (b" \n" + completion(content()) + b"\n\x00", "application/json"),
        (json.dumps(completion(content()).decode()).encode(), "application/json"),
        (b"[" + b",".join(frame[6:].strip() for frame in frames(content())[:-1]) + b"]", "application/json"),
    ],
)
def test_a_body_is_read_in_whatever_encoding_and_envelope_it_comes(body: bytes, content_type: str) -> None:
    got = read(whole(body, headers={"content-type": content_type}), REQUEST)
    assert got.outcome is Outcome.WRITTEN
    assert got.caption is not None
    assert (got.caption.text, got.usage) == ("오늘의 식빵", USAGE)


@pytest.mark.parametrize(
    "choices",
    [None, [], 7, {}, [None], [[]], [{"message": None}], [{"message": []}], [{"message": {"content": {}}}]],
)
def test_an_answer_without_a_choice_is_kept_and_ends_in_words(choices: Any) -> None:
    got = read(whole(json.dumps({"id": "c", "choices": choices}).encode()), REQUEST)
    assert got.outcome in (Outcome.INCOMPLETE, Outcome.INVALID, Outcome.EMPTY)
    assert got.completion is not None


@pytest.mark.parametrize("choices", ["x", 7, [None], ["x"], [{"delta": "x"}], [{"delta": [1]}], {"a": 1}])
def test_a_chunk_of_another_shape_is_passed_over(choices: Any) -> None:
    odd = b"data: " + json.dumps({"id": "c", "choices": choices}).encode() + b"\n\n"
    parts = frames(content())
    assert read(streamed([*parts[:3], odd, *parts[3:]]), REQUEST).outcome is Outcome.WRITTEN


@pytest.mark.parametrize("name", ["", None, 7, "m" * 300])
def test_a_models_name_fits_its_column(name: Any) -> None:
    body = json.loads(completion(content())) | {"model": name}
    model = read(whole(json.dumps(body).encode()), REQUEST).model
    assert model == ("m" * 255 if name == "m" * 300 else None)


def test_the_caption_of_a_stored_answer_is_found_whoever_stored_it() -> None:
    found = caption_in(json.loads(completion(content(hashtags="#식빵 #연남동"))))
    assert found is not None
    assert (found.text, found.hashtags) == EXPECTED
    odds: list[Any] = [None, 7, [], {}, {"choices": "x"}, {"choices": [{"message": {"content": None}}]}]
    for odd in odds:
        assert caption_in(odd) is None


# -- whatever a server sends -----------------------------------------------------------------------------------------


def storable(got: Answer) -> bool:
    """Whether PostgreSQL takes it as JSONB: no NaN, no NUL, no lone surrogate."""
    for told in (got.completion, got.error and got.error.as_json()):
        json.dumps(told, ensure_ascii=False, allow_nan=False).encode("utf-8")
        assert "\x00" not in "".join(texts(told))
    return True


def texts(told: Any) -> Iterator[str]:
    """Every string within, names included, however deep."""
    waiting = [told]
    while waiting:
        value = waiting.pop()
        if isinstance(value, str):
            yield value
        elif isinstance(value, dict):
            waiting += [*value, *value.values()]
        elif isinstance(value, list):
            waiting += value


NAMES = some.sampled_from(["choices", "message", "delta", "content", "error", "code"])
json_values: some.SearchStrategy[Any] = some.recursive(
    some.none() | some.booleans() | some.integers() | some.floats() | some.text(some.characters(), max_size=8),
    lambda inner: (
        some.lists(inner, max_size=3)
        | some.dictionaries(
            some.sampled_from(["choices", "message", "delta", "content", "error", "code"]), inner, max_size=4
        )
    ),
    max_leaves=12,
)
odd_texts = some.text(some.characters(), max_size=30)
odd_messages = some.fixed_dictionaries(
    {},
    optional={"content": odd_texts.map(content) | odd_texts | json_values, "refusal": json_values | some.none()},
)
odd_choices: some.SearchStrategy[JSON] = some.fixed_dictionaries(
    {"finish_reason": some.sampled_from(["stop", "length", "content_filter", None, 7, {}])},
    optional={"message": odd_messages | json_values, "delta": odd_messages | json_values},
)
odd_answers = some.fixed_dictionaries(
    {"choices": some.lists(odd_choices, max_size=3) | json_values},
    optional={"usage": json_values, "model": json_values, "error": json_values},
)
odd_documents = (odd_answers | json_values).map(lambda told: json.dumps(told).encode())
bodies = (
    some.binary(max_size=60)
    | odd_documents
    | some.lists(odd_documents.map(lambda told: b"data: " + told + b"\n\n"), max_size=6).map(b"".join)
    | some.tuples(odd_documents, some.integers(0, 200)).map(lambda told: told[0][: told[1]])
    | some.integers(1, 200_000).map(lambda depth: b"[" * depth)
    | some.integers(1, 3_000).map(lambda depth: b'{"choices":' + b"[" * depth + b"]" * depth + b"}")
)
captions = odd_texts.map(lambda text: whole(completion(content(text))))
exchanges = captions | some.builds(
    Exchange,
    sent=some.booleans(),
    status=some.none() | some.sampled_from([200, 201, 204, 301, 400, 401, 404, 418, 429, 500, 502]) | some.integers(),
    headers=some.dictionaries(
        some.sampled_from(["content-type", "retry-after", "retry-after-ms", "x-request-id"]),
        odd_texts | some.floats().map(str) | some.just("text/event-stream"),
    ),
    body=bodies,
    ending=some.sampled_from(["complete", "cut", "stopped", "not_delivered", None]),
    error_class=some.none() | odd_texts,
    error_detail=some.none() | odd_texts,
)


@settings(max_examples=400, deadline=None, database=None, suppress_health_check=[HealthCheck.too_slow])
@given(exchanges)
def test_no_answer_of_any_server_raises_or_cannot_be_stored(exchange: Exchange) -> None:
    for request in (REQUEST, PLAIN_REQUEST):
        got = read(exchange, request)
        assert storable(got)
        assert (got.error is None) == (got.outcome is Outcome.WRITTEN)
        if got.caption:
            f"{got.caption.text}{got.caption.hashtag_field}".encode()
            assert "\x00" not in got.caption.text
        if got.error:
            assert type(errors.from_code(got.error.code, got.error.as_json())) is type(got.error)


@settings(max_examples=60, deadline=None, database=None)
@given(some.integers(min_value=0), some.sampled_from(["cut", None, "stopped"]))
def test_a_stream_cut_anywhere_is_written_only_when_it_is_whole(at: int, ending: Ending | None) -> None:
    body = b"".join(frames(content()))
    exchange = dataclasses.replace(streamed([body[: at % len(body)]], ending))
    got = read(exchange, REQUEST)
    finished = b'"stop"}]}\n\n' in exchange.body or exchange.body.endswith((b'"stop"}]}', b'"stop"}]}\n'))
    assert (got.outcome is Outcome.WRITTEN) is finished


# -- the streams of other APIs ----------------------------------------------------------------------------------------


def native_chunks(api: str, pieces: list[str]) -> list[dict[str, Any]]:
    """What the API streams for an answer in pieces, as its documentation has it."""
    if api == "Anthropic":
        start = {"type": "message_start", "message": {"content": [], "usage": {"input_tokens": 25, "output_tokens": 1}}}
        delta = {"type": "message_delta", "delta": {"stop_reason": "end_turn"}, "usage": {"output_tokens": 15}}
        texts = [{"type": "content_block_delta", "delta": {"type": "text_delta", "text": piece}} for piece in pieces]
        return [start, {"type": "ping"}, *texts, delta, {"type": "message_stop"}]
    if api == "Responses":
        done = {"type": "response.completed", "response": {"usage": {"input_tokens": 25, "output_tokens": 15}}}
        return [*({"type": "response.output_text.delta", "delta": piece} for piece in pieces), done]
    if api == "Gemini":
        counts = {"promptTokenCount": 25, "candidatesTokenCount": 15}
        last: dict[str, Any] = {
            "candidates": [{"content": {"parts": [{"text": ""}]}, "finishReason": "STOP"}],
            "usageMetadata": counts,
        }
        thought: dict[str, Any] = {"candidates": [{"content": {"parts": [{"text": "{}", "thought": True}]}}]}
        return [thought, *({"candidates": [{"content": {"parts": [{"text": piece}]}}]} for piece in pieces), last]
    end = {"done": True, "done_reason": "stop", "prompt_eval_count": 25, "eval_count": 15}
    if api == "Ollama's chat":
        return [
            *({"message": {"content": piece}, "done": False} for piece in pieces),
            {"message": {"content": ""}} | end,
        ]
    return [*({"response": piece, "done": False} for piece in pieces), {"response": ""} | end]


@pytest.mark.parametrize("form", ["events", "lines", "list"])
@pytest.mark.parametrize("api", ["Anthropic", "Responses", "Gemini", "Ollama's chat", "Ollama's generate"])
def test_the_stream_of_another_api_is_written_with_its_usage(api: str, form: str) -> None:
    text = content()
    chunks = native_chunks(api, [text[at : at + 7] for at in range(0, len(text), 7)])
    lines = [json.dumps(chunk, ensure_ascii=False) for chunk in chunks]
    body, content_type = {
        "events": ("".join(f"data: {line}\n\n" for line in lines), "text/event-stream"),
        "lines": ("\n".join(lines), "application/x-ndjson"),
        "list": (json.dumps(chunks), "application/json"),
    }[form]
    answer = read(Exchange(True, 200, {"content-type": content_type}, body.encode(), "complete"), REQUEST)
    assert answer.outcome == "written"
    assert answer.caption is not None
    assert answer.caption.text == "오늘의 식빵"
    assert answer.usage is not None
    assert (answer.usage["prompt_tokens"], answer.usage["completion_tokens"]) == (25, 15)


@pytest.mark.parametrize(
    ("last", "outcome"),
    [
        ({"candidates": [{"finishReason": "MAX_TOKENS"}]}, "truncated"),
        ({"candidates": [{"finishReason": "SAFETY"}]}, "filtered"),
        ({"type": "message_delta", "delta": {"stop_reason": "max_tokens"}}, "truncated"),
        ({"type": "error", "error": {"type": "overloaded_error", "message": "Overloaded"}}, "incomplete"),
        ({"message": {"content": ""}, "done": True, "done_reason": "length"}, "truncated"),
    ],
)
def test_the_stream_of_another_api_ends_as_it_says(last: dict[str, Any], outcome: str) -> None:
    chunks = [*native_chunks("Gemini", [content()[:30]])[:-1], last]
    body = "".join(f"data: {json.dumps(chunk)}\n\n" for chunk in chunks)
    answer = read(Exchange(True, 200, {"content-type": "text/event-stream"}, body.encode(), "complete"), REQUEST)
    assert answer.outcome == outcome


@pytest.mark.parametrize("odd", [{"candidates": [7]}, {"candidates": [{"content": 3}]}, {"done": 1}, {"delta": 5}])
def test_a_chunk_that_is_none_of_any_api_is_passed_over(odd: dict[str, Any]) -> None:
    body = f"data: {json.dumps(odd)}\n\n" + b"".join(frames(content())).decode()
    answer = read(Exchange(True, 200, {"content-type": "text/event-stream"}, body.encode(), "complete"), REQUEST)
    assert answer.outcome == "written"
