"""Telephone numbers, addresses and districts."""

import pytest

from lib.domain.findings.reading.places import is_shops_own, read, read_districts


@pytest.mark.parametrize(
    "text", ["02-123-4567", "02) 123-4567", "(02)123-4567", "02.123.4567", "+82 2-123-4567", "+82-2-123-4567"]
)
def test_a_telephone_number_is_read_in_every_spelling(text: str) -> None:
    assert [fact.value for fact in read(text)] == ["021234567"]


@pytest.mark.parametrize(
    ("text", "kind", "value"),
    [
        ("연남로 12", "address", "12"),
        ("성수이로 7길 15", "address", "15/7"),
        ("15 Seongsui-ro 7-gil", "address", "15/7"),
        ("11번 출구", "exit", 11),
        ("Exit 11", "exit", 11),
        ("지하 1층", "floor", -1),
        ("2F", "floor", 2),
        ("second floor", "floor", 2),
        ("@lumi.studio", "account", "lumi.studio"),
    ],
)
def test_an_address_is_read(text: str, kind: str, value: object) -> None:
    assert [(fact.kind, fact.value) for fact in read(text)] == [(kind, value)]


@pytest.mark.parametrize("text", ["기념으로 11/5", "실제로 3개", "2층짜리 케이크", "hello@glowlab.co"])
def test_what_only_looks_like_an_address_is_left_out(text: str) -> None:
    assert list(read(text)) == []


def test_a_district_is_the_shops_own_where_the_words_say_so() -> None:
    here, from_there = (next(read_districts(text)) for text in ("성수동 골목에서", "제주에서 온 감귤"))
    assert is_shops_own("성수동 골목에서", here)
    assert not is_shops_own("제주에서 온 감귤", from_there)
