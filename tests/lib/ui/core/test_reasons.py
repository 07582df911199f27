"""A reason is a sentence in the reader's language, also where only another release knows its code."""

from __future__ import annotations

import pytest

from lib.ui.core import reasons


@pytest.mark.parametrize(
    ("code", "params", "text"),
    [
        ("wrong_key", {}, "API 키를 받아 주지 않아요"),
        ("refused", {"reason": "아니요"}, "“아니요”"),
        ("refused", {}, "알 수 없음"),
        ("code_of_tomorrow", {"x": 1}, "code_of_tomorrow"),
    ],
)
def test_a_code_becomes_a_sentence(code: str, params: dict[str, object], text: str) -> None:
    assert text in reasons.sentence(code, params)
