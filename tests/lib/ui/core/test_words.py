"""Words in the reader's language."""

from __future__ import annotations

import ast

import pytest
import streamlit as st

from lib.ui.core import words
from tests.support.project import ROOT


@pytest.mark.parametrize(("chosen", "said"), [(None, "ko"), ("ko", "ko"), ("en", "en"), ("fr", "ko")])
def test_the_language_is_korean_until_the_reader_chooses_one_of_ours(chosen: str | None, said: str) -> None:
    st.session_state.pop(words.LANGUAGE_KEY, None)
    if chosen:
        st.session_state[words.LANGUAGE_KEY] = chosen
    assert words.language() == said
    assert words.say("status.draft") == {"ko": "초안", "en": "Draft"}[said]
    st.session_state.pop(words.LANGUAGE_KEY, None)


def test_a_value_that_only_another_program_knows_is_its_own_word() -> None:
    assert words.named("status", "draft") == words.say("status.draft")
    assert words.named("status", "on_hold") == "on_hold"


@pytest.mark.parametrize(
    ("text", "line"), [("하나\n둘", "하나"), ("", ""), ("다섯글자다", "다섯글자다"), ("여섯글자예요", "여섯글자…")]
)
def test_a_first_line_is_cut_with_an_ellipsis(text: str, line: str) -> None:
    assert words.first_line(text, 5) == line


def test_a_list_that_can_stand_at_nothing_says_so_in_our_words() -> None:
    """Streamlit's own words for it are English, whatever the reader's language is."""
    calls = [
        (path, call, {keyword.arg: ast.unparse(keyword.value) for keyword in call.keywords})
        for path in (ROOT / "lib" / "ui").rglob("*.py")
        for call in ast.walk(ast.parse(path.read_text("utf-8")))
        if isinstance(call, ast.Call)
    ]
    lists = [
        (f"{path.relative_to(ROOT)}:{call.lineno}", given)
        for path, call, given in calls
        if ast.unparse(call.func).endswith(".multiselect")
        or (ast.unparse(call.func).endswith(".selectbox") and "None" in given.get("index", ""))
    ]
    assert len(lists) > 4
    assert [place for place, given in lists if "placeholder" not in given] == []
