"""Instagram's rules, at their limits: cleaning, hashtags, mentions, counts, problems and warnings."""

from __future__ import annotations

import unicodedata
from dataclasses import replace
from itertools import pairwise

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from lib.domain.brief import clean_text
from lib.domain.caption import MAX_CHARACTERS, SEPARATOR, Caption, Counts
from lib.domain.errors import InvalidCaption, Problem
from lib.domain.graphemes import clusters
from lib.domain.hashtags import Part, hashtags_in, parts

always = settings(max_examples=300, deadline=None, database=None, suppress_health_check=[HealthCheck.too_slow])
signs = "aB9_가ㅋ는각#＃@.,、-!%$ \t\n\r\u3000\u200b\u200c\u200d\ufe0f\u20e3\u0301\u2028\u2800\u3164\x00\ud83d"
emoji = ("☕", "❤️", "👩‍👩‍👧", "👍🏽", "🏽", "🇰🇷", "🇰", "1️⃣", "#️⃣")
pieces = ("#카페", " #Cafe", "@cafe", "a@b.kr", "\n\n\n")
awkward = st.sampled_from((*signs, *emoji, *pieces))
texts = st.lists(awkward | st.characters(), max_size=40).map("".join)
captions = st.builds(Caption.compose, texts, st.lists(texts, max_size=9))


def test_every_name_that_others_build_on_is_offered() -> None:
    from lib.domain import caption, feed_fold

    assert (caption.MAX_CHARACTERS, caption.MAX_HASHTAGS, caption.MAX_MENTIONS) == (2200, 5, 20)
    assert (feed_fold.FOLD_LINES, caption.SEPARATOR) == (3, "\n\n")
    assert round(feed_fold.FOLD_LINES * feed_fold.LINE_WIDTH) == 125, "the characters that Instagram recommends at most"
    assert feed_fold.fold("짧은 글").rest == ""


# -- cleaning -------------------------------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("given_text", "cleaned"),
    [
        ("첫 줄\n둘째 줄", "첫 줄\n둘째 줄"),
        ("첫 줄  \t\n둘째 줄\u3000\n", "첫 줄\n둘째 줄"),
        ("a\r\nb\rc", "a\nb\nc"),
        ("a\u2028b\u2029c\x85d", "a\nb\nc\nd"),
        ("a\n\n\n\n\nb", "a\n\nb"),
        ("a\n \n\t\n\u2800\n\u3164\n\u200b\nb", "a\n\nb"),
        ("  가운데  빈칸은  그대로  ", "가운데  빈칸은  그대로"),
        ("\ufeff서\u200b울\u2060", "서울"),
        ("e\u200b\u0301", "é"),
        ("nul\x00 and half an emoji \ud83d", "nul and half an emoji"),
        (unicodedata.normalize("NFD", "카페 라떼"), "카페 라떼"),
        ("가족 👩‍👩‍👧 نمی‌خواهم", "가족 👩‍👩‍👧 نمی‌خواهم"),
        ("\u3164\u2800\u200b \n", ""),
    ],
)
def test_cleaning_keeps_the_lines_and_drops_what_nobody_sees(given_text: str, cleaned: str) -> None:
    assert clean_text(given_text) == cleaned


@always
@given(texts)
def test_cleaning_twice_is_cleaning_once(text: str) -> None:
    once = clean_text(text)
    assert clean_text(once) == once
    assert unicodedata.is_normalized("NFC", once)
    assert "\n\n\n" not in once
    assert all(line == line.rstrip() for line in once.split("\n"))


@always
@given(texts)
def test_cleaning_never_injects_an_invisible_character(text: str) -> None:
    cleaned = clean_text(text)
    for invisible in "\u200b\u200c\u200d\u2060\u2800\u3164\ufe0f\ufeff":
        assert cleaned.count(invisible) <= text.count(invisible)


