"""What may be asked for: every limit at its edge, and every text as people really paste it."""

from __future__ import annotations

import dataclasses
import unicodedata
import uuid
from typing import Any

import pytest

from lib.domain.brief import (
    INPUTS,
    MAX_CHARS,
    MAX_TEMPERATURE,
    MAX_TOKENS,
    MIN_TOKENS,
    REQUIRED,
    Brief,
    GenerationOptions,
    clean,
    clean_text,
    fingerprint,
)
from lib.domain.errors import InvalidBrief

FIELDS = dict.fromkeys(MAX_CHARS, "글")


def problems_of(**fields: str) -> set[tuple[str, str]]:
    with pytest.raises(InvalidBrief) as caught:
        Brief(**{**FIELDS, **fields})
    return {(problem.field, problem.code) for problem in caught.value.problems}


@pytest.mark.parametrize("name", MAX_CHARS)
def test_a_field_takes_its_limit_and_not_one_character_more(name: str) -> None:
    most = MAX_CHARS[name]
    assert len(getattr(Brief(**{**FIELDS, name: "가" * most}), name)) == most
    assert problems_of(**{name: "가" * (most + 1)}) == {(name, "too_long")}


def test_a_tenant_is_no_longer_than_its_column() -> None:
    assert Brief(**{**FIELDS, "tenant_id": "a" * 255}).tenant_id == "a" * 255
    assert problems_of(tenant_id="a" * 256) == {("tenant_id", "too_long")}


@pytest.mark.parametrize("name", MAX_CHARS)
def test_only_the_ad_copy_and_the_store_may_be_blank(name: str) -> None:
    if name in REQUIRED:
        assert problems_of(**{name: " \n\t "}) == {(name, "missing")}
    else:
        assert getattr(Brief(**{**FIELDS, name: " \n\t "}), name) == ""
    assert set(MAX_CHARS) - set(REQUIRED) == {"refined_ad_copy_eng", "store_information"}


def test_decomposed_hangul_counts_and_is_kept_as_composed() -> None:
    most = MAX_CHARS["tone_style"]
    pasted = unicodedata.normalize("NFD", "글" * most)
    assert len(pasted) > most
    assert Brief(**{**FIELDS, "tone_style": pasted}).tone_style == "글" * most


def test_what_cannot_be_stored_is_taken_out_and_line_breaks_stay() -> None:
    brief = Brief(**{**FIELDS, "gpt_prompt": "  한\x00 줄\r\n두\ud83d 줄\r셋\x1b\x7f\t째  "})
    assert brief.gpt_prompt == "한 줄\n두 줄\n셋\t째"
    brief.gpt_prompt.encode("utf-8")


def test_a_field_of_nothing_but_unstorable_characters_is_missing() -> None:
    assert problems_of(gpt_prompt="\x00\ud800") == {("gpt_prompt", "missing")}


def test_all_problems_are_told_at_once() -> None:
    assert problems_of(
        tenant_id="a\nb", tone_style="", product_description="가" * 2_001, store_information="가" * 1_001
    ) == {
        ("tenant_id", "one_line"),
        ("tone_style", "missing"),
        ("product_description", "too_long"),
        ("store_information", "too_long"),
    }


def test_a_problem_says_how_long_and_how_long_it_may_be() -> None:
    with pytest.raises(InvalidBrief) as caught:
        Brief(**{**FIELDS, "tone_style": "가" * 201})
    assert caught.value.problems[0].params == {"length": 201, "most": 200}


def test_the_inputs_are_the_five_columns_of_the_specification() -> None:
    assert tuple(Brief(**FIELDS).inputs()) == INPUTS
    assert len(INPUTS) == 5


def test_cleaning_twice_changes_nothing() -> None:
    told = unicodedata.normalize("NFD", " 커피\x00\r\n\r\n한 잔\ud800 ")
    assert clean(clean(told)) == clean(told) == "커피\n\n한 잔"


@pytest.mark.parametrize(
    ("field", "good", "bad"),
    [
        ("temperature", [None, 0, 0.0, MAX_TEMPERATURE], [-0.01, 2.01, float("nan"), float("inf")]),
        ("max_tokens", [MIN_TOKENS, MAX_TOKENS], [MIN_TOKENS - 1, MAX_TOKENS + 1, 0, -1]),
        ("language", ["ko", "en"], ["ja", "", "KO"]),
        ("model", ["a", "가" * 255], ["", "  ", "a" * 256]),
    ],
)
def test_an_option_takes_its_bounds_and_nothing_beyond(field: str, good: list[Any], bad: list[Any]) -> None:
    for value in good:
        assert getattr(GenerationOptions(**{"model": "demo", field: value}), field) == value
    for value in bad:
        with pytest.raises(InvalidBrief) as caught:
            GenerationOptions(**{"model": "demo", field: value})
        assert [problem.field for problem in caught.value.problems] == [field], value


def test_all_wrong_options_are_told_at_once() -> None:
    with pytest.raises(InvalidBrief) as caught:
        GenerationOptions(model=" ", language="ja", temperature=9, max_tokens=1)  # type: ignore[arg-type]
    assert [problem.field for problem in caught.value.problems] == ["model", "language", "temperature", "max_tokens"]


@pytest.mark.parametrize(
    "options",
    [
        GenerationOptions("demo"),
        GenerationOptions("gpt-6-luna", "en", 0.0, 64, uuid.uuid4(), uuid.uuid4()),
        GenerationOptions("demo", job_id=uuid.uuid4()),
    ],
)
def test_options_come_back_from_their_record(options: GenerationOptions) -> None:
    assert GenerationOptions.from_json(options.as_json()) == options


def test_a_fingerprint_tells_requests_apart_and_knows_the_same_one_again() -> None:
    brief, options = Brief(**FIELDS), GenerationOptions("demo")
    mark = fingerprint(dataclasses.asdict(brief), options.as_json(), 1)
    assert mark == fingerprint(dataclasses.asdict(Brief(**dict(reversed(FIELDS.items())))), options.as_json(), 1)
    assert mark != fingerprint(dataclasses.asdict(brief), options.as_json(), 2)
    assert mark != fingerprint(dataclasses.asdict(brief), GenerationOptions("demo", "en").as_json(), 1)


def test_a_tenant_keeps_the_spelling_that_another_program_gave_it() -> None:
    for tenant in (unicodedata.normalize("NFD", "한빛팀"), "acme ", "acme\u00a0", "blue\u200bbean"):
        assert Brief(**{**FIELDS, "tenant_id": tenant}).tenant_id == tenant
    assert Brief(**{**FIELDS, "tenant_id": "a\0\ud800"}).tenant_id == "a"


@pytest.mark.parametrize("control", "\x0b\x0c\x1c\x1d\x1e\x1f\x85\u2028\u2029")
def test_a_control_that_is_a_break_glues_no_two_words_together(control: str) -> None:
    assert clean(f"4,500{control}라테") == clean_text(f"4,500{control}라테") == "4,500\n라테"
    assert clean(f"{control}끝{control}") == "끝"
