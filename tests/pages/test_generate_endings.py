"""Every way a generation can end, on the page: a sentence in the reader's language, and nothing typed is lost."""

from __future__ import annotations

import contextlib
import dataclasses
import threading
import time
from collections.abc import Callable
from typing import Any

import pytest

from lib.demo.model import DemoModel
from lib.studio import Studio
from tests.support.opened_page import Opened
from tests.support.outage import database_away
from tests.support.patience import PATIENCE_S

Sql = Callable[..., list[tuple[Any, ...]]]
Open = Callable[..., Opened]

ENDINGS = {
    "refused": ("모델이 이 글을 쓰지 않겠다고 했어요", "The model declined"),
    "empty": ("모델이 빈 답을 보냈어요", "The model sent an empty answer."),
    "invalid": ("모델의 답을 읽을 수 없어요", "The model's answer could not be read"),
    "truncated": ("답이 4,000토큰에서 잘렸어요", "The answer was cut off at 4,000 tokens."),
    "filtered": ("모델의 내용 필터가 글을 막았어요", "The provider's content filter stopped the answer."),
    "incomplete": ("답이 끝나기 전에 끊겼어요", "The answer broke off before its end"),
    "cut": ("답이 끝나기 전에 끊겼어요", "The answer broke off before its end"),
    "over_limit": ("인스타그램 규칙에 맞지 않아요", "breaks Instagram's rules"),
    "silent": ("제때 답이 오지 않았어요", "No answer arrived in time."),
    "unreachable": ("모델 서버에 연결할 수 없어요", "The model's server cannot be reached"),
    "rate_limited_long": ("5분 뒤에 다시 시도해 주세요", "Try again in 5 minutes."),
    "quota": ("계정이 사용 한도를 다 썼어요", "has no credit left."),
    "wrong_key": ("API 키를 받아 주지 않아요", "does not accept the API key."),
    "server_error": ("모델 서버에 문제가 있어요", "The model's server failed"),
    "bad_gateway": ("모델 서버에 문제가 있어요 (502 Bad Gateway)", "The model's server failed (502 Bad Gateway)"),
    "nonsense": ("demo-nonsense 모델이 없거나 서비스가 끝났어요", "The model demo-nonsense does not exist"),
}
"""By the behaviour of the demo model: what a reader is told in Korean and in English."""

TYPED = {
    "product_description": "직접 볶은 원두로 내린 고구마 라떼",
    "refined_ad_copy_eng": "Autumn in a cup.",
    "tone_style": "차분하게",
    "store_information": "성수동 골목 카페",
    "gpt_prompt": "세 줄로 써 주세요.",
}


@pytest.fixture
def failing_page(studio: Studio, open_page: Open) -> Opened:
    """The form filled in, with every ending among its models."""
    models = ("demo", *(f"demo-{behaviour}" for behaviour in ENDINGS))
    studio.settings = dataclasses.replace(studio.settings, openai_models=models)
    return open_page().fill(**TYPED)


def feeds(as_owner: Sql) -> list[tuple[Any, ...]]:
    return as_owner("SELECT instagram_ad_copy, hashtags FROM instagram_feeds ORDER BY pk")


@pytest.mark.parametrize("behaviour", ENDINGS)
def test_it_is_told_in_both_languages_recorded_and_costs_no_typing(
    failing_page: Opened, as_owner: Sql, behaviour: str
) -> None:
    page = failing_page.fill(model=f"demo-{behaviour}").press("generate")
    korean, english = ENDINGS[behaviour]
    assert korean in page.told("error")
    assert page.values(*TYPED) == TYPED
    assert not page.field("generate").disabled
    assert english in page.read_in("EN").told("error")
    assert korean not in page.told()
    assert page.values(*TYPED) == TYPED
    assert feeds(as_owner) == []
    [(outcome,)] = as_owner("SELECT outcome FROM studio_generations")
    assert outcome not in (None, "written")
    assert page.fill(model="demo").press("generate").told("error") == ""
    assert len(feeds(as_owner)) == 1


def test_the_brief_of_a_failed_generation_can_be_taken_back(failing_page: Opened) -> None:
    page = failing_page.fill(model="demo-refused").press("generate")
    button = page.press_buttons()["use_brief_1"]
    assert (button["action"], button["values"]) == ("load", TYPED)


def test_an_answer_over_the_limits_is_fixed_by_hand_and_saved_without_asking_again(
    failing_page: Opened, as_owner: Sql, demo: DemoModel
) -> None:
    page = failing_page.fill(model="demo-over_limit").press("generate")
    assert page.field("save_1").disabled
    assert "넘었으니 줄여 주세요" in page.told("markdown")
    assert "5개까지니" in page.told("markdown")
    page.fill(edit_text_1="고쳐 쓴 글", edit_tags_1="#고구마라떼 성수").run()
    assert not page.field("save_1").disabled
    page.press("save_1")
    assert feeds(as_owner) == [("고쳐 쓴 글", "#고구마라떼 #성수")]
    assert page.post()["copy"]["both"] == "고쳐 쓴 글\n\n#고구마라떼 #성수"
    assert page.told("error") == ""
    assert len(demo.requests) == 1


def test_what_arrived_of_a_cut_answer_can_be_saved(failing_page: Opened, as_owner: Sql, demo: DemoModel) -> None:
    page = failing_page.fill(model="demo-truncated").press("generate")
    text = page.field("edit_text_1").value
    assert text
    page.press("save_1")
    assert [stored for stored, _ in feeds(as_owner)] == [text]
    assert len(demo.requests) == 1