# -- hashtags and mentions in a text --------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("text", "found"),
    [
        ("오늘은 #카페 에서", ["카페"]),
        ("#서울_카페2 #Seoul #カフェ #咖啡", ["서울_카페2", "Seoul", "カフェ", "咖啡"]),
        ("＃카페", []),
        ("#카페,#서울", ["카페", "서울"]),
        ("#a#b＃c", ["a", "b"]),
        ("#서울-카페 #A.B #hot!deal #50% #10$off", ["서울", "A", "hot", "50", "10"]),
        ("(#카페)", ["카페"]),
        ("☕#카페", ["카페"]),
        ("#커피☕맛집", ["커피☕맛집"]),
        ("#☕️", ["☕️"]),
        ("#हिन्दी", ["हिन्दी"]),
        (unicodedata.normalize("NFD", "#한글 #café"), [unicodedata.normalize("NFD", tag) for tag in ("한글", "café")]),
        ("##두번", ["두번"]),
        ("https://x.y/#frag", ["frag"]),
        ("a#b 카페#서울 C#", ["b", "서울"]),
        ("#a 카페#서울&#39; &#x", ["a", "서울"]),
        ("# 카페 #", []),
        ("#️⃣ 번호 #\u0301", []),
        ("#! #- ＃.", []),
    ],
)
def test_a_hashtag_is_a_sign_and_what_instagram_lets_follow_it(text: str, found: list[str]) -> None:
    assert hashtags_in(text) == found


@pytest.mark.parametrize(
    ("text", "found"),
    [
        ("@cafe_seoul", ["@cafe_seoul"]),
        ("함께한 @a.b_1, @c!", ["@a.b_1", "@c"]),
        ("문의는@cafe", ["@cafe"]),
        ("(@cafe)", ["@cafe"]),
        ("끝은 @cafe.", ["@cafe"]),
        ("@" + "a" * 30, ["@" + "a" * 30]),
        ("@" + "a" * 31, []),
        ("help@cafe.kr first.last+tag@mail.com", []),
        ("@ cafe @ @. @카페", []),
    ],
)
def test_a_mention_is_an_account_name_outside_an_e_mail_address(text: str, found: list[str]) -> None:
    assert [part.text for part in parts(text) if part.kind == "mention"] == found


def test_parts_colour_exactly_the_tag_and_the_mention() -> None:
    assert parts("맛집 #카페, @cafe.") == [
        Part("text", "맛집 "),
        Part("hashtag", "#카페"),
        Part("text", ", "),
        Part("mention", "@cafe"),
        Part("text", "."),
    ]
    assert parts("") == []


@always
@given(texts)
def test_parts_joined_are_the_text(text: str) -> None:
    found = parts(text)
    assert "".join(part.text for part in found) == text
    assert all(part.text for part in found)
    assert not any(one.kind == two.kind == "text" for one, two in pairwise(found))


# -- composing from a model's answer --------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("items", "tags"),
    [
        (["#카페"], ("카페",)),
        (["카페"], ("카페",)),
        (["＃카페"], ("카페",)),
        (["서울 카페"], ("서울카페",)),
        (["#서울 카페"], ("서울카페",)),
        (["#서울 #카페"], ("서울", "카페")),
        (["#카페,#서울"], ("카페", "서울")),
        (["카페, 서울、부산"], ("카페", "서울", "부산")),
        (["#a#b", "c\nd"], ("a", "b", "c", "d")),
        (["서울-카페!", "1등.맛집", "'인용'"], ("서울카페", "1등맛집", "인용")),
        (["", " ", "#", "##", "!?", "#️⃣"], ()),
        (["#Cafe", "cafe", "CAFE"], ("Cafe",)),
        (["카페", unicodedata.normalize("NFD", "카페"), "카\u200b페"], ("카페",)),
        ([unicodedata.normalize("NFD", "한글 café")], ("한글café",)),
        (["\u0301", "🏽카페"], ("카페",)),
        (["☕", "☕️"], ("☕",)),
        (["nul\x00", "\ud83d"], ("nul",)),
    ],
)
def test_a_models_hashtags_are_read_however_they_are_written(items: list[str], tags: tuple[str, ...]) -> None:
    caption = Caption.compose("본문", items)
    assert (caption.hashtags, caption.parked) == (tags, ())
    assert caption.hashtag_field == " ".join("#" + tag for tag in tags)


