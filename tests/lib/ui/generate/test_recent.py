"""The newest captions beside the form."""

from __future__ import annotations

from collections.abc import Callable

from lib.demo.model import DemoModel
from tests.support.opened_page import Opened

Open = Callable[..., Opened]


def labels(page: Opened) -> list[str]:
    return [button.label for button in page.app.button if str(button.key).startswith("recent_")]


def test_a_new_tenant_is_told_what_to_do(open_page: Open) -> None:
    page = open_page(tenant_id="new")
    assert labels(page) == []
    assert "아직 쓴 글이 없어요" in page.told("caption")


def test_the_newest_is_first_and_opens_in_a_new_session(page: Opened, open_page: Open, demo: DemoModel) -> None:
    page.press("generate")
    stored = page.post()["copy"]
    demo.behaviours.append("refused")
    page.press("generate")

    later = open_page()
    assert len(labels(later)) == 2
    assert "통밀 식빵" in labels(later)[0], "a failure is listed by what it was about"
    later.press("recent_2")
    assert later.post()["copy"] == stored
    later.press("recent_1")
    assert "모델이 이 글을 쓰지 않겠다고" in later.told("error")


def test_another_tenant_sees_none_of_it(page: Opened, open_page: Open) -> None:
    page.press("generate")
    assert labels(open_page(tenant_id="rival")) == []


def test_markup_in_a_caption_stays_text_in_the_list(page: Opened, open_page: Open) -> None:
    page.fill(product_description="![x](http://evil.example/a.png) **x**").press("generate")
    assert all("](http" not in label and "**" not in label for label in labels(open_page()))
