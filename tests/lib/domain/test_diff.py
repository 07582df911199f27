"""Word-level differences of Korean texts: exact for both sides, and as a reader would mark them."""

from __future__ import annotations

from itertools import pairwise

import pytest
from hypothesis import given
from hypothesis import strategies as st

from lib.domain import diff
from lib.domain.diff import Change, words
from lib.domain.graphemes import clusters

MARKS = {"same": "{}", "removed": "[-{}-]", "added": "{{+{}+}}"}


def marked(before: str, after: str) -> str:
    """What a reader sees: ``[-removed-]{+added+}``."""
    return "".join(MARKS[change.kind].format(change.text) for change in words(before, after))


def sides(changes: list[Change]) -> tuple[str, str]:
    return (
        "".join(change.text for change in changes if change.kind != "added"),
        "".join(change.text for change in changes if change.kind != "removed"),
    )


# -- what a reader sees ---------------------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("before", "after", "seen"),
    [
        # particles and endings
        ("식빵을 좋아해요", "식빵이 좋아해요", "식빵[-을-]{+이+} 좋아해요"),
        ("빵을 먹어요", "빵이 먹어요", "빵[-을-]{+이+} 먹어요"),
        ("빵 먹어요", "빵도 먹어요", "빵{+도+} 먹어요"),
        ("카페는 열려 있어요", "카페에서도 열려 있어요", "카페[-는-]{+에서도+} 열려 있어요"),
        ("아침에 먹어요", "아침에 먹었어요", "아침에 먹{+었+}어요"),
        # words that only look alike
        ("고민이 많아요", "고소한 많아요", "[-고민이-]{+고소한+} 많아요"),
        ("커피가 있어요", "자리가 남았어요", "[-커피가 있어요-]{+자리가 남았어요+}"),
        # whole words
        ("저온에서 하루 숙성해요", "저온에서 꼬박 하루 숙성해요", "저온에서 {+꼬박 +}하루 숙성해요"),
        ("갓 구운 통밀 식빵", "갓 구운 식빵", "갓 구운 [-통밀 -]식빵"),
        ("좋아요.", "좋아요!", "좋아요[-.-]{+!+}"),
        # what happens to stand in both is rewritten with its neighbours
        ("오늘 더 좋은 빵", "내일 더 나은 떡", "[-오늘 더 좋은 빵-]{+내일 더 나은 떡+}"),
        ("오늘 무화과를 담은 빵", "내일 무화과를 올린 떡", "[-오늘-]{+내일+} 무화과를 [-담은 빵-]{+올린 떡+}"),
        # never cut
        ("4,500원이에요", "5,500원이에요", "[-4,500원이에요-]{+5,500원이에요+}"),
        ("500ml 한 잔", "500ml를 한 잔", "500ml{+를+} 한 잔"),
        ("2026년", "2027년", "[-2026년-]{+2027년+}"),
        ("coffee 한 잔", "coffees 한 잔", "[-coffee-]{+coffees+} 한 잔"),
        ("끝 #빵집 #연남동", "끝 #빵집투어 #연남동", "끝 [-#빵집-]{+#빵집투어+} #연남동"),
        ("@ongi 에서", "@ongi_bakery 에서", "[-@ongi-]{+@ongi_bakery+} 에서"),
        ("👨‍👩‍👧 가족", "👨‍👩‍👦 가족", "[-👨‍👩‍👧-]{+👨‍👩‍👦+} 가족"),
        ("좋아요 👍🏻", "좋아요 👍🏿", "좋아요 [-👍🏻-]{+👍🏿+}"),
        # blanks and lines
        ("띄어 쓰기", "띄어쓰기", "띄어[- -]쓰기"),
        ("할수 있어요", "할 수 있어요", "할{+ +}수 있어요"),
        ("줄을\n나눠요", "줄을 나눠요", "줄을[-\n-]{+ +}나눠요"),
        ("첫 줄\n\n끝", "첫 줄\n둘째 줄\n\n끝", "첫 줄\n{+둘째 줄\n+}\n끝"),
        # the ends
        ("", "새 글", "{+새 글+}"),
        ("옛 글", "", "[-옛 글-]"),
        ("같은 글", "같은 글", "같은 글"),
        ("", "", ""),
    ],
)
def test_changes_are_shown_as_a_reader_would_mark_them(before: str, after: str, seen: str) -> None:
    assert marked(before, after) == seen


