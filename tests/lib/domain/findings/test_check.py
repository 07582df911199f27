"""All findings of one caption, placed in the text as it is stored."""

import time
import unicodedata

import pytest

from lib.domain.brief import Brief
from lib.domain.findings.check import LONGEST, MOST, check, kinds, sponsorship_of
from lib.domain.prompt import Derivation, as_text, messages
from tests.support.pace import seconds_of_a_quiet_machine

BRIEF = {
    "product_description": "통밀 식빵 6,900원. 12월 24일 1+1.",
    "store_information": "온기, 02-123-4567",
    "refined_ad_copy_eng": "",
    "tone_style": "따뜻하게",
    "gpt_prompt": "가격을 꼭 넣어 주세요",
}


def test_a_good_caption_has_no_findings() -> None:
    assert check(BRIEF, "통밀 식빵 6,900원, 12/24 하루 1+1이에요.", "#식빵") == []


def test_findings_come_in_the_order_of_the_text_with_what_the_brief_says() -> None:
    findings = check(BRIEF, "**식빵** 4,900원, 12/25", "#2+1")
    assert [(each.kind, each.code, each.text, each.brief) for each in findings] == [
        ("facts", "fact_different", "2+1", "1+1"),
        ("language", "markdown", "**식빵**", ""),
        ("facts", "fact_different", "4,900원", "6,900원"),
        ("facts", "fact_different", "12/25", "12월 24일"),
    ]
    assert kinds(findings) == ["facts", "language"]


def test_offsets_are_those_of_the_stored_text_also_where_it_is_decomposed() -> None:
    for form in ("NFC", "NFD"):
        text = unicodedata.normalize(form, "통밀 식빵이 4,900원")
        (finding,) = check(BRIEF, text, "")
        assert text[finding.start : finding.end] == unicodedata.normalize(form, "4,900원")


def test_what_the_brief_stresses_and_the_caption_lacks_has_no_place() -> None:
    (finding,) = check(BRIEF, "따뜻한 식빵이 나왔어요", "")
    assert (finding.code, finding.brief, finding.start) == ("fact_missing", "6,900원", None)


def test_the_prompt_says_whether_a_post_is_sponsored_and_else_the_words_do() -> None:
    brief = Brief("온기", **BRIEF, sponsorship="discount")
    prompt = as_text(messages(brief, "ko"))
    assert sponsorship_of(BRIEF, prompt) == "discount"
    assert sponsorship_of(BRIEF, None) is None
    assert sponsorship_of(BRIEF | {"gpt_prompt": "협찬 글이에요"}, "another program's prompt") == "product"
    assert [each.code for each in check(BRIEF, "식빵 6,900원이에요", "", prompt_used=prompt)] == ["disclosure_missing"]


def test_a_rewrite_that_was_to_be_more_formal_is_no_other_level_of_speech_than_asked() -> None:
    brief = Brief("온기", **BRIEF | {"tone_style": "반말로"})
    text = "통밀 식빵이 나왔습니다. 6,900원입니다."
    asked = as_text(messages(brief, "ko"))
    rewritten = as_text(messages(brief, "ko", derivation=Derivation("more_formal", "식빵 나왔어", "#식빵")))
    assert [each.code for each in check(brief.inputs(), text, "", prompt_used=asked)] == ["speech_not_asked"]
    assert check(brief.inputs(), text, "", prompt_used=rewritten) == []


def test_a_row_of_another_program_is_checked_whatever_it_holds() -> None:
    assert check(dict.fromkeys(BRIEF, ""), "", "") == []
    assert check({}, "식빵 4,900원", "#식빵", prompt_used="[[[[") == []
    many = check(BRIEF, "4,900원 " * 3_000, "#9,900원" * 3_000)
    assert len(many) == MOST
    assert all((each.end or 0) <= LONGEST for each in many)


def test_a_thousand_captions_are_checked_in_less_than_five_seconds() -> None:
    text = "통밀 식빵이 나왔어요.\n4,900원, 12/25 하루만 1+1!\n오전 8시에 문을 열어요. 02-123-4567\n" * 5
    began = time.process_time()
    for at in range(1_000):
        check(BRIEF, f"{text}{at}", "#식빵 #빵집")
    assert time.process_time() - began < 5


@pytest.mark.parametrize(
    "repeated",
    [
        "1",
        "112,",
        "1만",
        " 만",
        "1시",
        "월-",
        "주 1회",
        "4.5점",
        "4,500원 10:00~20:00 02-123-4567 ",
        "월~금",
        "“강조” ",
        "가",
    ],
)
def test_a_text_of_any_length_is_checked_in_bounded_time(repeated: str) -> None:
    text = repeated * (2_000_000 // len(repeated))
    with seconds_of_a_quiet_machine() as took:
        check({"product_description": text, "gpt_prompt": text, "tone_style": text}, text, text)
    assert took[0] < 4


def test_beside_a_brief_that_is_not_read_to_its_end_no_fact_is_called_a_mistake() -> None:
    assert check({"product_description": "식빵 6,900원. " + "가" * LONGEST}, "식빵 4,900원", "") == []
    menu = "".join(f"{at}번 메뉴 {at + 1},900원. " for at in range(1, 300))
    assert check({"product_description": menu}, "식빵 987,600원", "") == []
