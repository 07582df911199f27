"""The rules of the house by name."""

from __future__ import annotations

from collections.abc import Callable, Iterator

from tests.support.architecture import layers, shape, state, statements, vocabulary
from tests.support.architecture.tree import Offence, Tree

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
    "standing_docstrings": shape.standing_docstrings,
}
"""The first ten in the order of their numbers."""
