"""What the demo model reads in a request."""

from __future__ import annotations

import openai
import pytest

from lib.demo.model.reading import Request, name_of
from tests.support.demo_briefs import (
    written,
)


def test_a_request_that_is_no_brief_is_answered_in_its_own_words(client: openai.OpenAI) -> None:
    for told, word in (("수제 딸기잼, 설탕 없이", "딸기잼"), ("Strawberry jam without sugar", "Strawberry jam")):
        assert word in written(client, messages=[{"role": "user", "content": told}])["instagram_ad_copy"]


@pytest.mark.parametrize(
    "told", ["[]", "null", "{}", '{"language": 7, "product_description": ["x"]}', "?!", "#" * 3000]
)
def test_nonsense_is_answered_all_the_same(client: openai.OpenAI, told: str) -> None:
    assert written(client, messages=[{"role": "user", "content": told}])["instagram_ad_copy"]


@pytest.mark.parametrize(
    ("product", "name"),
    [
        ("하루커피 콜드브루는 12시간 동안 천천히 내립니다.", "하루커피 콜드브루"),
        ("12시간 동안 천천히 추출한 콜드브루 원액입니다.", "콜드브루 원액"),
        ("여름 한정 망고 빙수가 나왔어요!", "여름 한정 망고 빙수"),
        ("저희 호텔의 애프터눈 티 세트를 소개합니다.", "애프터눈 티 세트"),
        ("떡볶이 밀키트 1+1 행사 중!", "떡볶이 밀키트"),
        ("상품명: 수제 딸기잼, 설탕 없이", "수제 딸기잼"),
        ("우리 카페는 매일 원두를 볶는다.", None),
        ("A soy candle with lavender", "soy candle"),
        ("Salted butter roll baked at dawn", "salted butter roll"),
        ("Harbour Cold Brew is slow coffee", "Harbour Cold Brew"),
        ("Nimbus is a soy candle", "Nimbus"),
        ("We roast our beans every morning.", None),
        ("", None),
    ],
)
def test_the_product_is_called_what_the_brief_calls_it(product: str, name: str | None) -> None:
    assert name_of(Request("ko", product_description=product)) == name
