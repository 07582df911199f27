"""The hashtags that the demo model finds."""

from __future__ import annotations

import pytest

from lib.domain.brief import Brief, Language
from tests.support.demo_briefs import (
    BUTTER_ROLL,
    MARMALADE,
    ROLL,
    VARIANTS,
    brief,
    caption_for,
    taken,
)


@pytest.mark.parametrize("take", range(4))
def test_tags_name_the_place_and_the_product_and_nothing_that_is_weak_alone(take: int) -> None:
    weak = {
        "하루",
        "저온",
        "새벽",
        "프랑스산",
        "프랑스",
        "매일",
        "겉은",
        "과육",
        "salted",
        "butter",
        "crisp",
        "french",
        "roll",
    }
    told: list[tuple[Brief, Language, str, str]] = [
        (ROLL, "ko", "망원", "소금빵"),
        (MARMALADE, "ko", "애월", "마멀레이드"),
        (BUTTER_ROLL, "en", "mangwon", "saltedbutterroll"),
    ]
    for asked, language, place, product in told:
        for variant in VARIANTS:
            found = [tag.lstrip("#") for tag in taken(asked, language, variant, take).hashtags]
            assert not set(found) & weak
            assert any(product in tag for tag in found)
        assert any(place in tag for variant in VARIANTS for tag in taken(asked, language, variant, take).hashtags)


def test_a_shop_that_is_only_online_has_no_place_to_tag() -> None:
    asked = brief(store_information="온라인 스마트스토어에서 만나요, 서울 망원동에서 보내 드려요")
    assert not [tag for variant in VARIANTS for tag in taken(asked, "ko", variant).hashtags if "망원" in tag]


@pytest.mark.parametrize(
    ("store", "place"),
    [
        ("성수동2가 무브스튜디오, 뚝섬역 5번 출구", "성수동"),
        ("꽃집 오월 / 서울 종로구 서촌 골목 안쪽", "서촌"),
        ("강원도 강릉시 바닷가", "강릉"),
        ("매장 이동이 잦으니 출입구에서 연락 주세요", None),
    ],
)
def test_the_place_is_the_part_of_town_that_people_search_for(store: str, place: str | None) -> None:
    tags = [tag for variant in VARIANTS for tag in taken(brief(store_information=store), "ko", variant).hashtags]
    assert ("#" + place in tags) if place else not [tag for tag in tags if "나들이" in tag]


def test_hashtags_typed_into_the_brief_do_not_become_tags_of_the_text() -> None:
    told = " ".join(f"#태그{'가나다라마바사'[n]}" for n in range(7))
    assert "#" not in caption_for(brief(product_description=f"수제 잼 {told}", store_information=told))
