"""The words that sample captions are joined from."""

from __future__ import annotations

from lib.demo.samples.texts import vocabulary
from lib.i18n.words import sections
from tests.support.sample_rows import Row

SEARCHED = ("instagram_ad_copy", "product_description", "refined_ad_copy_eng", "store_information")


def searched(row: Row) -> str:
    return "\n".join(row[name] for name in SEARCHED)


def test_the_vocabulary_is_wide(rows: list[Row]) -> None:
    assert len({line for row in rows for line in row["instagram_ad_copy"].splitlines()}) > 5000
    assert len({row["product_description"] for row in rows}) > 1000
    assert len({row["store_information"] for row in rows}) > 40
    assert any("ICE 아메리카노 500ml" in searched(row) for row in rows)


def test_tones_are_the_forms_presets_in_both_languages(rows: list[Row]) -> None:
    presets = {tone for preset in sections()["tone"].values() for tone in preset.values()}
    assert presets < {row["tone_style"] for row in rows}


def test_no_sample_text_needs_escaping() -> None:
    """Rows are joined from it without a look: in JSON inside JSON, and in what COPY reads."""
    words = vocabulary()
    sentences = [one for group in words.common for one in group] + [*words.closes, *words.thoughts]
    for kind in words.kinds:
        sentences += [one for group in kind.body for one in group] + [*kind.specs]
        sentences += [*kind.tags, *kind.copies, *kind.emoji]
        sentences += [told for name, descriptions in kind.products for told in (name, *descriptions)]
    sentences += [*(tone for tone, _ in words.tones), *words.wishes, *words.tags]
    forbidden = {'"', "\\", *map(chr, range(32))}
    assert not [text for text in sentences if forbidden & set(text)]
