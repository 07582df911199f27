"""The form of the generate page: from what was typed to the row, and what is refused before anything is sent."""

from __future__ import annotations

import dataclasses
import json
import re
import uuid
from collections.abc import Callable
from typing import Any

import pytest

from lib.demo.model import DemoModel
from lib.domain.brief import INPUTS, MAX_CHARS
from lib.store.database import Database
from lib.studio import Studio
from tests.pages.conftest import Opened

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
    assert page.told("markdown").count("비어 있어요. 내용을 적어 주세요.") == 3
    assert "톤 & 스타일, 제품 설명, 작성 지시. 아직 비용은 들지 않았어요." in page.told("error")
    assert "비어 있어요" not in page.told("error"), "what is wrong stands beside the field, once"
    assert page.read_in("EN").told("markdown").count("This is empty. Please fill it in.") == 3
    assert (recorded(as_owner), len(demo.requests)) == (0, 0)


@pytest.mark.parametrize("name", INPUTS)
def test_a_field_over_its_limit_says_by_how_much_and_keeps_its_text(page: Opened, as_owner: Sql, name: str) -> None:
    text = "가" * (MAX_CHARS[name] + 1)
    page.fill(**{name: text}).press("generate")
    assert f"{len(text):,}자예요. {MAX_CHARS[name]:,}자까지 쓸 수 있으니 줄여 주세요." in page.told("markdown")
    assert page.values(name) == {name: text}
    assert recorded(as_owner) == 0
    page.fill(**{name: "가" * MAX_CHARS[name]}).press("generate")
    assert feeds(as_owner, f"length({name})") == [(MAX_CHARS[name],)]
    assert "줄여 주세요" not in page.told()


def test_what_is_no_id_is_told_beside_its_field(page: Opened, as_owner: Sql) -> None:
    page.fill(job_id="job-7", overlay_id="<b>").press("generate")
    assert page.told("markdown").count("ID 형식(UUID)이 아니에요") == 2
    assert page.values("job_id", "overlay_id") == {"job_id": "job-7", "overlay_id": "<b>"}
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
    assert page.values(*TYPED) == TYPED
    assert recorded(as_owner) == 0


def test_while_the_database_is_away_the_page_says_so_and_keeps_what_was_typed(
    studio: Studio, open_page: Open, as_owner: Sql, demo: DemoModel
) -> None:
    there, away = studio.database, Database("postgresql://app@127.0.0.1:1/nowhere")
    page = open_page().fill(**TYPED)
    studio.database = away
    page.press("generate")
    assert "데이터베이스가 응답하지 않아요. 적으신 내용은 그대로 있으니" in page.told("error")
    assert page.values(*TYPED) == TYPED
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


def test_a_language_switch_translates_the_page_and_keeps_what_was_typed(page: Opened) -> None:
    page.fill(**TYPED, temperature=0.7, max_tokens=2_000)
    assert page.read_in("EN").values(*TYPED) == TYPED
    assert page.field("generate").label == "Write it"
    assert page.values("temperature", "max_tokens") == {"temperature": 0.7, "max_tokens": 2_000}
    assert page.read_in("KO").values(*TYPED) == TYPED
    assert page.field("generate").label == "글 쓰기"


def test_the_default_instruction_and_tone_follow_the_language_until_they_are_edited(page: Opened) -> None:
    page.read_in("EN")
    assert page.field("gpt_prompt").value.startswith("Catch the eye")
    assert page.values("tone_style", "language") == {"tone_style": "Warm and friendly", "language": "en"}
    page.fill(gpt_prompt="My own wishes").read_in("KO")
    assert page.values("gpt_prompt", "language") == {"gpt_prompt": "My own wishes", "language": "ko"}


def test_a_language_chosen_for_the_caption_does_not_follow_the_reader(page: Opened) -> None:
    page.fill(language="en").run()
    assert page.read_in("EN").read_in("KO").field("language").value == "en"


def test_a_tone_preset_fills_the_tone_which_can_still_be_edited(page: Opened) -> None:
    page.fill(tone_preset="재치 있고 유쾌하게").run()
    assert page.field("tone_style").value == "재치 있고 유쾌하게"
    assert page.fill(tone_style="재치 있지만 얌전하게").run().field("tone_style").value == "재치 있지만 얌전하게"


