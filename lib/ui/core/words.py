"""Every word a user reads, Korean and English side by side in ``words.toml``, and how to say one."""

from __future__ import annotations

import math
import tomllib
from functools import cache
from pathlib import Path
from typing import Any

import streamlit as st

from lib.domain.brief import LANGUAGES, Language
from lib.domain.errors import Invalid, Problem, StudioError

LANGUAGE_KEY = "lang"
"""The session's language: upper case, because a bound widget puts its label into the address."""

LONGEST_IN_SECONDS = 90
"""Longer waits are told in minutes."""


@cache
def _words() -> dict[str, dict[str, dict[str, str]]]:
    return tomllib.loads((Path(__file__).parent / "words.toml").read_text("utf-8"))


def language() -> Language:
    """The language of the reader; Korean unless they chose another."""
    chosen = str(st.session_state.get(LANGUAGE_KEY, "")).lower()
    return next((one for one in LANGUAGES if one == chosen), LANGUAGES[0])


def say(name: str, /, in_language: Language | None = None, **values: Any) -> str:
    """The words called ``section.name``, with the values filled in. A name that is not listed is a bug: KeyError."""
    section, _, key = name.partition(".")
    return _words()[section][key][in_language or language()].format(**values)


def listed(section: str) -> dict[str, str]:
    """All words of a section, by name."""
    return {key: told[language()] for key, told in _words()[section].items()}


def translated(section: str, text: str) -> str:
    """The text in the reader's language where it is one of the section's words in any; else as it stands."""
    return next((told[language()] for told in _words()[section].values() if text in told.values()), text)


def first_line(text: str, most: int) -> str:
    """The first line of a text, cut to so many characters."""
    first = next(iter(text.splitlines()), "")
    return first if len(first) <= most else f"{first[: most - 1]}…"


def ending(told: str) -> str:
    """How a request ended; for a failure, why."""
    outcome, _, code = told.partition(":")
    named = listed("ending")
    if not code or code in named:
        return named.get(code or outcome, told)
    return f"{named.get(outcome, outcome)} ({code})"


def problem(told: Problem) -> str:
    """What is wrong with one field, in a sentence."""
    counted_twice = told.params.get("utf16_units", 0) > told.params.get("characters", 0)
    name = f"{told.code}_with_emoji" if counted_twice else told.code  # or the figures would not add up
    return say(f"problem.{name}", **told.params)


def field_name(name: str) -> str:
    """What a reader calls the field."""
    return _words()["field"].get(name, {}).get(language(), name)


def error(raised: StudioError) -> str:
    """What went wrong, why, and what to do next."""
    if isinstance(raised, Invalid):
        told = " ".join(f"{field_name(one.field)}: {problem(one)}" for one in raised.problems)
        return f"{say(f'error.{raised.code}')} {told}"
    params: dict[str, Any] = {
        name: _wait(value) if name == "seconds" else f"{value:,}" if isinstance(value, int) else value
        for name, value in raised.params.items()
    }
    return say(f"error.{raised.code}", **params)


def _wait(seconds: int) -> str:
    """How long to wait, in the unit that people would say it in."""
    if seconds <= LONGEST_IN_SECONDS:
        return say("result.wait_seconds", seconds=seconds)
    return say("result.wait_minutes", minutes=math.ceil(seconds / 60))
