"""Disclosures of sponsored posts: clear, first, and in words that name the benefit.

Source: 추천·보증 등에 관한 표시·광고 심사지침 and the Fair Trade Commission's Q&A of December 2025.
"""

import pytest

from lib.domain.brief import Brief
from lib.domain.caption import Caption
from lib.domain.findings import disclosure

KINDS = ("payment", "product", "discount", "affiliate")


def codes(text: str, hashtags: str = "#빵", kind: str = "payment") -> list[str]:
    return [finding.code for finding in disclosure.check(text, hashtags, kind)]


@pytest.mark.parametrize("kind", KINDS)
@pytest.mark.parametrize("language", ["ko", "en"])
def test_the_label_of_each_kind_is_clear_in_each_language(kind: str, language: str) -> None:
    text = disclosure.ensured("Warm bread\nsecond line", kind, language)
    assert text.partition("\n")[0].startswith("[")
    assert disclosure.ensured(text, kind, language) == text, "never twice"
    assert codes(text, kind=kind) == []


@pytest.mark.parametrize(
    ("text", "kind"),
    [
        ("유료 광고 | 통밀 식빵", "payment"),
        ("#광고 통밀 식빵", "payment"),
        ("온기에서 원고료를 받고 썼어요", "payment"),
        ("경제적 대가를 받고 작성했습니다", "payment"),
        ("제작비를 지원받아 만든 글이에요", "payment"),
        ("[협찬] 통밀 식빵", "product"),
        ("제품을 제공받아 쓴 글이에요", "product"),
        ("식사를 무상으로 제공받았습니다", "product"),
        ("제품을 무상으로 지원받았습니다", "product"),
        ("서비스를 받고 쓴 후기예요", "product"),
        ("할인을 제공받아 다녀왔어요", "discount"),
        ("구매하시면 수수료를 지급받아요", "affiliate"),
        ("Paid partnership with Ongi", "payment"),
        ("✨광고✨ 오늘은 통밀 식빵", "payment"),
        ("*광고* 오늘은 통밀 식빵", "payment"),
        ("30% 할인받아 다녀온 후기", "discount"),
        ("Ongi provided our stay for free", "product"),
        ("I earn a small commission if you buy", "affiliate"),
        ("I received this loaf for free from Ongi", "product"),
        ("📢 광고 📢 통밀 식빵", "payment"),
        ("내돈내산 아님! 협찬 통밀 식빵", "product"),
        ("[협찬]\n문의는 DM 주세요", "product"),
        ("광고📢 통밀 식빵", "payment"),
        ("ㅣ광고ㅣ통밀 식빵", "payment"),
        ("소정의 수수료를 받고 썼어요", "payment"),
        ("온기의 제작 지원을 받았어요", "payment"),
        ("I was paid to write this", "payment"),
        ("음료를 지원받아 쓴 글이에요", "product"),
        ("식사권을 무료로 받았어요", "product"),
        ("Ongi sent me this loaf for free", "product"),
        ("I got 20% off for this post", "discount"),
        ("판매 수익의 일부를 받아요", "affiliate"),
        ("공구 수익의 일부를 받습니다", "affiliate"),
        ("Ongi paid me for this post", "payment"),
    ],
)
def test_words_that_name_the_benefit_are_clear(text: str, kind: str) -> None:
    assert codes(text, kind=kind) == []
    assert disclosure.ensured(text, kind, "ko") == text


@pytest.mark.parametrize(
    "word",
    [
        "체험단으로 다녀왔어요",
        "체험후기예요",
        "#AD 통밀 식빵",
        "Sponsored by Ongi",
        "Partner of Ongi",
        "온기와의 컬래버레이션",
        "온기 서포터즈예요",
        "온기와 파트너십",
        "Thanks to 온기",
        "수수료를 받을 수 있어요",
        "I may earn a commission",
    ],
)
@pytest.mark.parametrize("kind", ["product", "payment"])
def test_words_that_the_commission_calls_unclear_are_found_in_their_place(word: str, kind: str) -> None:
    (finding,) = disclosure.check(f"오늘의 빵\n{word}", "#빵", kind)
    assert finding.code == "disclosure_unclear"
    assert finding.start is not None
    assert f"오늘의 빵\n{word}"[finding.start : finding.end] == finding.text


