"""Links in captions: any domain of the public suffix list, and nothing that only looks like one."""

import pytest

from lib.domain.findings.links import links_in


@pytest.mark.parametrize(
    ("text", "link"),
    [
        ("주문은 https://shop.example/a?b=1 에서", "https://shop.example/a?b=1"),
        ("www.cafe.kr", "www.cafe.kr"),
        ("naver.me/abc에서", "naver.me/abc"),
        ("CAFE.CO.KR로 오세요", "CAFE.CO.KR"),
        ("misolab.cafe 에서", "misolab.cafe"),
        ("shop.beauty/new", "shop.beauty/new"),
        ("ongi.bakery", None),
        ("smartstore.naver.com/ongi", "smartstore.naver.com/ongi"),
        ("ongi.notion.site", "ongi.notion.site"),
        ("linktr.ee/ongi", "linktr.ee/ongi"),
        ("bit.ly/3abc.", "bit.ly/3abc"),
        ("ongi.imweb.me", "ongi.imweb.me"),
        ("forms.gle/abc", "forms.gle/abc"),
        ("ongi.coffee!", "ongi.coffee"),
        ("원두.com에서", "원두.com"),
        ("온기.한국 에서", "온기.한국"),
        ("빵집.co.kr", "빵집.co.kr"),
        ("맛집.kr에서", "맛집.kr"),
        ("온기.닷컴", "온기.닷컴"),
        ("t.me/ongi", "t.me/ongi"),
        ("brunch.co.kr/@ongi 에서", "brunch.co.kr/@ongi"),
        ("bäcker.de", "bäcker.de"),
        ("Ongi.Com", "Ongi.Com"),
        ("hello.world/menu", "hello.world/menu"),
        ("hello.kr", "hello.kr"),
        ("봄날.com/예약", "봄날.com/예약"),
        ("go.kr", None),
        ("good.shop", "good.shop"),
    ],
)
def test_a_name_under_any_public_suffix_is_a_link(text: str, link: str | None) -> None:
    assert list(links_in(text)) == ([link] if link else [])


@pytest.mark.parametrize(
    "text",
    [
        "@cafe.kr",
        "help@cafe.kr",
        "3.5점",
        "맛있어요.so",
        "모두.me",
        "맛있어요.cool",
        "Mr.Kim",
        "Fresh.Today only",
        "e.g. coffee",
        "8 a.m.",
        "p.m",
        "fresh.it is warm",
        "Node.js",
        "v1.2",
        "menu.pdf",
        "photo.zip",
        "1.5kg",
        "온기...com",
        "T.O.P",
        "12.24.목",
        "좋아요.한국에서",
        "맛있어요.그리고",
        "hello.world",
        "slow.life",
        "#onki.kr",
        "with.love",
        "thank.you",
        "open.today",
    ],
)
def test_what_only_looks_like_a_link_is_none(text: str) -> None:
    assert list(links_in(text)) == []


@pytest.mark.parametrize("text", ["봄날.shop", "봄날.store", "모두.me/p/1", "커피.봄날.kr"])
def test_a_korean_name_is_a_link_where_its_domain_is_no_word(text: str) -> None:
    assert list(links_in(f"주문은 {text}")) == [text]
