"""How the pages tell what went wrong: in a sentence, with the next step, and never as somebody else's markup."""

from __future__ import annotations

import re
from collections.abc import Iterable, Iterator
from contextlib import contextmanager

import streamlit as st

from lib.errors import Invalid, Problem, StudioError
from lib.ui import words

_PUNCTUATION = re.compile(r"([!-/:-@\[-`{-~])")


def inert(text: str) -> str:
    """The text for a place that reads Markdown, so that it is shown as it stands: nothing linked, fetched or styled.

    CommonMark lets every ASCII punctuation character be escaped (https://spec.commonmark.org, backslash escapes).
    """
    return _PUNCTUATION.sub(r"\\\1", " ".join(text.split()))


def show_error(error: StudioError) -> None:
    """What went wrong and what to do next; the words of models and servers in it stay words."""
    st.error(inert(words.error(error)), icon=":material/error:")


def show_problems(problems: Iterable[Problem], field: str) -> None:
    """What is wrong with this field, beside it."""
    for problem in problems:
        if problem.field == field:
            st.markdown(f":red[:material/error: {inert(words.problem(problem))}]")


def toast_later(words_told: str, *, icon: str) -> None:
    """A passing note from a callback, which may draw nothing itself; the run that follows shows it."""
    st.session_state.setdefault("toasts", []).append((words_told, icon))


def show_toasts() -> None:
    """The notes that callbacks left."""
    for words_told, icon in st.session_state.pop("toasts", ()):
        st.toast(words_told, icon=icon)


@contextmanager
def shown_to_user() -> Iterator[None]:
    """Expected errors become sentences; anything else crashes into the log."""
    try:
        yield
    except Invalid as error:
        st.session_state["problems"] = error.problems
        show_error(error)
    except StudioError as error:
        show_error(error)
