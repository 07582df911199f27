"""A caption shown as the post it will be: account, picture, fold, colours, counters, and buttons that copy it.

What a text contains is shown as text: the browser's half (``preview.js``) makes text nodes only and fetches nothing.
"""

from __future__ import annotations

import base64
import hashlib
import io
import struct
import zlib
from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import Any, Literal

import streamlit as st
from PIL import Image, ImageOps

from lib.domain.caption import MAX_CHARACTERS, MAX_HASHTAGS, MAX_MENTIONS, Caption
from lib.domain.feed_fold import FOLD_LINES, LINE_SYLLABLES, fold
from lib.domain.hashtags import parts

State = Literal["writing", "done", "empty"]
"""Text is still coming: no fold, a caret; a caption; nothing to show yet, and the words that say so."""

WORDS = (
    "label",  # the name of the whole preview, for screen readers
    "empty",  # where the caption will stand
    "picture",  # what the picture is, for screen readers
    "more",
    "less",
    "folded_here",  # beside the open caption: what the line across it means
    "parked",  # why these hashtags stand apart
    "characters",
    "hashtags",
    "mentions",
    "near",  # said beside a counter that is close to its limit
    "full",  # said beside a counter that is at its limit
    "over",  # said beside a counter that is beyond it
    "twice",  # why a counter of characters warns although it shows few: an emoji counts as two
    "copy_caption",
    "copy_tags",
    "copy_both",
    "copy_link",
    "copied",
    "copy_failed",
)
"""Every word the preview says, by the name it is asked for."""

NEAR = 0.9
"""The share of a limit from which a counter warns."""

MOST_FILE_MB = 10
"""Megabytes of a picture that may be uploaded."""
MAX_SIDE = 720
"""Pixels of a picture's longer side: enough for a sharp preview on a phone's screen."""
MAX_PIXELS = {"JPEG": 64_000_000, "MPO": 64_000_000} | dict.fromkeys(
    ("PNG", "WEBP", "GIF", "AVIF", "TIFF", "BMP", "JPEG2000"), 25_000_000
)
"""The formats that are read, and the most pixels of each: what unpacking may cost. JPEG unpacks at reduced size, and so
does MPO, a JPEG of several pictures as phones make them (CIPA DC-007)."""
_HEIC_BRANDS = (b"heic", b"heix", b"hevc", b"hevx", b"heim", b"heis", b"mif1", b"msf1")

_SENDS = 3

_FOLDER = Path(__file__).parent
_component = st.components.v2.component(
    "feed_studio_preview",
    html=(_FOLDER / "post_preview.html").read_text("utf-8"),
    css=(_FOLDER / "post_preview.css").read_text("utf-8"),
    js=(_FOLDER / "post_preview.js").read_text("utf-8"),
)


@dataclass(frozen=True)
class Post:
    """What is shown. ``image`` is a data URL from :func:`image_data_url`; ``badge`` is printed on the picture.

    ``written_by`` names what writes it: the run and, after a slash, the variant. A narrow screen is scrolled to a run
    that begins to be written, once, and a caption that was seen being written stays unfolded. ``link`` is the post's
    address in this app, from the slash on, to be copied.
    """

    account: str
    caption: Caption
    state: State = "done"
    image: str | None = None
    badge: str | None = None
    written_by: str | None = None
    link: str | None = None


def show(post: Post, words: Mapping[str, str], *, key: str) -> None:
    """Draw the post, or update the one drawn under this key: cheap enough for several times a second.

    ``words`` has every name of :data:`WORDS`. Streamlit allows a key once in a run of the script or of a fragment, so
    text that grows is shown from a fragment that runs again and again. The fold stays open through updates.
    """
    _component(data=as_data(post, words) | {"picture": _picture(post, key)}, key=key)


def as_data(post: Post, words: Mapping[str, str]) -> dict[str, Any]:
    """What the browser's half is told of a post, without its picture; a missing word is a ``KeyError``."""
    caption, whole = post.caption, post.caption.assembled
    visible = whole if post.state != "done" else fold(whole, lead=post.account).visible.rstrip()
    shown, rest = _split(whole, len(visible))
    return {
        "account": post.account,
        "state": post.state,
        "badge": post.badge,
        "written_by": post.written_by,
        "fold": {"lines": FOLD_LINES, "syllables": LINE_SYLLABLES},
        "shown": shown,
        "rest": rest,
        "parked": [f"#{tag}" for tag in caption.parked],
        "counters": _counters(caption, words),
        "copy": {"caption": caption.text, "tags": caption.hashtag_field, "both": whole, "link": post.link},
        "words": {name: words[name] for name in WORDS},
    }