def test_what_is_missing_folded_or_only_a_late_tag_is_found() -> None:
    assert codes("통밀 식빵") == ["disclosure_missing"]
    assert codes("통밀 식빵이 나왔어요\n" * 5 + "유료 광고 포함") == ["disclosure_folded"]
    assert codes("통밀 식빵", "#빵 #맛집 #광고") == ["disclosure_late_tag"]
    assert codes("통밀 식빵\n#빵 #광고", "") == ["disclosure_late_tag"]
    assert codes("통밀 식빵", "#광고 #빵") == [], "the first tag, where all of it is shown"
    assert codes("통밀 식빵이 나왔어요\n" * 5, "#광고") == ["disclosure_late_tag"]


@pytest.mark.parametrize(
    ("text", "kind"),
    [
        ("광고 아님! 내돈내산 통밀 식빵", "payment"),
        ("유료 광고 아닙니다", "payment"),
        ("노협찬 후기예요", "product"),
        ("제품을 제공받을 수 있어요", "product"),
        ("할인을 받으실 수 있어요", "discount"),
        ("협찬 받지 않았어요", "product"),
        ("상품을 받아 보세요", "product"),
        ("쿠폰을 무료로 받아 가세요", "product"),
        ("서비스를 제공받으세요", "product"),
    ],
)
def test_a_denial_or_what_may_be_is_no_disclosure(text: str, kind: str) -> None:
    assert codes(text, kind=kind) == ["disclosure_missing"]


@pytest.mark.parametrize("denial", ["내돈내산", "협찬 아니", "광고 없이", "not sponsored"])
def test_what_denies_a_clear_disclosure_is_found(denial: str) -> None:
    (finding,) = disclosure.check(f"[유료 광고] 통밀 식빵\n{denial}에요", "", "payment")
    assert (finding.code, finding.text) == ("disclosure_denied", denial)


def test_the_word_that_a_brief_is_asked_about_is_whole() -> None:
    assert disclosure.said_in("제품을 제공받아 쓰는 글") == ("product", "제품을 제공받아")


def test_a_post_that_is_not_sponsored_needs_none() -> None:
    assert codes("통밀 식빵", kind="none") == []
    assert disclosure.ensured("통밀 식빵", None, "ko") == disclosure.ensured("통밀 식빵", "none", "ko") == "통밀 식빵"


@pytest.mark.parametrize(
    ("before", "after", "word"),
    [
        (("[유료 광고] 빵", ""), ("빵", ""), "[유료 광고]"),
        (("유료 광고예요, 빵", ""), ("빵이 나왔어요\n" * 5 + "유료 광고예요", ""), "유료 광고"),
        (("빵", "#광고 #빵"), ("빵", "#빵 #광고"), "#광고"),
        (("[유료 광고] 빵", ""), ("유료 광고예요, 빵", ""), None),
        (("[유료 광고] 빵", ""), ("빵", "#광고"), None),
        (("빵", ""), ("떡", ""), None),
    ],
)
def test_what_an_edit_takes_away_is_named(before: tuple[str, str], after: tuple[str, str], word: str | None) -> None:
    captions = Caption.from_fields(*before), Caption.from_fields(*after)
    assert disclosure.taken_away(*captions, "payment") == word


@pytest.mark.parametrize(
    "text",
    [
        "유료 광고예요\n" + "통밀 식빵이 나왔어요\n" * 5 + "[유료 광고]",
        "#빵 #광고 유료 광고예요",
    ],
)
def test_one_clear_word_that_is_seen_is_enough(text: str) -> None:
    assert codes(text, "") == []


def test_a_clear_word_behind_a_long_first_line_is_put_first() -> None:
    text = "골목 끝 작은 빵집에서 새벽마다 굽는 통밀 식빵이 " * 4 + "유료 광고예요"
    assert disclosure.ensured(text, "payment", "ko") == f"[유료 광고] {text}"


def test_the_label_that_is_proposed_is_in_the_language_of_the_caption() -> None:
    (finding,) = disclosure.check("Our 고구마라떼 is back for the winter", "", "payment")
    assert finding.params["label"] == "[Paid advertisement]"


def test_a_disclosing_tag_is_never_set_aside() -> None:
    caption = Caption.compose("빵", ["#a", "#b", "#c", "#d", "#e", "#광고"])
    assert "광고" in caption.hashtags
    assert caption.parked == ("e",)
    assert caption.counts.hashtags == 5