def test_a_new_session_begins_with_the_store_and_tone_of_the_tenants_last_brief(page: Opened, open_page: Open) -> None:
    page.fill(**TYPED).press("generate")
    assert open_page().values("store_information", "tone_style", "product_description") == {
        "store_information": TYPED["store_information"],
        "tone_style": TYPED["tone_style"],
        "product_description": "",
    }
    assert open_page(tenant_id="rival").field("store_information").value == ""


def test_each_tenant_has_a_draft_of_its_own(open_page: Open, as_owner: Sql) -> None:
    as_owner("INSERT INTO studio_tenants (tenant_id) VALUES ('acme'), ('rival')")
    open_page(tenant_id="rival").fill(product_description="rival's tea").press("generate")
    page = open_page(tenant_id="acme").fill(product_description="acme's bread")
    page.fill(tenant_id="rival").run()
    assert page.field("product_description").value == ""
    page.fill(product_description="rival's coffee", tenant_id="acme").run()
    assert page.field("product_description").value == "acme's bread"
    page.press("generate")
    assert feeds(as_owner, "tenant_id, product_description") == [("rival", "rival's tea"), ("acme", "acme's bread")]


def test_a_new_brief_empties_the_form_and_can_be_undone(page: Opened) -> None:
    page.fill(**TYPED).press("new_brief")
    assert page.field("product_description").value == ""
    assert page.press("undo_new_brief").values(*TYPED) == TYPED
    assert not page.has("undo_new_brief")


def test_the_page_says_that_the_demo_model_is_no_ai_and_marks_what_it_wrote(studio: Studio, open_page: Open) -> None:
    studio.settings = dataclasses.replace(studio.settings, openai_models=("demo", "gpt-6-luna"))
    page = open_page().fill(**TYPED).press("generate")
    assert "데모 모델" in page.told("info")
    assert page.post()["badge"] == "데모 모델이 쓴 글"
    assert "$0 (데모)" in page.told("markdown")
    assert "demo model" in page.read_in("EN").told("info")
    assert page.post()["badge"] == "Written by the demo model"
    assert page.fill(model="gpt-6-luna").run().told("info") == ""
    assert page.post()["badge"] == "Written by the demo model", "the caption is still the demo model's"


def test_a_new_brief_closes_the_post_and_undoing_it_brings_both_back(page: Opened) -> None:
    page.fill(**TYPED).press("generate")
    run_id = page.app.query_params["run"]
    assert page.press("new_brief").post()["state"] == "empty"
    assert "run" not in page.app.query_params
    assert "브리프를 비웠어요." in page.told()
    assert page.press("undo_new_brief").post()["state"] == "done"
    assert page.app.query_params["run"] == run_id
    assert page.values(*TYPED) == TYPED
    assert "브리프를 비웠어요." not in page.told()


def test_a_loaded_brief_can_be_undone(page: Opened) -> None:
    page.fill(**TYPED).press("generate")
    page.fill(product_description="아직 보내지 않은 글").press("use_brief_1")
    assert page.values(*TYPED) == TYPED
    assert page.press("undo_new_brief").field("product_description").value == "아직 보내지 않은 글"


def test_a_new_brief_begins_with_the_store_of_the_one_just_sent(page: Opened) -> None:
    page.fill(store_information="망원동 '온기'").press("generate").press("new_brief")
    assert page.values("store_information", "product_description") == {
        "store_information": "망원동 '온기'",
        "product_description": "",
    }
    assert "스토어 정보는 지난번 것을 가져왔어요." in page.told()


def test_the_preset_of_a_tone_is_chosen_while_the_field_holds_it(page: Opened) -> None:
    assert page.field("tone_preset").value == "따뜻하고 친근하게"
    assert page.fill(tone_style="조금 엉뚱하게").run().field("tone_preset").value is None
    page.fill(tone_preset="재치 있고 유쾌하게").run()
    assert page.fill(tone_preset=None).run().values("tone_style", "tone_preset") == {
        "tone_style": "재치 있고 유쾌하게",
        "tone_preset": "재치 있고 유쾌하게",
    }
    assert page.read_in("EN").field("tone_preset").value is None