def test_a_whole_caption_stays_readable() -> None:
    before = """따뜻한 아침, 갓 구운 통밀 식빵 한 조각 어떠세요?
저온에서 하루 숙성해 속이 편해요.

'온기'에서 기다릴게요 ☕"""
    after = """포근한 아침, 갓 구운 통밀 식빵으로 시작해요.
저온에서 꼬박 하루 숙성해 속이 편해요.

'온기'에서 만나요 🧡"""
    seen = """[-따뜻한-]{+포근한+} 아침, 갓 구운 통밀 식빵{+으로+} [-한 조각 어떠세요?-]{+시작해요.+}
저온에서 {+꼬박 +}하루 숙성해 속이 편해요.

'온기'에서 [-기다릴게요 ☕-]{+만나요 🧡+}"""
    assert marked(before, after) == seen


def test_two_different_captions_are_no_confetti() -> None:
    before = "오늘도 천천히, 한 잔의 여유를 드려요. 창가 자리는 아직 비어 있어요. 편하게 들러 주세요."
    after = "주말엔 빵을 굽습니다. 새벽 네 시부터 오븐이 돌고, 첫 빵은 여덟 시에 나옵니다. 서두르세요."
    assert len(words(before, after)) <= 4


# -- what always holds ----------------------------------------------------------------------------------------------

PIECES = st.sampled_from(
    (
        *(
            "빵",
            "빵을",
            "식빵이",
            "식빵",
            "커피",
            "오늘",
            "오늘도",
            "한",
            "글",
            "4,500",
            "원",
            "ml",
            "_",
            "가\u0301",
            "e\u0301",
        ),
        *(" ", "  ", "\n", "\n\n", "\r\n", "\t", "\u200d", "#태그", "#", "@", "@온기", ",", ".", "!"),
        *("☕", "☕\ufe0f", "👨\u200d👩\u200d👧", "👍🏻", "🇰🇷"),
    )
)
TEXTS = st.one_of(st.lists(PIECES, max_size=40).map("".join), st.text(max_size=60))


@given(TEXTS, TEXTS)
def test_both_texts_are_told_exactly(before: str, after: str) -> None:
    assert sides(words(before, after)) == (before, after)


@given(TEXTS, TEXTS)
def test_no_character_of_a_reader_is_cut(before: str, after: str) -> None:
    changes = words(before, after)
    for side, without in ((before, "added"), (after, "removed")):
        at, ends = 0, {0}
        for cluster in clusters(side):
            at += len(cluster)
            ends.add(at)
        at = 0
        for change in changes:
            if change.kind != without:
                at += len(change.text)
                assert at in ends


@given(TEXTS, TEXTS)
def test_changes_come_in_one_order_and_none_is_empty(before: str, after: str) -> None:
    kinds = [change.kind for change in words(before, after)]
    follows = {"same": {"removed", "added"}, "removed": {"added", "same"}, "added": {"same"}}
    assert all(later in follows[kind] for kind, later in pairwise(kinds))
    assert all(change.text for change in words(before, after))


@given(TEXTS)
def test_a_text_has_not_changed_from_itself(text: str) -> None:
    assert words(text, text) == ([Change("same", text)] if text else [])


def test_what_would_take_too_long_is_shown_as_rewritten() -> None:
    """The same word between all others is what difflib finds hardest: its work grows with the third power."""
    count = 430
    before = "처음 " + " ".join(f"글 {chr(0xAC00 + at)}" for at in range(count))
    after = "시작 " + " ".join(f"글 {chr(0xC000 + at)}" for at in range(count))
    assert count * count > diff.MOST_PAIRS
    assert [change.kind for change in words(before, after)] == ["removed", "added"]
    again = before.replace("처음", "끝")
    assert marked(before, again).startswith("[-처음-]{+끝+} 글 ")


def test_edits_at_both_ends_of_a_long_text_of_one_word_are_found() -> None:
    text = "아 " * 1000
    assert marked(f"{text}끝", f"{text}아 끝") == f"{text}{{+아 +}}끝"
