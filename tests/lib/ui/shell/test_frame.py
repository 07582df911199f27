"""The sidebar speaks the language that a person or a link chooses."""

from __future__ import annotations

import re
from collections.abc import Callable

from tests.support.opened_page import Opened

Open = Callable[..., Opened]


def test_a_language_switch_translates_the_page(page: Opened) -> None:
    assert page.read_in("EN").field("generate").label == "Write caption"
    assert page.read_in("KO").field("generate").label == "글 쓰기"


def test_a_link_in_english_opens_in_english_altogether(open_page: Open) -> None:
    page = open_page(lang="EN")
    assert (page.field("lang").value, page.field("tenant_id").label) == ("EN", "Team")
    assert page.field("generate").label == "Write caption"
    assert page.field("gpt_prompt").value.startswith("Catch the eye")
    assert not re.search("[가-힣]", page.told())
    assert open_page(lang="<b>").field("lang").value == "KO"
