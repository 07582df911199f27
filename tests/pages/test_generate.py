"""The form of the generate page: from what was typed to the row, and what is refused before anything is sent."""

from __future__ import annotations

import dataclasses
import json
import re
import uuid
from collections.abc import Callable
from typing import Any

import pytest
from streamlit.proto.WidgetStates_pb2 import WidgetStates
from streamlit.runtime.state.session_state import STREAMLIT_INTERNAL_KEY_PREFIX
from streamlit.testing.v1 import AppTest

from lib.demo.model import DemoModel
from lib.domain.brief import INPUTS, MAX_CHARS
from lib.store.database import Database
from lib.studio import Studio
from tests.conftest import InsertBySql
from tests.pages.conftest import NAVIGATION, Opened
from tests.support.patience import PATIENCE_S

Sql = Callable[..., list[tuple[Any, ...]]]
Open = Callable[..., Opened]

TYPED = {
    "product_description": "저온에서 하루 숙성한 통밀 식빵. 속이 편하고 고소해요.",
    "refined_ad_copy_eng": "Slow mornings, warm bread.",
    "tone_style": "차분하지만 다정하게",
    "store_information": "연남동 골목의 작은 빵집 '온기'",
    "gpt_prompt": "짧은 문장으로, 마지막 줄은 질문으로.",
}


def feeds(as_owner: Sql, columns: str) -> list[tuple[Any, ...]]:
    return as_owner(f"SELECT {columns} FROM instagram_feeds ORDER BY pk")


def recorded(as_owner: Sql) -> int:
    return int(as_owner("SELECT count(*) FROM studio_generations")[0][0])


def test_the_five_inputs_are_found_in_the_columns_of_their_names(page: Opened, as_owner: Sql) -> None:
    page.fill(**TYPED).press("generate")
    assert feeds(as_owner, ", ".join(("tenant_id", *TYPED))) == [("my-team", *TYPED.values())]


def test_the_page_shows_the_caption_that_the_row_holds(page: Opened, as_owner: Sql) -> None:
    page.press("generate")
    [(feed_id, text, tags)] = feeds(as_owner, "instagram_feed_id, instagram_ad_copy, hashtags")
    assert page.post()["state"] == "done"
    shown = {name: page.post()["copy"][name] for name in ("caption", "tags", "both")}
    assert shown == {"caption": text, "tags": tags, "both": f"{text}\n\n{tags}"}
    assert feed_id in page.told()


def test_the_options_reach_the_request_and_the_row(page: Opened, as_owner: Sql, demo: DemoModel) -> None:
    job = uuid.uuid4()
    as_owner("INSERT INTO jobs (job_id, tenant_id) VALUES (%s, 'my-team')", job)
    page.fill(language="en", temperature=0.4, max_tokens=900, job_id=f" {job} ").press("generate")
    assert feeds(as_owner, "gpt_temperature, gpt_max_tokens, job_id::text, gpt_model_name") == [
        (0.4, 900, str(job), "demo")
    ]
    assert demo.requests[0]["temperature"] == 0.4
    assert "in English" in demo.requests[0]["messages"][0]["content"]


def test_an_empty_form_tells_beside_the_field_and_neither_records_nor_sends(
    open_page: Open, as_owner: Sql, demo: DemoModel
) -> None:
    page = open_page().fill(tone_style="", gpt_prompt="  ").press("generate")
    empty = ("tone_style", "product_description", "gpt_prompt")
    assert page.problems() == dict.fromkeys(empty, "비어 있어요. 내용을 적어 주세요.")
    assert "톤 & 스타일, 제품 설명, 작성 지시. 아직 비용은 들지 않았어요." in page.told("error")
    assert "비어 있어요" not in page.told("error"), "what is wrong stands beside the field, once"
    assert page.read_in("EN").problems() == dict.fromkeys(empty, "This field is empty. Fill it in.")
    assert (recorded(as_owner), len(demo.requests)) == (0, 0)


