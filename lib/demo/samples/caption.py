"""The caption of one sample row and its hashtags, joined from the vocabulary's sentences.

``drawn`` are thirty random bits, of which different ones decide different things.
"""

from __future__ import annotations

from lib.demo.samples.texts import Kind, Opener, Piece, Product, Store, Vocabulary

LEAST, MOST = 150, 400
"""Characters of a caption."""

_STEPS_OF_9, _STEPS_OF_18 = (1, 2, 4, 5, 7, 8), (1, 5, 7, 11, 13, 17)
"""Steps through the 9 sentences of a kind and the 18 common ones that visit each before one comes again."""


def caption(
    words: Vocabulary,
    kind: Kind,
    store: Store,
    product: Product,
    opener: Opener,
    sentences: list[Piece],
    drawn: int,
    more: int,
) -> bytes:
    """A first line, sentences until it is long enough, where and how much, and a last line."""
    first = f"{opener.before}{product.forms[opener.particle]}{opener.after}".replace("{p}", store.place)
    emoji = kind.emoji
    lines = [first.encode() + (b" " + emoji[drawn % len(emoji)] if drawn & 8 else b""), b""]
    close = words.closes[more % len(words.closes)]
    end = []
    used = len(first) + close.characters + 12
    if drawn & 48:
        end.append(store.line.utf8)
        used += store.line.characters
    if drawn & 192:
        spec = kind.specs[more % len(kind.specs)]
        end.append(spec.utf8)
        used += spec.characters
    if end:
        end.append(b"")
    target = LEAST + 10 + (drawn >> 8) % 190
    body, step = drawn >> 3, more >> 2
    of_kind, of_common = _STEPS_OF_9[step % 6], _STEPS_OF_18[step // 6 % 6]
    at = 0
    while used < target or at < 2:
        variants = words.common[(body + at * of_common) % 18] if at % 2 else kind.body[(body + at * of_kind) % 9]
        sentence = variants[(step + at) % len(variants)]
        lines.append(sentence.utf8)
        used += sentence.characters + 1
        at += 1
        if at == 1:
            for extra in sentences:
                lines.append(extra.utf8)
                used += extra.characters + 1
        elif at == 3:
            lines.append(b"")
    if lines[-1]:
        lines.append(b"")
    lines += end
    lines.append(close.utf8 + (b" " + emoji[more % len(emoji)] if more & 4 else b""))
    return b"\n".join(lines)


def hashtags(words: Vocabulary, kind: Kind, store: Store, more: tuple[bytes, ...], drawn: int) -> bytes:
    """Three to five, none twice."""
    own, size = kind.tags, len(kind.tags)
    tags = [
        store.tags[drawn % len(store.tags)],
        own[(drawn >> 2) % size],
        own[((drawn >> 2) + 1 + (drawn >> 6) % (size - 1)) % size],
    ]
    if drawn & 1:
        tags.append(words.tags[(drawn >> 9) % len(words.tags)])
    return b" ".join([*tags, *more])