def test_a_sixth_hashtag_is_parked_not_dropped() -> None:
    caption = Caption.compose("본문", ["a", "b", "c", "d", "e", "f", "A", "g"])
    assert caption.hashtags == ("a", "b", "c", "d", "e")
    assert caption.parked == ("f", "g")
    assert caption.checked() is caption


def test_hashtags_in_the_text_take_their_room_first() -> None:
    caption = Caption.compose("오늘은 #카페 그리고 #서울, 또 #카페", ["a", "b", "c", "d"])
    assert (caption.hashtags, caption.parked) == (("a", "b"), ("c", "d")), "a repeated tag counts each time"
    assert caption.counts.hashtags == 5
    assert caption.problems() == []


@pytest.mark.parametrize("in_text", ["#Cafe", "#CAFE", "#cafe,"])
def test_a_hashtag_that_the_text_has_is_not_said_twice(in_text: str) -> None:
    caption = Caption.compose(f"본문 {in_text}", ["cafe", "서울"])
    assert caption.hashtags == ("서울",)
    assert caption.counts.hashtags == 2


def test_decomposed_hangul_in_the_text_matches_the_composed_hashtag() -> None:
    caption = Caption.compose(unicodedata.normalize("NFD", "본문 #카페"), ["카페"])
    assert caption == Caption("본문 #카페", ())
    assert caption.counts == Counts(characters=6, utf16_units=6, hashtags=1, mentions=0)


def test_a_text_that_uses_up_all_five_parks_every_other() -> None:
    caption = Caption.compose("#a #b #c #d #e", ["f"])
    assert (caption.hashtags, caption.parked) == ((), ("f",))
    assert caption.problems() == []


# -- a stored row, or what a person typed ---------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("field", "tags"),
    [
        ("#카페 #서울", ("카페", "서울")),
        ("카페 서울", ("카페", "서울")),
        ("카페,서울 ， 부산", ("카페", "서울", "부산")),
        ("#카페,#서울", ("카페", "서울")),
        ("#카페#서울", ("카페", "서울")),
        ("＃카페\n＃서울\t#카페", ("카페", "서울")),
        ("# 카페", ("카페",)),
        ("", ()),
        (" , # ", ()),
    ],
)
def test_a_typed_hashtag_field_is_read_with_or_without_signs(field: str, tags: tuple[str, ...]) -> None:
    assert Caption.from_fields("본문", field).hashtags == tags


def test_what_a_person_typed_is_never_parked_but_told() -> None:
    caption = Caption.from_fields("본문 #하나", "a b c d e")
    assert caption.hashtags == ("a", "b", "c", "d", "e")
    assert caption.parked == ()
    assert caption.problems() == [
        Problem("hashtags", "too_many_hashtags", {"count": 6, "in_text": 1, "most": 5, "over": 1})
    ]


@always
@given(captions)
def test_a_stored_caption_reads_back_as_it_was(caption: Caption) -> None:
    assert Caption.from_fields(caption.text, caption.hashtag_field) == replace(caption, parked=())


@always
@given(texts, texts)
def test_reading_fields_twice_is_reading_them_once(text: str, field: str) -> None:
    once = Caption.from_fields(text, field)
    assert Caption.from_fields(once.text, once.hashtag_field) == once


@always
@given(captions)
def test_every_hashtag_of_a_caption_is_one_whole_hashtag(caption: Caption) -> None:
    for tag in (*caption.hashtags, *caption.parked):
        assert parts(f"#{tag}") == [Part("hashtag", f"#{tag}")]
    only = Caption("본문", caption.hashtags)
    assert only.counts.hashtags == len(only.hashtags) == len(caption.hashtags)


@always
@given(texts, st.lists(texts, max_size=9))
def test_composing_loses_no_hashtag(text: str, items: list[str]) -> None:
    caption = Caption.compose(text, items)
    assert (*caption.hashtags, *caption.parked) == Caption(text, tuple(items)).hashtags


# -- counts and problems --------------------------------------------------------------------------------------------


