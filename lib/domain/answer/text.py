"""The caption in a model's text: the JSON object that was asked for, whatever stands around it or is slightly off.

Models think aloud before the object, fence it, repeat it, put it into a list or a string, add comments and commas.
The last whole object that has the asked-for members and passes Instagram's rules is the answer; what stands before it
are drafts, and what stands after it are remarks.
"""

from __future__ import annotations

import json
import re
from collections.abc import Iterator
from dataclasses import dataclass
from typing import Any

from pydantic_core import from_json

from lib.domain.caption import Caption

JSON = dict[str, Any]

COPY, TAGS = "instagram_ad_copy", "hashtags"

_MOST_OBJECTS = 40
"""Objects looked at in one text, from its end: a bound on what hostile text costs."""
_MOST_STARTS = 5
"""Opening braces tried for one object: its own, and those of members before the caption."""
_LONGEST = 50_000
"""Characters of the longest object that is read."""
_DEPTH = 6
"""Levels of lists, objects and JSON in strings around the object."""


@dataclass(frozen=True)
class Reading:
    """What was found in a text."""

    caption: Caption | None = None
    whole: bool = False
    """Whether the object that holds it is complete; half a caption is shown, but never stored as it is."""
    closed: bool = False
    """Whether it is an object after which no other one begins and breaks off: the text came to its end."""


def read_text(text: str, *, plain: bool) -> Reading:
    """The caption in the text; ``plain``: where no object is in it, the text itself is the caption."""
    objects, rest = _objects_in(text)
    captions = [caption for caption in map(_caption, objects) if caption.text]
    if captions:
        valid = [caption for caption in captions if not caption.problems()]
        return Reading((valid or captions)[-1], whole=True, closed=rest is None)
    if rest is not None:
        value = _partial(rest)
        return Reading(_caption(value) if value else None)
    prose = without_wrapping(text)
    if plain and prose and prose[0] not in "{[" and COPY not in prose:
        return Reading(Caption.compose(prose, []), whole=True)
    return Reading()


def draft_in(text: str) -> tuple[str, list[str]]:
    """The caption and the hashtags in a text that is still being written, as far as they have arrived."""
    answer = without_wrapping(text)
    objects, rest = _objects_in(answer)
    value = _partial(rest) if rest is not None else objects[-1] if objects else None
    if value:
        return value[COPY], _tags(value)
    return ("" if not answer or answer[0] in '{[`"<' or COPY in answer else answer), []


_THOUGHTS = re.compile(r"<(think|thinking|thought|reasoning)>.*?(</\1>|\Z)", re.DOTALL | re.IGNORECASE)
_THOUGHTS_END = re.compile(r"</(think|thinking|thought|reasoning)>", re.IGNORECASE)
_FENCE = re.compile(r"\A```\w*\s*\n(.*?)\n?```\Z", re.DOTALL)


def without_wrapping(text: str) -> str:
    """The text without what a model thought before it, and without a fence around all of it."""
    text = _THOUGHTS.sub("", text)
    text = text[max((end.end() for end in _THOUGHTS_END.finditer(text)), default=0) :].strip().removeprefix("\ufeff")
    fenced = _FENCE.match(text)
    return fenced[1].strip() if fenced else text


# -- objects ---------------------------------------------------------------------------------------------------------


def _objects_in(text: str) -> tuple[list[JSON], str | None]:
    """The whole objects with a caption, in their order, and the text of one that begins after them and breaks off."""
    objects: list[JSON] = []
    rest, end = None, 0
    mentions = [match.start() for match in re.finditer(COPY, text)]
    for at in mentions[-_MOST_OBJECTS:]:
        if at < end:
            continue
        start, rest = at, None
        for _ in range(_MOST_STARTS):
            start = text.rfind("{", end, start)
            if start < 0:
                break
            rest = text[start:] if rest is None else rest
            value, after = _object_at(text, start) or _string_around(text, end, start) or (None, 0)
            if after > at and (holders := list(_holders(value))):
                objects += holders
                rest, end = None, after
                break
    return objects, rest