@pytest.mark.parametrize(
    ("text", "kind"),
    [
        ("협찬받은 빵을 소개해 주세요", "product"),
        ("유료 광고예요", "payment"),
        ("제품을 제공받아 쓰는 글", "product"),
        ("체험단 글이에요", "product"),
        ("쿠팡 파트너스 활동의 일환", "affiliate"),
        ("할인받아 다녀온 글이에요", "discount"),
        ("이 포스팅은 광고입니다", "payment"),
        ("this is a sponsored post", "payment"),
        ("in exchange for an honest review", "product"),
        ("#광고 를 꼭 달아 주세요", "payment"),
        ("PPL 게시물", "payment"),
        ("PPL이에요", "payment"),
        ("공동구매 수익 일부를 받아요", "affiliate"),
        ("브랜드에서 보내주신 제품", "product"),
        ("협 찬 글이에요", "product"),
        ("수수료 받는 공구 글", "affiliate"),
        ("온기에서 딸기청을 제공받았습니다", "product"),
        ("무상 제공 제품", "product"),
        ("PR 패키지를 받았어요", "product"),
        ("in exchange for a free meal", "product"),
        ("할인을 제공받고 구매한 후기", "discount"),
        ("소정의 수수료를 받습니다", "payment"),
        ("광고성 게시물", "payment"),
        ("this is an ad for Ongi", "payment"),
        ("sponsorship: Ongi", "payment"),
    ],
)
def test_a_brief_whose_words_say_so_is_asked(text: str, kind: str) -> None:
    brief = Brief("온기", "", "따뜻하게", text, "", "짧게")
    said, question = disclosure.said_in(text), disclosure.question(brief)
    assert said
    assert said[0] == kind
    assert question
    assert question.field == "sponsorship"
    assert disclosure.question(Brief("온기", "", "따뜻하게", text, "", "짧게", "none")) is None


@pytest.mark.parametrize(
    "text",
    [
        "협찬 문의는 DM",
        "첫 주문 할인 받아 구매하세요",
        "협찬이 아니에요",
        "not sponsored",
        "무료로 제공해 드려요",
        "광고 문구를 넣어 주세요",
        "체험단 모집 중",
        "내돈내산",
        "PPL 없음",
        "#광고대행 문의",
        "광고글처럼 보이지 않게 써 주세요",
        "광고 표기는 필요 없어요",
        "드라마 PPL 소파",
        "판매 수익의 일부를 기부합니다",
        "지역 축제를 협찬합니다",
        "not a paid ad",
        "수수료 받지 않는 매장",
        "드라마에 협찬된 소파",
        "협찬사: 온기, 봄날",
        "기자단 초청 행사",
        "앰배서더 호텔 옆",
        "an affiliated clinic",
    ],
)
def test_a_brief_that_only_uses_such_a_word_is_not_asked(text: str) -> None:
    assert disclosure.said_in(text) is None


@pytest.mark.parametrize("text", ["［광고］ 식빵", "<광고> 식빵", "【협찬】 식빵", "업체에서 제품을 제공해 주셨어요"])
def test_a_clear_word_is_clear_in_any_width_and_any_brackets(text: str) -> None:
    assert list(disclosure.check(text, "", "product")) == []


@pytest.mark.parametrize(
    "text", ["할인 쿠폰 제공! 식빵 6,900원", "지금 할인받고 구매하세요", "첫 주문 할인 제공해 드려요"]
)
def test_what_readers_get_is_no_disclosure(text: str) -> None:
    assert [each.code for each in disclosure.check(text, "", "discount")] == ["disclosure_missing"]
    assert list(disclosure.check("할인 코드를 제공받았어요", "", "discount")) == []


@pytest.mark.parametrize(
    "text", ["할인받아 이용했습니다", "할인 받음", "할인 받고 체험한 후기", "할인 쿠폰을 제공해 준 매장이에요"]
)
def test_what_the_writer_got_is_a_disclosure(text: str) -> None:
    assert list(disclosure.check(text, "", "discount")) == []


def test_the_text_of_a_finding_is_as_it_is_stored() -> None:
    (finding,) = disclosure.check("［ＡＤ］ 식빵", "", "product")
    assert (finding.code, finding.text) == ("disclosure_unclear", "ＡＤ")
