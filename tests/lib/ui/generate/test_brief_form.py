"""The fields of the brief: what fills them, where they go, and what is said beside them."""

from __future__ import annotations

import dataclasses
import re
from collections.abc import Callable
from typing import Any

import pytest

from lib.demo.model import DemoModel
from lib.domain.brief import INPUTS, MAX_CHARS
from lib.studio import Studio
from tests.support.opened_page import Opened
from tests.support.stored import TYPED, feeds, recorded

Sql = Callable[..., list[tuple[Any, ...]]]
Open = Callable[..., Opened]


def test_the_five_inputs_are_found_in_the_columns_of_their_names(page: Opened, as_owner: Sql) -> None:
    page.fill(**TYPED).press("generate")
    assert feeds(as_owner, ", ".join(("tenant_id", *TYPED))) == [("my-team", *TYPED.values())]


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


def test_a_stored_brief_goes_into_the_form_as_it_was(page: Opened) -> None:
    page.fill(**TYPED).press("generate")
    button = page.press_buttons()["use_brief_1"]
    assert (button["action"], button["values"]) == ("load", TYPED)