def _string_around(text: str, end: int, start: int) -> tuple[Any, int] | None:
    """The JSON string that began before ``start``, and where it ends: the object in it is escaped."""
    quote = text.rfind('"', end, start)
    try:
        return json.JSONDecoder(strict=False).raw_decode(text, quote) if quote >= 0 else None
    except (ValueError, RecursionError):
        return None


def _holders(value: Any, depth: int = 0) -> Iterator[JSON]:
    """The objects with a caption within a value, JSON in strings included."""
    if depth > _DEPTH:
        return
    if isinstance(value, str) and COPY in value and "{" in value:
        value = _loads(value)
        if isinstance(value, str):
            return
    if isinstance(value, dict):
        if isinstance(value.get(COPY), str):
            yield value
            return
        value = list(value.values())
    if isinstance(value, list):
        for item in value:
            yield from _holders(item, depth + 1)


_TOKEN = re.compile(
    r"""(?P<string>"[^"\\]*(?:\\.[^"\\]*)*"|'[^'\\]*(?:\\.[^'\\]*)*')
    |(?P<nothing>//[^\n]*|/\*.*?\*/|\#[^\n]*|\s+)
    |(?P<open>[{\[])|(?P<close>[}\]])|(?P<mark>[,:])
    |(?P<word>[^\s"'{}\[\],:/#\\]+)""",
    re.VERBOSE | re.DOTALL,
)
_WORDS = {"None": "null", "True": "true", "False": "false", "undefined": "null"}
_NUMBER_OR_LITERAL = re.compile(r"-?\d[\d.eE+-]*|null|true|false|-?Infinity|NaN")


def _object_at(text: str, start: int) -> tuple[Any, int] | None:
    """The object that begins at ``start``, and where it ends; None where it breaks off or is none.

    Comments and commas before a closing bracket are left out, ``\\'`` becomes ``'``, strings in single quotes,
    bare names and Python's literals are written as JSON writes them.
    """
    parts: list[str] = []
    depth, at = 0, start
    while match := _TOKEN.match(text, at, start + _LONGEST):
        at, token = match.end(), match[0]
        if match["string"]:
            parts.append(_string(token))
        elif match["word"]:
            token = _WORDS.get(token, token)
            parts.append(token if _NUMBER_OR_LITERAL.fullmatch(token) else json.dumps(token))
        elif match["mark"]:
            parts.append(token)
        elif match["open"]:
            depth += 1
            parts.append(token)
        elif match["close"]:
            depth -= 1
            if parts[-1] == ",":
                parts.pop()
            parts.append(token)
            if depth == 0:
                return _loads("".join(parts)), at
    return None


def _string(token: str) -> str:
    inner = re.sub(r"\\(.)", lambda pair: pair[0] if pair[1] in '"\\/bfnrtu' else pair[1], token[1:-1], flags=re.DOTALL)
    if token[0] == "'":
        inner = re.sub(r'(?<!\\)((?:\\\\)*)"', r'\1\\"', inner)
    return f'"{inner}"'


def _loads(text: str) -> Any:
    try:
        return json.loads(text, strict=False)
    except (ValueError, RecursionError):
        return None


def _partial(text: str) -> JSON | None:
    """The object that breaks off, where its caption has begun."""
    try:
        value = from_json(text, allow_partial="trailing-strings")
    except ValueError:
        return None
    return value if isinstance(value, dict) and isinstance(value.get(COPY), str) else None


def _caption(value: JSON) -> Caption:
    return Caption.compose(value[COPY], _tags(value))


def _tags(value: JSON) -> list[str]:
    tags = value.get(TAGS)
    items = [tags] if isinstance(tags, str) else tags if isinstance(tags, list) else []
    return [tag for tag in items if isinstance(tag, str)]