def test_a_link_in_english_opens_in_english_altogether(open_page: Open) -> None:
    page = open_page(lang="EN")
    assert (page.field("lang").value, page.field("tenant_id").label) == ("EN", "Team")
    assert "Write it" in {button.label for button in page.app.button}
    assert page.field("gpt_prompt").value.startswith("Catch the eye")
    assert not re.search("[가-힣]", page.told())
    assert open_page(lang="<b>").field("lang").value == "KO"


# -- the options are kept ---------------------------------------------------------------------------------------------

CHOSEN = {
    "model": "gpt-6-luna", "language": "en", "variants": 3, "temperature": 0.7, "max_tokens": 900,
    "job_id": "j", "overlay_id": "o",
}  # fmt: skip


def brought_back(page: Opened, told: str) -> dict[str, Any]:
    """What the options hold when the browser has brought this back."""
    page.app.session_state["chosen_options"] = told
    return page.run().values(*CHOSEN)


def test_the_options_are_kept_where_they_differ_and_come_back_as_they_were(studio: Studio, open_page: Open) -> None:
    studio.settings = dataclasses.replace(studio.settings, openai_models=("demo", "gpt-6-luna"))
    page = open_page()
    assert page.run().app.session_state["chosen_options"] == "{}"
    page.fill(**CHOSEN).run()
    kept = page.run().app.session_state["chosen_options"]
    assert json.loads(kept) == CHOSEN
    later = open_page()
    assert brought_back(later, kept) == CHOSEN
    assert later.fill(variants=2).run().values("variants", "model") == {"variants": 2, "model": "gpt-6-luna"}


@pytest.mark.parametrize(
    "told",
    ["", "[]", "{", '{"variants": 9, "temperature": "x", "max_tokens": true, "model": 7, "language": "fr"}', "null"],
)
def test_options_that_make_no_sense_are_passed_over(page: Opened, told: str) -> None:
    usual = page.values(*CHOSEN)
    assert brought_back(page, told) == usual
    assert page.press("generate").told("error") == ""


def test_each_tenant_keeps_options_of_its_own(open_page: Open, as_owner: Sql) -> None:
    as_owner("INSERT INTO studio_tenants (tenant_id) VALUES ('acme'), ('rival')")
    page = open_page(tenant_id="acme").fill(variants=4, job_id="acme's job").run()
    assert page.fill(tenant_id="rival").run().values("variants", "job_id") == {"variants": 1, "job_id": None}
    back = page.fill(tenant_id="acme").run().values("variants", "job_id")
    assert back == {"variants": 4, "job_id": "acme's job"}


# -- one press, however often it is clicked ---------------------------------------------------------------------------


def click_twice(page: Opened, key: str, **between: Any) -> None:
    """The second click is sent before the browser has heard of what the first one began."""
    before = dict(page.app.query_params)
    page.field(key).click()
    page.run()
    page.app.query_params.clear()
    page.app.query_params.update(before)
    page.field(key).proto.disabled = False
    page.fill(**between).press(key)


def test_a_double_click_is_paid_once_and_shown(page: Opened, as_owner: Sql, demo: DemoModel) -> None:
    click_twice(page, "generate")
    assert (recorded(as_owner), len(demo.requests)) == (1, 1)
    assert page.post()["state"] == "done"
    assert as_owner("SELECT run_id::text FROM studio_generations") == [(page.app.query_params["run"],)]


def test_a_double_click_for_variants_makes_each_of_them_once(page: Opened, as_owner: Sql, demo: DemoModel) -> None:
    click_twice(page.fill(variants=3), "generate")
    assert as_owner("SELECT variant FROM studio_generations ORDER BY variant") == [(1,), (2,), (3,)]
    assert len(demo.requests) == 3
    assert len(page.app.tabs) == 3


def test_a_form_changed_between_two_clicks_of_one_press_is_not_paid_for(page: Opened, as_owner: Sql) -> None:
    click_twice(page, "generate", product_description="다른 빵")
    assert recorded(as_owner) == 1
    assert (page.told("error"), page.post()["state"]) == ("", "done")


def test_a_later_press_of_the_same_brief_is_a_new_one(page: Opened, as_owner: Sql, demo: DemoModel) -> None:
    page.press("generate").press("generate")
    assert (recorded(as_owner), len(demo.requests)) == (2, 2)


def test_a_message_with_the_address_from_before_does_not_hide_the_run(page: Opened) -> None:
    before = dict(page.app.query_params)
    page.field("generate").click()
    run_id = page.run().app.query_params["run"]
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