@pytest.mark.parametrize("name", INPUTS)
def test_a_field_over_its_limit_says_by_how_much_and_keeps_its_text(page: Opened, as_owner: Sql, name: str) -> None:
    text = "가" * (MAX_CHARS[name] + 1)
    page.fill(**{name: text}).press("generate")
    assert page.problems() == {name: f"{len(text):,}자예요. {MAX_CHARS[name]:,}자까지 쓸 수 있으니 줄여 주세요."}
    assert recorded(as_owner) == 0
    page.fill(**{name: "가" * MAX_CHARS[name]}).press("generate")
    assert feeds(as_owner, f"length({name})") == [(MAX_CHARS[name],)]
    assert page.problems() == {}


def test_what_is_no_id_is_told_beside_its_field(page: Opened, as_owner: Sql) -> None:
    page.fill(job_id="job-7", overlay_id="<b>").press("generate")
    assert set(page.problems()) == {"job_id", "overlay_id"}
    assert all("ID 형식(UUID)이 아니에요" in text for text in page.problems().values())
    assert recorded(as_owner) == 0


@pytest.mark.parametrize(
    ("name", "text"),
    [
        ("temperature", "warm"), ("temperature", "2.1"), ("temperature", "nan"), ("temperature", "-1"),
        ("max_tokens", "many"), ("max_tokens", "12.5"), ("max_tokens", "1"), ("max_tokens", "99999999999"),
        ("variants", "0"), ("variants", "6"), ("variants", "two"),
    ],
)  # fmt: skip
def test_a_number_that_is_none_or_out_of_its_range_is_told_beside_its_field(
    page: Opened, as_owner: Sql, name: str, text: str
) -> None:
    assert list(page.fill(**{name: text}).press("generate").problems()) == [name]
    assert recorded(as_owner) == 0


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


def test_an_unknown_job_or_overlay_is_named_and_nothing_is_sent(page: Opened, as_owner: Sql, demo: DemoModel) -> None:
    unknown = str(uuid.uuid4())
    page.fill(job_id=unknown).press("generate")
    assert f"이 팀에는 작업이 없어요 ({unknown})" in page.told("error")
    page.fill(job_id=None, overlay_id=unknown).read_in("EN").press("generate")
    assert f"Overlay {unknown} does not exist" in page.told("error")
    assert (recorded(as_owner), len(demo.requests)) == (0, 0)


def test_a_job_of_another_tenant_counts_as_unknown(page: Opened, as_owner: Sql) -> None:
    job = uuid.uuid4()
    as_owner("INSERT INTO jobs (job_id, tenant_id) VALUES (%s, 'rival')", job)
    page.fill(job_id=str(job)).press("generate")
    assert f"이 팀에는 작업이 없어요 ({job})" in page.told("error")
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
    there, away = studio.database, Database("postgresql://app@127.0.0.1:1/nowhere")
    page = open_page().fill(**TYPED)
    studio.database = away
    page.press("generate")
    assert "데이터베이스가 응답하지 않아요. 적으신 내용은 그대로 있으니" in page.told("error")
    assert "The database does not answer." in page.read_in("EN").told("error")
    assert open_page().told("error"), "a new session says it as well"
    studio.database = there
    away.close()
    page.press("generate")
    assert page.told("error") == ""
    assert feeds(as_owner, ", ".join(TYPED)) == [tuple(TYPED.values())]
    assert len(demo.requests) == 1


def test_three_variants_are_three_rows_from_three_angles(page: Opened, as_owner: Sql, demo: DemoModel) -> None:
    page.fill(variants=3).press("generate")
    assert [tab.label for tab in page.app.tabs] == ["시안 1", "시안 2", "시안 3"]
    stored = {text for (text,) in feeds(as_owner, "instagram_ad_copy")}
    assert {page.post(number)["copy"]["caption"] for number in (1, 2, 3)} == stored
    assert len(stored) == 3
    angles = [json.loads(request["messages"][1]["content"])["angle"] for request in demo.requests]
    assert len(set(angles)) == 3


def test_a_language_switch_translates_the_page(page: Opened) -> None:
    assert page.read_in("EN").field("generate").label == "Write caption"
    assert page.read_in("KO").field("generate").label == "글 쓰기"


