"""The captions of sample rows."""

from __future__ import annotations

from lib.demo.samples.caption import LEAST, MOST
from lib.domain.brief import INPUTS
from lib.domain.caption import Caption
from lib.domain.findings import check
from tests.support.sample_rows import Row


def test_captions_are_of_several_lines_and_keep_instagrams_rules(rows: list[Row]) -> None:
    for row in rows:
        text = row["instagram_ad_copy"]
        assert LEAST <= len(text) <= MOST, text
        assert len(text.splitlines()) >= 5
        assert "\n\n\n" not in text
        assert "{" not in text
        lines = [line for line in text.splitlines() if line]
        assert len(set(lines)) == len(lines), text
    for row in rows[:300]:
        written = Caption(row["instagram_ad_copy"], tuple(row["hashtags"].split()))
        assert written.problems() == []


def test_hashtags_are_three_to_five_and_none_twice(rows: list[Row]) -> None:
    for row in rows:
        tags = row["hashtags"].split(" ")
        assert 3 <= len(set(tags)) == len(tags) <= 5, tags
        assert all(tag.startswith("#") and len(tag) > 1 for tag in tags)


def test_a_few_captions_name_another_price_than_their_brief_and_nothing_else_differs(rows: list[Row]) -> None:
    found = [
        check.check({name: row[name] for name in INPUTS}, row["instagram_ad_copy"], row["hashtags"])
        for row in rows[:300]
    ]
    assert {finding.code for findings in found for finding in findings} == {"fact_different"}
    assert 300 / 30 < sum(bool(findings) for findings in found) < 300 / 6
