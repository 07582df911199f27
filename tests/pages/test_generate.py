"""The generate page as a whole: what is shown of a caption, and what a press is, however often it arrives."""

from __future__ import annotations

import dataclasses
import json
import uuid
from collections.abc import Callable
from typing import Any

import pytest
from streamlit.proto.WidgetStates_pb2 import WidgetStates
from streamlit.runtime.state.session_state import STREAMLIT_INTERNAL_KEY_PREFIX
from streamlit.testing.v1 import AppTest

from lib.demo.model import DemoModel
from lib.studio import Studio
from tests.conftest import InsertBySql
from tests.support.opened_page import NAVIGATION, Opened
from tests.support.outage import database_away
from tests.support.patience import PATIENCE_S
from tests.support.stored import TYPED, feeds, recorded

Sql = Callable[..., list[tuple[Any, ...]]]
Open = Callable[..., Opened]


def test_the_page_shows_the_caption_that_the_row_holds(page: Opened, as_owner: Sql) -> None:
    page.press("generate")
    [(feed_id, text, tags)] = feeds(as_owner, "instagram_feed_id, instagram_ad_copy, hashtags")
    assert page.post()["state"] == "done"
    shown = {name: page.post()["copy"][name] for name in ("caption", "tags", "both")}
    assert shown == {"caption": text, "tags": tags, "both": f"{text}\n\n{tags}"}
    assert feed_id in page.told()


@pytest.mark.parametrize(
    "garbage",
    [
        {"id": "no id"}, {"values": None}, {"values": "words"}, {"times": "often"}, {"action": "delete"},
        {"action": None}, {"id": None},
    ],
)  # fmt: skip
def test_a_message_that_is_no_press_is_passed_over(page: Opened, as_owner: Sql, garbage: dict[str, Any]) -> None:
    page.send(page.pressed("generate") | garbage)
    assert (recorded(as_owner), page.told("error")) == (0, "")


def test_values_of_odd_kinds_are_empty_or_refused_and_never_break_the_page(page: Opened, as_owner: Sql) -> None:
    odd = {name: [1, {"a": None}] for name in page.form()}
    page.send(page.pressed("generate") | {"values": odd})
    assert set(page.problems()) == {"tone_style", "product_description", "gpt_prompt"}
    page.send(page.pressed("generate") | {"values": {}})
    assert recorded(as_owner) == 0


def test_a_real_model_without_a_key_is_told_what_to_set(studio: Studio, open_page: Open, as_owner: Sql) -> None:
    studio.settings = dataclasses.replace(studio.settings, openai_models=("demo", "gpt-6-luna"))
    page = open_page().fill(**TYPED, model="gpt-6-luna").press("generate")
    assert "OpenAI API 키가 없어 gpt-6-luna 모델을 쓸 수 없어요. OPENAI_API_KEY를 설정하고" in page.told("error")
    assert "No OpenAI API key is set, so gpt-6-luna cannot be used." in page.read_in("EN").told("error")
    assert recorded(as_owner) == 0


def test_while_the_database_is_away_the_page_says_so_and_keeps_what_was_typed(
    studio: Studio, open_page: Open, as_owner: Sql, demo: DemoModel
) -> None:
    page = open_page().fill(**TYPED)
    with database_away(studio):
        page.press("generate")
        assert "데이터베이스가 응답하지 않아요. 적으신 내용은 그대로 있으니" in page.told("error")
        assert "The database does not answer." in page.read_in("EN").told("error")
        assert open_page().told("error"), "a new session says it as well"
    page.press("generate")
    assert page.told("error") == ""
    assert feeds(as_owner, ", ".join(TYPED)) == [tuple(TYPED.values())]
    assert len(demo.requests) == 1


def test_a_new_brief_closes_the_post_and_an_undo_opens_it_again(page: Opened) -> None:
    page.fill(**TYPED).press("generate")
    run_id = page.app.query_params["run"]
    shown = page.component("brief")["shown"]
    assert shown == {"run": run_id}
    press = page.pressed("new_brief") | {"action": "show", "values": {}}
    assert page.send(press).post()["state"] == "empty"
    assert "run" not in page.app.query_params
    assert page.send(press | {"id": str(uuid.uuid4()), "values": shown}).post()["state"] == "done"
    assert page.app.query_params["run"] == run_id


# -- one press, however often it is clicked ---------------------------------------------------------------------------


def test_a_press_that_arrives_twice_is_paid_once_and_shown(page: Opened, as_owner: Sql, demo: DemoModel) -> None:
    press = page.pressed("generate")
    page.send(press).send(press).waited()
    assert (recorded(as_owner), len(demo.requests)) == (1, 1)
    assert page.post()["state"] == "done"
    assert page.app.query_params["run"] == press["id"]
    assert as_owner("SELECT run_id::text FROM studio_generations") == [(press["id"],)]


