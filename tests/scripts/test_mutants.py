"""The mistakes that are planted: each changes its file, and those that once passed are among them."""

from __future__ import annotations

import ast

from scripts.mutants import EQUIVALENT, NAMED, ROOT, mutants


def test_each_mistake_changes_one_place_and_can_be_run() -> None:
    planted = mutants()
    assert len(planted) > 150
    assert len({mutant.name for mutant in planted}) > 0.9 * len(planted)
    for mutant in planted:
        assert mutant.text != (ROOT / mutant.file).read_text("utf-8"), mutant.name
        if mutant.file.endswith(".py"):
            ast.parse(mutant.text)


def test_what_once_passed_unseen_is_planted_first() -> None:
    first = [mutant.name for mutant in mutants()[: len(NAMED)]]
    assert sorted(name for name in NAMED if any(each.startswith(name) for each in first)) == sorted(NAMED)


def test_what_counts_as_no_mistake_is_still_there() -> None:
    for file, end in EQUIVALENT:
        lines = (ROOT / file).read_text("utf-8").splitlines()
        assert [line for line in lines if "tenant_id" in line and line.endswith(end)], end