def test_a_text_in_which_nothing_can_be_read_is_shown_and_can_be_made_a_caption(
    failing_page: Opened, as_owner: Sql, demo: DemoModel
) -> None:
    page = failing_page.fill(model="demo-invalid").press("generate")
    text = page.field("edit_text_1").value
    assert text.startswith("{instagram_ad_copy} "), "what was paid for, as it came"
    page.fill(edit_text_1=text.removeprefix("{instagram_ad_copy} ")).run().press("save_1")
    assert [stored for stored, _ in feeds(as_owner)] == [text.removeprefix("{instagram_ad_copy} ")]
    assert len(demo.requests) == 1


def test_a_short_rate_limit_is_waited_out_and_both_requests_are_on_record(
    page: Opened, demo: DemoModel, as_owner: Sql
) -> None:
    demo.behaviours.append("rate_limited")
    page.press("generate")
    assert page.told("error") == ""
    assert as_owner("SELECT outcome FROM studio_attempts ORDER BY number") == [("failed",), ("written",)]
    assert len(feeds(as_owner)) == 1


def test_hashtags_beyond_five_are_set_aside_and_shown(page: Opened, demo: DemoModel, as_owner: Sql) -> None:
    demo.behaviours.append("many_tags")
    page.press("generate")
    [(_, tags)] = feeds(as_owner)
    assert len(tags.split()) == 5
    assert len(page.post()["parked"]) == 4


def test_a_temperature_that_the_model_rejects_is_left_out_and_stored_as_unknown(
    page: Opened, demo: DemoModel, as_owner: Sql
) -> None:
    demo.behaviours.append("no_temperature")
    page.fill(temperature=1.3).press("generate")
    assert as_owner("SELECT gpt_temperature FROM instagram_feeds") == [(None,)]
    assert ["temperature" in request for request in demo.requests] == [True, False]


def test_when_the_database_goes_while_the_model_writes_the_page_says_that_the_answer_is_safe(
    page: Opened, studio: Studio, demo: DemoModel, as_owner: Sql, monkeypatch: pytest.MonkeyPatch
) -> None:
    from lib.generation.recovery import recover

    answers, seen, outage = demo.respond, threading.Event(), contextlib.ExitStack()

    def then_away(*args: Any, **options: Any) -> Any:
        assert seen.wait(PATIENCE_S)
        outage.enter_context(database_away(studio))
        return answers(*args, **options)

    monkeypatch.setattr(demo, "respond", then_away)
    assert page.click("generate").has("stop_1")
    seen.set()
    until = time.monotonic() + PATIENCE_S
    while studio.running:
        assert time.monotonic() < until
        time.sleep(0.01)
    told = page.run().told("info")
    assert "글은 받았는데 데이터베이스가 응답하지 않아요. 글은 안전하게 보관했고" in told
    assert page.post()["state"] == "done", "what arrived can be copied meanwhile"
    text = page.post()["copy"]["caption"]
    outage.close()
    assert "저장을 기다리고 있어요" in page.run().told("markdown")
    assert recover(studio) == 1
    assert page.run().post()["copy"]["link"]
    assert [(page.post()["copy"]["caption"], text)] == [(stored, stored) for stored, _ in feeds(as_owner)]
    assert len(demo.requests) == 1


# -- once more --------------------------------------------------------------------------------------------------------


def test_a_failed_generation_is_tried_again_as_it_was_asked_whatever_the_form_says_by_now(
    page: Opened, demo: DemoModel, as_owner: Sql
) -> None:
    demo.behaviours.append("empty")
    page.fill(temperature=0.4).press("generate")
    first = page.app.query_params["run"]
    page.fill(product_description="다른 제품", temperature=1.9).press("again_1")
    assert page.app.query_params["run"] != first
    assert page.post()["copy"]["link"]
    assert len(feeds(as_owner)) == 1
    assert as_owner("SELECT count(DISTINCT fingerprint), count(DISTINCT run_id) FROM studio_generations") == [(1, 2)]
    assert [request["temperature"] for request in demo.requests] == [0.4, 0.4]
    assert page.field("product_description").value == "다른 제품"


def test_a_failed_change_is_tried_again_as_a_change_of_the_same_caption(
    page: Opened, demo: DemoModel, as_owner: Sql
) -> None:
    page.press("generate")
    demo.behaviours.append("empty")
    page.press("shorter_1").press("again_1")
    assert page.told("error") == ""
    assert as_owner("SELECT change, count(*) FROM studio_generations GROUP BY 1 ORDER BY 1") == [
        ("shorter", 2),
        (None, 1),
    ]
    assert len(feeds(as_owner)) == 2


def test_trying_again_while_the_database_is_away_says_so(page: Opened, demo: DemoModel, studio: Studio) -> None:
    demo.behaviours.append("empty")
    page.press("generate")
    with database_away(studio):
        page.press("again_1")
        assert "데이터베이스가 응답하지 않아요" in page.told("error")
    assert page.run().press("again_1").post()["copy"]["link"]
    assert len(demo.requests) == 2


def test_the_demo_costs_nothing_however_it_ends(page: Opened, demo: DemoModel) -> None:
    demo.behaviours.append("cut")
    page.press("generate")
    assert "$0 (데모)" in page.told("markdown")
    assert "최대" not in page.told("markdown")


def test_a_request_that_was_deleted_while_it_was_shown_is_missed_in_a_sentence(
    failing_page: Opened, as_owner: Sql
) -> None:
    page = failing_page.fill(model="demo-refused").press("generate")
    as_owner("DELETE FROM studio_attempts")
    assert "이 팀에는 그런 기록이 없어요" in page.read_in("KO").told("error")
    assert page.values(*TYPED) == TYPED
