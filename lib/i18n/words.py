"""Every word that a user reads: ``words/*.toml`` holds Korean and English side by side, ``say`` fills in the values.

A key is ``section.name``. In a sentence, ``{count}`` writes a whole number with its thousands separated, and
``{count:caption|captions}`` the form of the word that fits the number. ``{name:+이/가}`` writes the particle
that follows the sound of the value, and not the value.
"""

from __future__ import annotations

import math
import string
import tomllib
from collections.abc import Mapping
from functools import cache
from pathlib import Path
from typing import Any

import babel
from babel.units import format_unit

from lib.domain.brief import Language
from lib.domain.errors import Problem, StudioError
from lib.i18n.particles import particle

FOLDER = Path(__file__).parent / "words"

LONGEST_IN_SECONDS = 90
"""Longer waits are said in minutes."""
LONGEST_IN_MINUTES = 180
"""Longer waits are said in hours."""

Word = dict[str, str]
"""One word or sentence by language."""


@cache
def sections() -> dict[str, dict[str, Word]]:
    """All words by section and name. Raises ValueError if two files hold the same section."""
    merged: dict[str, dict[str, Word]] = {}
    for path in sorted(FOLDER.glob("*.toml")):
        tables = tomllib.loads(path.read_text("utf-8"))
        if twice := merged.keys() & tables.keys():
            raise ValueError(f"{path.name} repeats the sections {sorted(twice)} of another file")
        merged |= tables
    return merged


class _Sentence(string.Formatter):
    """``str.format`` that separates the thousands of whole numbers and knows the language's plural rule."""

    def __init__(self, language: Language) -> None:
        self.plural_form = babel.Locale(language).plural_form

    def format_field(self, value: Any, format_spec: str) -> Any:
        if format_spec.startswith("+"):
            return particle(f"{value:,}" if isinstance(value, int) else str(value), format_spec[1:])
        singular, bar, plural = format_spec.partition("|")
        if bar:
            is_count = isinstance(value, int | float)  # a count that is not known is a word
            return singular if is_count and self.plural_form(value) == "one" else plural
        return f"{value:,}" if isinstance(value, int) and not format_spec else super().format_field(value, format_spec)


_SENTENCES: dict[Language, _Sentence] = {"ko": _Sentence("ko"), "en": _Sentence("en")}


def say(language: Language, key: str, /, **values: Any) -> str:
    """The words under ``section.name`` in the language, with the values filled in.

    Raises KeyError if the key is not listed, or if the sentence needs a value that was not given.
    """
    return _SENTENCES[language].format(_sentence(language, key), **values)


def _sentence(language: Language, key: str) -> str:
    section, _, name = key.partition(".")
    try:
        return sections()[section][name][language]
    except KeyError:
        raise KeyError(f"{key} is in none of the files of {FOLDER}") from None


def values_in(sentence: str) -> set[str]:
    """The names of the values that a sentence needs."""
    return {name for _, name, _, _ in string.Formatter().parse(sentence) if name}


def listed(language: Language, section: str) -> dict[str, str]:
    """All words of a section in the language, by name."""
    return {name: word[language] for name, word in sections()[section].items()}


def translated(language: Language, section: str, text: str) -> str:
    """The text in the language if it is a word of the section in any language; else the text itself."""
    return next((word[language] for word in sections()[section].values() if text in word.values()), text)


def ending(language: Language, outcome: str) -> str:
    """How a request to a model ended: ``written``, ``refused``, ... or, with the error's code, ``failed:wrong_key``."""
    kind, _, code = outcome.partition(":")
    endings = listed(language, "ending")
    if not code or code in endings:
        return endings.get(code or kind, outcome)
    return f"{endings.get(kind, kind)} ({code})"


def field_name(language: Language, field: str) -> str:
    """The label of a field; the field's own name if it has none."""
    return sections()["field"].get(field, {}).get(language, field)


def problem(language: Language, field_problem: Problem) -> str:
    """What is wrong with one field, in a sentence: ours, or the ``detail`` of a library that found the problem.

    A problem that only another release knows is its code, and a value that its record lacks is said to be unknown.
    """
    code, params = field_problem.code, field_problem.params
    if "detail" in params:
        return str(params["detail"])
    if code not in sections()["problem"]:
        return code
    if "offered" in params:
        params = {**params, "offered": _choices(language, field_problem.field, str(params["offered"]))}
    with_emoji = params.get("utf16_units", 0) > params.get("visible", params.get("characters", 0))
    key = f"problem.{code}_with_emoji" if with_emoji else f"problem.{code}"
    return say(language, key, **_with_unknowns(language, key, params))


_CHOICES = {"sponsorship": ("sponsorship", ""), "language": ("form", "language_")}
"""By field: the section of the words for its values, and how their names begin."""


def _choices(language: Language, field: str, offered: str) -> str:
    """The values that a field takes, as its form calls them."""
    section, prefix = _CHOICES.get(field.rpartition(".")[2], ("", ""))
    named = sections().get(section, {})
    return ", ".join(named.get(prefix + value, {}).get(language, value) for value in offered.split(", "))


def error(language: Language, raised: StudioError) -> str:
    """What went wrong, why, and what to do next; then what is wrong with each field, and the model server's own words.

    A value that the record of an older version lacks is said to be unknown.
    """
    key = f"error.{raised.code}"
    params = _with_unknowns(language, key, raised.params)
    if "seconds" in raised.params:
        params["seconds"] = duration(language, raised.params["seconds"])
    fields = (f"{field_name(language, wrong.field)}: {problem(language, wrong)}" for wrong in raised.problems)
    quoted = raised.params.get("server_words")
    server = (say(language, "value.server_words", words=quoted),) if quoted else ()
    return " ".join((say(language, key, **params), *fields, *server))


def _with_unknowns(language: Language, key: str, params: Mapping[str, Any]) -> dict[str, Any]:
    return dict.fromkeys(values_in(_sentence(language, key)), say(language, "value.unknown")) | dict(params)


def duration(language: Language, seconds: float) -> str:
    """A wait in whole seconds, in minutes if it is longer than 90 s, in hours if longer than three; rounded up."""
    if seconds <= LONGEST_IN_SECONDS:
        return format_unit(math.ceil(seconds), "second", locale=language)
    if seconds <= LONGEST_IN_MINUTES * 60:
        return format_unit(math.ceil(seconds / 60), "minute", locale=language)
    return format_unit(math.ceil(seconds / 3600), "hour", locale=language)
