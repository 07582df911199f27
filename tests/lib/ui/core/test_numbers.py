"""Numbers in the reader's language."""

from __future__ import annotations

from decimal import Decimal

import streamlit as st

from lib.i18n import numbers as of_a_language
from lib.ui.core import numbers, words


def test_each_number_is_written_as_the_readers_language_writes_it() -> None:
    for language in ("ko", "en"):
        st.session_state[words.LANGUAGE_KEY] = language
        assert numbers.usd(Decimal("0.5")) == of_a_language.usd(language, Decimal("0.5"))
        assert numbers.milliseconds(90_000.0) == of_a_language.milliseconds(language, 90_000.0)
    st.session_state.pop(words.LANGUAGE_KEY, None)
