"""The caption in a model's text: the JSON object that was asked for, whatever stands around it or is slightly off.

Models think aloud before the object, fence it, repeat it, put it into a list or a string, add comments and commas.
The last whole object that has the asked-for members and passes Instagram's rules is the answer; what stands before it
are drafts, and what stands after it are remarks. Their names may be spelled in another way: ``instagramAdCopy``.
"""

from __future__ import annotations

import html
import json
import re
from collections.abc import Iterator
from dataclasses import dataclass
from typing import Any

from pydantic_core import from_json

from lib.domain.caption import Caption

JSON = dict[str, Any]

COPY, TAGS = "instagram_ad_copy", "hashtags"

MENTION = re.compile(r"instagram[\\_ -]{0,3}ad[\\_ -]{0,3}copy", re.IGNORECASE)
"""The name of the caption's member as models spell it, in Markdown with a backslash."""

LONGEST_ANSWER = 200_000
"""Characters of an answer that are read, from its end: ten times what thinking and a caption take."""
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
    if len(text) > LONGEST_ANSWER:
        text, plain = text[-LONGEST_ANSWER:], False
    if text.lstrip().startswith('"') and isinstance(inner := _loads(text), str):
        return read_text(inner, plain=plain)
    objects, rest = _objects_in(text)
    for value in objects:
        if value[TAGS] is None:
            value[TAGS] = _tags_beside(text)
    captions = [caption for caption in map(_caption, objects) if caption.text]
    if captions:
        # A placeholder ("...") shows the form, and is no caption beside one.
        spoken = [caption for caption in captions if re.search(r"\w", caption.text)] or captions
        valid = [caption for caption in spoken if not caption.problems()]
        return Reading((valid or spoken)[-1], whole=True, closed=rest is None)
    if _QUOTE_ENTITY.search(text):
        return read_text(html.unescape(text), plain=plain)
    if rest is not None:
        partial = _partial(rest)
        return Reading(_caption(partial) if partial else None)
    prose = without_wrapping(text)
    if plain and prose and prose[0] not in "{[" and not MENTION.search(prose):
        return Reading(Caption.compose(prose, []), whole=True)
    return Reading()


_QUOTE_ENTITY = re.compile("&(quot|#34|#x22);", re.IGNORECASE)


def draft_in(text: str) -> tuple[str, list[str]]:
    """The caption and the hashtags in a text that is still being written, as far as they have arrived."""
    answer = without_wrapping(text)
    objects, rest = _objects_in(answer)
    value = _partial(rest) if rest is not None else objects[-1] if objects else None
    if value:
        return value[COPY], _tags(value)
    return ("" if not answer or answer[0] in '{[`"<' or MENTION.search(answer) else answer), []


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
    mentions = [match.start() for match in MENTION.finditer(text)]
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
    if isinstance(value, str) and "{" in value and MENTION.search(value):
        yield from _holders(_loads(value), depth + 1)
    if isinstance(value, dict):
        if holder := _holder(value):
            yield holder
            return
        value = list(value.values())
    if isinstance(value, list):
        for item in value:
            yield from _holders(item, depth + 1)


_TAGS_NAME = re.compile(r"hash[\W_]?tags?", re.IGNORECASE)
_TEXT_NAMES = ("text", "caption", "content", "value", "copy", "body")
"""How models call the text of a caption, or of a tag, that they make an object of."""


def _holder(value: JSON) -> JSON | None:
    """The object's caption and hashtags under their own names; None where it has no caption."""
    caption = next((text for item in _named(value, MENTION) if (text := _caption_text(item)) is not None), None)
    return None if caption is None else {COPY: caption, TAGS: next(_named(value, _TAGS_NAME), None)}


def _named(value: JSON, pattern: re.Pattern[str]) -> Iterator[Any]:
    """The members with this name, then those whose names contain it, the last first: models correct themselves."""
    exact = [item for name, item in value.items() if pattern.fullmatch(name.strip())]
    near = [item for name, item in value.items() if pattern.search(name) and not isinstance(item, int | float)]
    yield from (*exact, *reversed(near))


def _caption_text(value: Any) -> str | None:
    if isinstance(value, list) and value and all(isinstance(line, str) for line in value):
        return "\n".join(value)
    if isinstance(value, dict):
        value = next(filter(None, map(value.get, _TEXT_NAMES)), None)
    return value if isinstance(value, str) else None