def _split(text: str, at: int) -> tuple[list[tuple[str, str]], list[tuple[str, str]]]:
    """The text's coloured parts before and from a position; a hashtag that the fold cuts keeps its colour."""
    shown: list[tuple[str, str]] = []
    rest: list[tuple[str, str]] = []
    for part in parts(text):
        before, after = part.text[: max(at, 0)], part.text[max(at, 0) :]
        if before:
            shown.append((part.kind, before))
        if after:
            rest.append((part.kind, after))
        at -= len(part.text)
    return shown, rest


def _counters(caption: Caption, words: Mapping[str, str]) -> list[dict[str, str]]:
    """Each limit with how much of it is used; characters are judged by UTF-16 units, as Instagram may count them."""
    counts = caption.counts
    used = [
        ("characters", counts.characters, max(counts.characters, counts.utf16_units), MAX_CHARACTERS),
        ("hashtags", counts.hashtags, counts.hashtags, MAX_HASHTAGS),
    ]
    if counts.mentions:
        used.append(("mentions", counts.mentions, counts.mentions, MAX_MENTIONS))
    counters = []
    for name, seen, judged, most in used:
        said = "over" if judged > most else "full" if judged == most else "near" if judged >= NEAR * most else None
        if name == "hashtags" and said != "over":
            said = None  # five are as good as four: a warning on every good caption is soon not seen any more
        texts = [f"{words[name]} {seen:,} / {most:,}"]
        if said:
            texts.append(words[said])
            if judged > seen:
                texts.append(words["twice"])
        level = "ok" if said is None else "over" if said == "over" else "near"
        counters.append({"level": level, "text": " · ".join(texts)})
    return counters


def _picture(post: Post, key: str) -> dict[str, str | None] | None:
    """The picture's id, and the picture itself unless the browser has had several chances to keep it already.

    A picture is a hundred times the text's size, and while text is being written it goes out several times a second.
    """
    if post.image is None:
        return None
    picture = hashlib.sha256(post.image.encode()).hexdigest()[:16]
    sent = st.session_state.setdefault(f"{key}.picture", {})
    sent[picture] = sent.get(picture, 0) + 1
    spare = post.state == "writing" and sent[picture] > _SENDS
    return {"id": picture, "url": None if spare else post.image}


def image_data_url(upload: bytes) -> str | None:
    """An uploaded picture as a small JPEG in a data URL, upright, without its metadata; None when it is none.

    Also None for pictures beyond :data:`MAX_PIXELS`. Of several pictures in a file it is the first; transparency turns
    white.
    """
    Image.init()
    formats = [name for name in MAX_PIXELS if name in Image.OPEN]  # AVIF depends on how Pillow was built
    try:
        with Image.open(io.BytesIO(upload), formats=formats) as picture:
            if picture.width * picture.height > MAX_PIXELS[picture.format or ""]:
                return None
            picture.draft("RGB", (2 * MAX_SIDE, 2 * MAX_SIDE))
            upright = ImageOps.exif_transpose(picture.convert("RGBA"))
            upright.thumbnail((MAX_SIDE, MAX_SIDE))
    except _UNREADABLE:
        return None
    flat = Image.new("RGB", upright.size, "white")
    flat.paste(upright, mask=upright)
    jpeg = io.BytesIO()
    flat.save(jpeg, "JPEG", quality=82, optimize=True)
    return "data:image/jpeg;base64," + base64.b64encode(jpeg.getvalue()).decode("ascii")


def is_heic(upload: bytes) -> bool:
    """Whether the file is a picture of an iPhone in HEIC, which Pillow cannot open (ISO/IEC 23008-12, file brands)."""
    return upload[4:8] == b"ftyp" and upload[8:12] in _HEIC_BRANDS


_UNREADABLE = (
    OSError,  # with Pillow's own UnidentifiedImageError
    ValueError,
    SyntaxError,
    TypeError,
    LookupError,
    ArithmeticError,
    EOFError,
    RuntimeError,
    UserWarning,  # where warnings are errors
    struct.error,
    zlib.error,
    Image.DecompressionBombError,
    Image.DecompressionBombWarning,
)
"""What Pillow's readers raise on files that are no pictures, or broken ones."""
