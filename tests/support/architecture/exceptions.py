"""Where the code breaks a rule still: the lines of ``exceptions.txt``, which only ever become fewer.

``python -m tests.support.architecture.exceptions`` strikes off the lines that are not needed any more.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable, Iterator
from pathlib import Path

from tests.support.architecture import layers, shape, state, statements, vocabulary
from tests.support.architecture.tree import Offence, Tree
from tests.support.project import ROOT

FILE = Path(__file__).with_suffix(".txt")

RULES: dict[str, Callable[[Tree], Iterator[Offence]]] = {
    "downward": layers.downward,
    "separate_doors": layers.separate_doors,
    "written_use_cases": layers.written_use_cases,
    "pages_apart": layers.pages_apart,
    "owned_state": state.owned_state,
    "read_only_doors": state.read_only_doors,
    "no_assembled_sql": statements.no_assembled_sql,
    "functions_at_home": statements.functions_at_home,
    "mirrored_tests": shape.mirrored_tests,
    "one_word": vocabulary.one_word,
    "small_folders": shape.small_folders,
    "stated_purposes": shape.stated_purposes,
}
"""Each rule under the name that ``exceptions.txt`` uses; the first ten in the order of their numbers."""


def line_of(rule: str, offence: Offence) -> str:
    """The line of ``exceptions.txt`` that allows an offence."""
    return f"{rule} {offence.file} {offence.name}"


def allowed(rule: str) -> list[str]:
    """The lines of ``exceptions.txt`` for one rule."""
    return [line for line in _lines() if line.startswith(f"{rule} ")]


def strike_off(tree: Tree) -> list[str]:
    """Remove the lines that no offence needs any more, and return them."""
    needed = {line_of(rule, offence) for rule, find in RULES.items() for offence in find(tree)}
    stale = [line for line in _lines() if line not in needed]
    _write(line for line in FILE.read_text("utf-8").splitlines() if line not in stale)
    return stale


def _lines() -> list[str]:
    lines = FILE.read_text("utf-8").splitlines() if FILE.exists() else []
    return [line for line in lines if line and not line.startswith("#")]


def _write(lines: Iterable[str]) -> None:
    FILE.write_text("".join(f"{line}\n" for line in lines), "utf-8")


if __name__ == "__main__":
    print("\n".join(strike_off(Tree(ROOT))) or "Every line is still needed.")