_STRINGS = (r'"[^"\\]*(?:\\.[^"\\]*)*"', r'"(?:[^"\\]|\\.|"(?!\s*[,:}\]]))*"')
"""A string as JSON has it, and one in which quotes stand that should have been escaped."""
_TOKENS = tuple(
    re.compile(
        rf"""(?P<string>\"{{3}}.*?\"{{3}}|{string}|'{{3}}.*?'{{3}}|'[^'\\]*(?:\\.[^'\\]*)*'|[“„”][^“”]*[“”]|`[^`]*`)
    |(?P<nothing>//[^\n]*|/\*.*?\*/|\#[^\n]*|\+(?=\s*[“„"'`])|\*|[\s\u200b\u2060\ufeff]+)
    |(?P<open>[{{\[(])|(?P<close>[}}\])])|(?P<mark>=>|[,:;=，、：；])
    |(?P<word>[^\s"'“„”`{{}}\[\](),:;=，、：；/#\\*]+)""",
        re.VERBOSE | re.DOTALL,
    )
    for string in _STRINGS
)
_MARKS = {"=>": ":", "=": ":", "：": ":", "，": ",", "、": ",", "；": ",", ";": ",", "(": "[", ")": "]"}
"""The signs of other languages as JSON has them."""
_WORDS = {"None": "null", "True": "true", "False": "false", "undefined": "null"}
_NUMBER_OR_LITERAL = re.compile(r"-?\d[\d.eE+-]*|null|true|false|-?Infinity|NaN")


def _object_at(text: str, start: int) -> tuple[Any, int] | None:
    """The object that begins at ``start``, and where it ends; None where it breaks off or is none.

    Comments and commas before a closing bracket are left out, missing commas are put in, ``\\'`` becomes ``'``, strings
    in other quotes or in pieces, bare names, tuples and Python's literals are written as JSON writes them, quotes
    within a text escaped.
    """
    objects = (_object_of(tokens, text, start) for tokens in _TOKENS)
    return next((value for value in objects if value and value[0] is not None), None)


def _object_of(tokens: re.Pattern[str], text: str, start: int) -> tuple[Any, int] | None:
    parts: list[str] = []
    around: list[str] = []  # the brackets that are open
    at = start
    while match := tokens.match(text, at, start + _LONGEST):
        at, token = match.end(), match[0]
        token = _MARKS.get(token, token)
        is_value = match["string"] or match["word"] or match["open"]
        if is_value and parts and parts[-1] not in "{[,:":
            is_second_half = match["string"] and around[-1] == "{" and parts[-1][-1] == '"'
            if is_second_half and not _COLON.match(text, at):  # "one " + "two"
                parts[-1] = parts[-1][:-1] + _string(token)[1:]
                continue
            parts.append(",")
        if match["string"]:
            parts.append(_string(token))
        elif match["word"]:
            token = _WORDS.get(token, token)
            parts.append(token if _NUMBER_OR_LITERAL.fullmatch(token) else json.dumps(token))
        elif match["mark"]:
            parts.append(token)
        elif match["open"]:
            around.append(token)
            parts.append(token)
        elif match["close"]:
            around.pop()
            if parts[-1] == ",":
                parts.pop()
            parts.append(token)
            if not around:
                return _loads("".join(parts)), at
    return None


_COLON = re.compile(r"\s*(?:=>|[:=：])")
_ESCAPE = re.compile(r"\\(?:u[0-9a-fA-F]{4}|.)", re.DOTALL)
_KEPT_ESCAPE = re.compile(r'\\(?:u[0-9a-fA-F]{4}|["\\/bfnrt])')


def _string(token: str) -> str:
    quotes = 3 if len(token) >= 6 and token[:3] in ('"""', "'''") else 1
    inner = token[quotes:-quotes]
    inner = _ESCAPE.sub(lambda pair: pair[0] if _KEPT_ESCAPE.fullmatch(pair[0]) else pair[0][1:], inner)
    if '"' in inner:
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
    return _holder(value) if isinstance(value, dict) else None


def _caption(value: JSON) -> Caption:
    return Caption.compose(value[COPY], _tags(value))


def _tags(value: JSON) -> list[str]:
    return list(_tag_texts(value.get(TAGS)))


_TAGS_BEGIN = re.compile(_TAGS_NAME.pattern + r"""["'”`]?\s*[:=：]\s*(?=\[)""", re.IGNORECASE)


def _tags_beside(text: str) -> Any:
    """The last list of hashtags in the text, for a caption whose own object has none."""
    start = max((match.end() for match in _TAGS_BEGIN.finditer(text)), default=None)
    listed = None if start is None else _object_at(text, start)
    return listed[0] if listed else None


def _tag_texts(value: Any, depth: int = 0) -> Iterator[str]:
    """The tags in a text, in a list as text, or in lists and objects."""
    if isinstance(value, str):
        listed = _object_at(value, start) if depth == 0 and (start := value.find("[")) >= 0 else None
        yield from _tag_texts(listed[0], depth + 1) if listed else (value,)
    elif depth < _DEPTH and isinstance(value, dict):
        texts = [value[name] for name in ("tag", "name", *_TEXT_NAMES) if isinstance(value.get(name), str)]
        yield from texts[:1] or (tag for item in value.values() for tag in _tag_texts(item, depth + 1))
    elif depth < _DEPTH and isinstance(value, list):
        yield from (tag for item in value for tag in _tag_texts(item, depth + 1))