def test_a_press_that_arrives_again_in_a_new_session_is_paid_once_and_shown(
    page: Opened, open_page: Open, as_owner: Sql, demo: DemoModel
) -> None:
    press = page.fill(variants=3).pressed("generate")
    page.send(press).waited()
    later = open_page().send(press).waited()
    assert as_owner("SELECT variant FROM studio_generations ORDER BY variant") == [(1,), (2,), (3,)]
    assert len(demo.requests) == 3
    assert len(later.app.tabs) == 3
    assert later.component("brief")["states"][press["id"]]["state"] == "done"


def test_the_first_message_of_a_session_may_be_a_press(studio: Studio, page: Opened, as_owner: Sql) -> None:
    press = page.pressed("generate")
    taker = next(one for one in page.app.get("bidi_component") if one.key == "brief").proto.id
    new = Opened.__new__(Opened)
    new.studio, new.drafts, new.app = studio, {}, AppTest.from_file(str(NAVIGATION), default_timeout=PATIENCE_S)
    states = WidgetStates()
    states.widgets.add(
        id=f"{STREAMLIT_INTERNAL_KEY_PREFIX}_{taker}__events",
        json_trigger_value=json.dumps([{"event": "pressed", "value": [press]}]),
    )
    new.app._run(states)
    assert new.waited().post()["state"] == "done"
    assert new.component("brief")["states"][press["id"]]["state"] == "done"
    assert recorded(as_owner) == 1


def test_two_presses_in_one_message_are_two_and_the_last_one_is_shown(page: Opened, as_owner: Sql) -> None:
    first = page.pressed("generate")
    second = page.fill(product_description="다른 빵").pressed("generate")
    page.send(first, second).waited()
    assert page.app.query_params["run"] == second["id"]
    page.send(first)
    assert page.app.query_params["run"] == second["id"], "a press on its second way takes nobody back"
    assert recorded(as_owner) == 2
    page.send(first | {"times": 2})
    assert page.app.query_params["run"] == first["id"], "but a person who presses it again wants to see it"
    assert recorded(as_owner) == 2


def test_an_id_that_comes_with_other_words_is_refused_with_a_sentence(
    page: Opened, open_page: Open, as_owner: Sql, demo: DemoModel
) -> None:
    press = page.pressed("generate")
    page.send(press).waited()
    later = open_page().send(press | {"values": {**press["values"], "product_description": "다른 빵"}})
    assert "다른 브리프에 이미 쓰였어요" in later.told("error")
    assert later.component("brief")["states"][press["id"]]["state"] == "refused"
    assert (recorded(as_owner), len(demo.requests)) == (1, 1)


def test_a_press_for_another_team_than_the_pages_is_refused_with_a_sentence(
    page: Opened, as_owner: Sql, demo: DemoModel
) -> None:
    press = page.pressed("generate")
    page.send(press | {"team": "rival"})
    assert "‘rival’ 팀에서 누른 요청인데, 지금 화면은 ‘my-team’ 팀이라 보내지 않았어요." in page.told("error")
    assert page.component("brief")["states"][press["id"]]["state"] == "refused"
    assert "was pressed for team rival" in page.read_in("EN").told("error")
    assert (recorded(as_owner), len(demo.requests)) == (0, 0)


def test_a_refused_press_is_tried_again_under_its_own_id(
    studio: Studio, page: Opened, as_owner: Sql, demo: DemoModel
) -> None:
    press = page.fill(variants=2).pressed("generate")
    with database_away(studio):
        page.send(press)
        assert page.component("brief")["states"][press["id"]] == {"state": "refused", "times": 1}
    page.send(press | {"times": 2}).waited()
    assert page.component("brief")["states"][press["id"]] == {"state": "done", "times": 2}
    assert page.told("error") == ""
    assert (recorded(as_owner), len(demo.requests)) == (2, 2)


def test_another_teams_feed_cannot_be_rewritten_by_its_id(
    page: Opened, insert_by_sql: InsertBySql, as_owner: Sql, demo: DemoModel
) -> None:
    theirs = insert_by_sql(tenant_id="rival", instagram_ad_copy="a rival's secret")
    for values in ({"feed_id": str(theirs), "change": "shorter"}, {"feed_id": "no id"}, {}):
        page.send(page.pressed("generate") | {"action": "change", "values": values})
        assert page.told("error")
    page.send(page.pressed("generate") | {"action": "again", "values": {"generation_id": str(uuid.uuid4())}})
    assert "이 팀에는 그런 기록이 없어요" in page.told("error")
    assert (recorded(as_owner), len(demo.requests)) == (0, 0)


def test_a_later_press_of_the_same_brief_is_a_new_one(page: Opened, as_owner: Sql, demo: DemoModel) -> None:
    page.press("generate").press("generate")
    assert (recorded(as_owner), len(demo.requests)) == (2, 2)