def test_the_assembled_caption_is_text_separator_hashtags() -> None:
    assert Caption("본문", ("a", "b")).assembled == "본문\n\n#a #b"
    assert Caption("본문", ()).assembled == "본문"
    assert Caption("", ("a",)).assembled == "#a"


def test_characters_are_shown_and_utf16_units_are_checked() -> None:
    counts = Caption("가😀", ("a",)).counts
    assert (counts.characters, counts.utf16_units) == (6, 7)


@pytest.mark.parametrize(
    ("text", "hashtags"),
    [
        ("가" * 2200, ()),
        ("😀" * 1100, ()),
        ("가" * (2200 - len(SEPARATOR) - 3), ("카페",)),
        (unicodedata.normalize("NFD", "가" * 2200), ()),
    ],
)
def test_the_last_character_that_fits_and_the_first_that_does_not(text: str, hashtags: tuple[str, ...]) -> None:
    full = Caption(text, hashtags)
    assert full.counts.utf16_units == MAX_CHARACTERS
    assert full.checked() is full

    over = Caption(text + "a", hashtags)
    (problem,) = over.problems()
    assert (problem.field, problem.code) == ("instagram_ad_copy", "caption_too_long")
    assert problem.params == {
        "characters": over.counts.characters,
        "utf16_units": 2201,
        "most": 2200,
        "over": 1,
        "visible": len(clusters(over.assembled)),
        "extra": over.counts.utf16_units - len(clusters(over.assembled)),
    }


def test_six_hashtags_in_the_text_are_a_problem_of_the_text() -> None:
    caption = Caption.compose("#a #b #c #d #e #f", ["g", "h"])
    assert (caption.hashtags, caption.parked) == ((), ("g", "h"))
    assert caption.problems() == [
        Problem("instagram_ad_copy", "too_many_hashtags", {"count": 6, "in_text": 6, "most": 5, "over": 1})
    ]


@pytest.mark.parametrize(
    ("text", "field", "too_many"),
    [
        ("#a #b", "c d e", False),
        ("#a #b", "c d e f", True),
        ("#Cafe #cafe #CAFE", "cafe a b", False),
        ("#Cafe #cafe #CAFE", "cafe a b c", True),
        ("본문", "#1 #2 #3 #4 #5", False),
        ("본문", "#1 #2 #3 #4 #5 #6", True),
        ("#a#b#c", "#d#e#f", True),
        ("a#b a#c", "d e f", False),
        ("a#b a#c", "d e f g", True),
    ],
)
def test_five_hashtags_over_text_and_field_together(text: str, field: str, too_many: bool) -> None:
    codes = [problem.code for problem in Caption.from_fields(text, field).problems()]
    assert codes == (["too_many_hashtags"] if too_many else [])


def test_the_twenty_first_mention_is_one_too_many() -> None:
    twenty = " ".join(f"@cafe{number}" for number in range(20)) + " help@cafe.kr"
    assert Caption(twenty, ()).checked().counts.mentions == 20
    assert Caption(f"{twenty} @cafe0", ()).problems() == [
        Problem("instagram_ad_copy", "too_many_mentions", {"count": 21, "most": 20, "over": 1})
    ]


@pytest.mark.parametrize("text", ["", " \n ", "\u200b", "\u3164\n\u2800"])
def test_a_caption_without_text_is_a_problem(text: str) -> None:
    assert Caption(text, ("a",)).problems() == [Problem("instagram_ad_copy", "missing")]


def test_checking_raises_every_problem_at_once() -> None:
    mentions = "@a " * 21
    with pytest.raises(InvalidCaption) as raised:
        Caption.from_fields(mentions + "가" * 2200, "a b c d e f").checked()
    codes = [problem.code for problem in raised.value.problems]
    assert codes == ["caption_too_long", "too_many_hashtags", "too_many_mentions"]


@always
@given(captions)
def test_a_checked_caption_is_within_every_limit(caption: Caption) -> None:
    counts = caption.counts
    within = counts.utf16_units <= 2200 and counts.hashtags <= 5 and counts.mentions <= 20 and caption.text != ""
    assert within == (caption.problems() == [])
    assert counts.characters <= counts.utf16_units
    assert counts.utf16_units == sum(2 if ord(char) > 0xFFFF else 1 for char in caption.assembled)