def test_the_default_instruction_tone_and_language_follow_the_reader(page: Opened) -> None:
    page.read_in("EN")
    assert page.field("gpt_prompt").value.startswith("Catch the eye")
    assert page.values("tone_style", "language") == {"tone_style": "Warm and friendly", "language": "en"}


def test_a_new_session_begins_with_the_store_and_tone_of_the_tenants_last_brief(page: Opened, open_page: Open) -> None:
    page.fill(**TYPED).press("generate")
    later = open_page()
    assert later.values("store_information", "tone_style", "product_description") == {
        "store_information": TYPED["store_information"],
        "tone_style": TYPED["tone_style"],
        "product_description": "",
    }
    assert later.form()["store_information"]["note"]["text"] == "스토어 정보는 지난번 것을 가져왔어요."
    assert open_page(tenant_id="rival").field("store_information").value == ""


def test_each_tenant_has_a_draft_and_a_last_brief_of_its_own(open_page: Open, as_owner: Sql) -> None:
    as_owner("INSERT INTO studio_tenants (tenant_id) VALUES ('acme'), ('rival') ON CONFLICT DO NOTHING")
    page = open_page(tenant_id="rival").fill(product_description="tea", store_information="rival's").press("generate")
    assert page.component("brief")["form"]["storage"] == "feed-studio.draft.rival"
    page.fill(tenant_id="acme").run()
    assert page.component("brief")["form"]["storage"] == "feed-studio.draft.acme"
    assert page.form()["store_information"]["value"] == ""


def test_the_page_says_that_the_demo_model_is_no_ai_and_marks_what_it_wrote(studio: Studio, open_page: Open) -> None:
    studio.settings = dataclasses.replace(studio.settings, openai_models=("demo", "gpt-6-luna"))
    page = open_page().fill(**TYPED).press("generate")
    notice = page.component("brief")["form"]["notice"]
    assert "데모 모델" in notice["text"]
    shown_for = [re.search(notice["pattern"], model) is not None for model in ("demo", "demo-slow", "demonic", "gpt-6")]
    assert shown_for == [True, True, False, False]
    assert page.post()["badge"] == "데모 모델이 쓴 글"
    assert "$0 (데모)" in page.told("markdown")
    assert "demo model" in page.read_in("EN").component("brief")["form"]["notice"]["text"]
    assert page.post()["badge"] == "Written by the demo model"


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


def test_a_stored_brief_goes_into_the_form_as_it_was(page: Opened) -> None:
    page.fill(**TYPED).press("generate")
    button = page.press_buttons()["use_brief_1"]
    assert (button["action"], button["values"]) == ("load", TYPED)


def test_a_link_in_english_opens_in_english_altogether(open_page: Open) -> None:
    page = open_page(lang="EN")
    assert (page.field("lang").value, page.field("tenant_id").label) == ("EN", "Team")
    assert page.field("generate").label == "Write caption"
    assert page.field("gpt_prompt").value.startswith("Catch the eye")
    assert not re.search("[가-힣]", page.told())
    assert open_page(lang="<b>").field("lang").value == "KO"


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
    there, away = studio.database, Database("postgresql://app@127.0.0.1:1/nowhere")
    press = page.fill(variants=2).pressed("generate")
    studio.database = away
    page.send(press)
    assert page.component("brief")["states"][press["id"]] == {"state": "refused", "times": 1}
    studio.database = there
    away.close()
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


def test_a_message_with_the_address_from_before_does_not_hide_the_run(page: Opened) -> None:
    before = dict(page.app.query_params)
    run_id = page.click("generate").app.query_params["run"]
    page.app.query_params.clear()
    page.app.query_params.update(before)
    assert page.run().app.query_params["run"] == run_id
    assert page.post()["state"] != "empty"


def test_once_the_browser_knows_the_run_its_way_back_is_followed(page: Opened, as_owner: Sql) -> None:
    before = dict(page.app.query_params)
    page.press("generate").run()
    page.app.query_params.clear()
    page.app.query_params.update(before)
    assert page.run().post()["state"] == "empty"
    page.press("generate")
    assert recorded(as_owner) == 2
