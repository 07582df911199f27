"""The reader's language, and :mod:`lib.i18n.words` in it."""

from __future__ import annotations

from collections.abc import Callable
from functools import wraps
from typing import Concatenate, ParamSpec, TypeVar

import streamlit as st

from lib.domain.brief import LANGUAGES, Language
from lib.i18n import words

P = ParamSpec("P")
T = TypeVar("T")

LANGUAGE_KEY = "session_language"
"""Session key: the reader's language."""


def language() -> Language:
    """The language that the reader chose; Korean until they choose."""
    chosen = st.session_state.get(LANGUAGE_KEY)
    return next((language for language in LANGUAGES if language == chosen), LANGUAGES[0])


def in_readers_language(function: Callable[Concatenate[Language, P], T]) -> Callable[P, T]:
    """The function with the reader's language as its first argument."""

    @wraps(function)
    def with_language(*args: P.args, **kwargs: P.kwargs) -> T:
        return function(language(), *args, **kwargs)

    return with_language


say = in_readers_language(words.say)
listed = in_readers_language(words.listed)
translated = in_readers_language(words.translated)
ending = in_readers_language(words.ending)
problem = in_readers_language(words.problem)
field_name = in_readers_language(words.field_name)
error = in_readers_language(words.error)
duration = in_readers_language(words.duration)


def named(section: str, value: str) -> str:
    """What a reader calls a value of a column; a value that only another program or release knows is its own word."""
    return listed(section).get(value, value)


def first_line(text: str, most: int) -> str:
    """The first line of a text, cut to so many characters."""
    first = next(iter(text.splitlines()), "")
    return first if len(first) <= most else f"{first[: most - 1]}…"