# -- warnings -------------------------------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("caption", "warnings"),
    [
        (Caption("짧은 본문 #카페 @cafe help@cafe.kr", ("서울", "2호점")), []),
        (Caption("본문", ("2026",)), []),
        (Caption("본문 #1 #1", ()), []),
        (Caption("본문 ＃카페", ()), [Problem("instagram_ad_copy", "hashtag_full_width", {"tag": "＃카페"})]),
        (
            Caption("본문", ("2+1", "#50%할인!", "(#서울)")),
            [
                Problem("hashtags", "hashtag_changed", {"written": "2+1", "tag": "2플러스1"}),
                Problem("hashtags", "hashtag_changed", {"written": "50%할인", "tag": "50할인"}),
            ],
        ),
        (Caption("본문", ("커피☕",)), []),
        (Caption("본문 #1️⃣", ()), []),
    ],
)
def test_doubtful_hashtags_are_warned_about(caption: Caption, warnings: list[Problem]) -> None:
    assert caption.warnings() == warnings
    assert caption.problems() == []


@pytest.mark.parametrize(
    "tag", ["C++", "50%", "20℃", "₩6900", "㈜온기", "(주)온기", "R&B", "co-work", "it's", "@onki", "No.1"]
)
def test_a_tag_that_is_another_without_its_signs_is_told(tag: str) -> None:
    typed, by_a_model = Caption.from_fields("본문", f"#{tag}"), Caption.compose("본문", [f"#{tag}"])
    assert [(each.code, each.params["written"]) for each in typed.problems()] == [("hashtag_unusable", tag)]
    assert [(each.code, each.params["written"]) for each in by_a_model.warnings()] == [("hashtag_changed", tag)]


def test_a_tag_that_a_person_typed_is_never_changed_in_silence() -> None:
    typed = Caption.from_fields("본문", "#2+1 #서울")
    assert typed.problems() == [
        Problem("hashtags", "hashtag_unusable", {"written": "2+1", "proposals": "#2플러스1, #2_1"})
    ]
    assert typed.warnings() == []
    assert typed.assembled == "본문\n\n#2+1 #서울", "and shown and copied as it stands in another program's row"


@pytest.mark.parametrize("sign", ["🇰🇷", "👨‍👩‍👧", "❤️", "🥐"])
def test_the_figures_of_a_refusal_add_up_for_flags_and_families(sign: str) -> None:
    (problem,) = Caption(sign * 300 + "가" * 2_100, ()).problems()
    said = problem.params
    assert said["visible"] == 2_400
    assert said["visible"] + said["extra"] == said["utf16_units"]
    assert said["utf16_units"] - said["most"] == said["over"]


@pytest.mark.parametrize(
    ("text", "link"),
    [
        ("주문은 https://shop.example/a?b=1 에서", "https://shop.example/a?b=1"),
        ("www.cafe.kr", "www.cafe.kr"),
        ("naver.me/abc에서", "naver.me/abc"),
        ("CAFE.CO.KR로 오세요", "CAFE.CO.KR"),
    ],
)
def test_a_link_is_warned_about_because_nobody_can_press_it(text: str, link: str) -> None:
    assert Caption(text, ()).warnings() == [Problem("instagram_ad_copy", "link_not_clickable", {"link": link})]


@pytest.mark.parametrize("text", ["@cafe.kr", "help@cafe.kr", "3.5점", "맛있어요.so", "e.g. coffee"])
def test_what_only_looks_like_a_link_is_not_warned_about(text: str) -> None:
    assert Caption(text, ()).warnings() == []


def test_an_opening_that_the_fold_cuts_is_warned_about() -> None:
    assert Caption("가" * 69 + "\n\n둘째 문단", ()).warnings() == [
        Problem("instagram_ad_copy", "opening_folded", {"characters": 69, "visible": 64})
    ]
    assert Caption("가" * 40 + "\n\n둘째 문단은 얼마든지 길어도 된다." * 9, ()).warnings() == []
