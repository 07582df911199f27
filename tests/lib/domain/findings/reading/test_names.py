"""Names that are almost right."""

import pytest

from lib.domain.findings.reading.names import misspelt, read_names


def wrong(caption: str, brief: str) -> list[tuple[str, str]]:
    names = [str(fact.value) for fact in read_names(brief)]
    return [(fact.text, own) for fact, own in misspelt(caption, names, brief)]


@pytest.mark.parametrize(
    ("caption", "brief", "mark"),
    [
        ("빵집 '은기'에서", "작은 빵집 '온기'", ("은기", "온기")),
        ("미수랩 세럼", "브랜드: 미소랩", ("미수랩", "미소랩")),
        ("North Stan Coffee", "North Star Coffee, 240 Pine Street", ("North Stan Coffee", "North Star Coffee")),
    ],
)
def test_a_name_that_is_almost_the_briefs_is_found(caption: str, brief: str, mark: tuple[str, str]) -> None:
    assert mark in wrong(caption, brief)


@pytest.mark.parametrize(
    ("caption", "brief"),
    [
        ("'온기'를 나눠요", "작은 빵집 '온기'"),
        ("온도가 다른 빵", "작은 빵집 '온기'"),
        ("미소랩이 만든", "브랜드: 미소랩"),
        ("'겨울'이라는 말", "작은 빵집 '온기'"),
    ],
)
def test_other_words_and_particles_are_no_wrong_names(caption: str, brief: str) -> None:
    assert wrong(caption, brief) == []


def test_another_model_of_a_line_is_misspelt_unless_the_briefs_own_is_named_too() -> None:
    assert [(fact.text, own) for fact, own in misspelt("V8의 힘", [], "청소기 V9, 220AW")] == [("V8", "V9")]
    assert list(misspelt("V8보다 가벼운 V9", [], "청소기 V9, 220AW")) == []
