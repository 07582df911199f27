"""Words in the reader's language."""

from __future__ import annotations

import pytest
import streamlit as st

from lib.ui.core import words


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
