"""How the pages tell what went wrong: in a sentence, with the next step, and never as somebody else's markup."""

from __future__ import annotations

import re
import time
from collections.abc import Iterable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass, replace

import streamlit as st

from lib.domain.errors import AnswerKept, Problem, Stopped, StudioError
from lib.ui.core import words

LEFT, LEFT_SHOWN = "error_left", "error_left_shown"
"""In the session: what went wrong in the last callback; whether a page has shown it."""
TOASTS = "toasts"
"""In the session: the passing notes that callbacks left, and those that are on the screen."""
TOAST_S = 4.0
"""Seconds for which Streamlit shows one."""

_PUNCTUATION = re.compile(r"([!-/:-@\[-`{-~])")
_MADE_OF_TEXT = re.compile(r":(?=\S)|@(?=\S)|www(?=\.)", re.IGNORECASE)
"""Where bare addresses (GitHub Flavored Markdown, autolinks) and Streamlit's ``:icons:`` are recognised: both are
looked for after the escapes were taken out, so these are parted by a character that shows nothing (U+2060)."""


@dataclass(frozen=True)
class _Toast:
    """A passing note; ``shown_at`` is when it was shown first, by the monotonic clock."""

    text: str
    icon: str
    shown_at: float | None = None


def inert(text: str) -> str:
    """The text for a place that reads Markdown, so that it is shown as it stands: nothing linked, fetched or styled.

    CommonMark lets every ASCII punctuation character be escaped (https://spec.commonmark.org, backslash escapes).
    """
    parted = _MADE_OF_TEXT.sub(lambda match: f"{match[0]}\u2060", " ".join(text.split()))
    return _PUNCTUATION.sub(r"\\\1", parted)


def show_error(error: StudioError) -> None:
    """What went wrong and what to do next; the words of models and servers in it stay words.

    What a person did themselves, and what mends itself, is told calmly.
    """
    if isinstance(error, Stopped | AnswerKept):
        st.info(inert(words.error(error)), icon=":material/stop_circle:")
    else:
        st.error(inert(words.error(error)), icon=":material/error:")


def show_problems(problems: Iterable[Problem], field: str) -> None:
    """What is wrong with this field, beside it."""
    for problem in problems:
        if problem.field == field:
            st.markdown(f":red[:material/error: {inert(words.problem(problem))}]")


def show_warnings(warnings: Iterable[Problem], field: str) -> None:
    """What may be regretted about this field and hinders nothing."""
    for warning in warnings:
        if warning.field == field:
            st.markdown(f":orange[:material/warning: {inert(words.problem(warning))}]")


def show_quietly(markdown: str) -> None:
    """A remark of ours, smaller than the text but as dark: ``st.caption`` is too pale to be read by everybody."""
    st.markdown(f":small[{markdown}]")


def toast_later(words_told: str, *, icon: str) -> None:
    """A passing note from a callback, which may draw nothing itself; the run that follows shows it."""
    st.session_state.setdefault(TOASTS, []).append(_Toast(words_told, icon))


def show_toasts(*, whole_page: bool = False) -> None:
    """The notes that callbacks left.

    Streamlit takes a note away with the run that follows, however soon: a run of the ``whole_page`` shows it again.
    """
    now, left = time.monotonic(), []
    for toast in st.session_state.pop(TOASTS, ()):
        if toast.shown_at is not None and now - toast.shown_at > TOAST_S:
            continue
        if whole_page or toast.shown_at is None:
            st.toast(toast.text, icon=toast.icon)
        left.append(replace(toast, shown_at=toast.shown_at or now))
    if left:
        st.session_state[TOASTS] = left


@contextmanager
def shown_to_user() -> Iterator[None]:
    """Expected errors become sentences; anything else crashes into the log."""
    try:
        yield
    except StudioError as error:
        show_error(error)


@contextmanager
def shown_later() -> Iterator[None]:
    """In a callback, which may draw nothing itself: keep an expected error, to be shown by the next run."""
    forget_shown_error()
    try:
        yield
    except StudioError as error:
        st.session_state[LEFT], st.session_state[LEFT_SHOWN] = error, False


def show_left_error() -> None:
    """The error that a callback left; always in the same place, so that nothing else moves."""
    with st.container():
        if LEFT in st.session_state:
            show_error(st.session_state[LEFT])


def drawn() -> None:
    """A page is drawn to its end. One that a newer message ended may never have reached the screen."""
    st.session_state[LEFT_SHOWN] = True


def forget_shown_error() -> None:
    """Show no longer the error that a callback left, if a page has shown it."""
    if st.session_state.get(LEFT_SHOWN):
        st.session_state.pop(LEFT, None)
