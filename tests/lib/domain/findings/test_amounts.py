"""Counts, spans, measures and percents beside those of a brief."""

import pytest

from lib.domain.findings.brief_facts import brief_facts
from lib.domain.findings.comparison import compare


def status(brief: str, caption: str) -> list[tuple[str, str, str]]:
    return [(each.status, each.fact.text, each.brief) for each in compare(brief_facts(brief, ""), caption)]


@pytest.mark.parametrize(
    ("brief", "caption", "said"),
    [
        ("디퓨저 200ml 42,000원(3개월 지속)", "디퓨저 하나면 두 달", "3개월"),
        ("기말 대비 4주(5/26~6/20) 보강 무료", "기말 대비 6주, 보강은 무료예요", "4주"),
        ("월 9,900원(6개월 후 15,400원)", "1년이 지나면 월 15,400원", "6개월"),
        ("레슨 주 1회 20분, 볼머신 30분", "일주일에 한 번, 30분이면 시작할 수 있어요", "20분"),
        ("하루 40잔", "Only 50 a day", "40잔"),
        ("정원 8명", "열두 명이 둘러앉아요", "8명"),
        ("조식 2인", "조식 3인까지 드려요", "2인"),
        ("초1~초4", "1학년부터 6학년까지", "초1~초4"),
        ("Kids under 7 eat free", "Kids under 10 eat free", "7"),
        ("Reservations for 4+ only", "Reservations for six or more", "4"),
        ("원화 24점", "원화 42점이 걸렸어요", "24점"),
        ("무사고 3만 2천km", "2만 3천 km 탄 무사고 차", "3만 2천km"),
    ],
)
def test_an_amount_is_another_where_its_thing_its_pair_or_its_limit_tells(brief: str, caption: str, said: str) -> None:
    assert ("different", said) in {(each[0], each[2]) for each in status(brief, caption)}


@pytest.mark.parametrize(
    ("brief", "caption"),
    [
        ("굽기 25분", "10분만 쉬어요"),
        ("50분 수업", "하루 15분 스트레칭, 한 달 20시간"),
        ("하루 50그릇", "두 그릇이면 배불러요"),
        ("매일 선착순 30명", "성공한 사람은 지금까지 12명"),
        ("24시간 영업", "Open 24 hours"),
        ("액자 2개", "아이와 두 시간"),
    ],
)
def test_an_amount_of_a_scene_is_left_open(brief: str, caption: str) -> None:
    assert "different" not in {each[0] for each in status(brief, caption)}
