"""Rule 10: one word for one thing. These names do not occur as identifiers in ``lib``."""

from __future__ import annotations

import ast
import re
from collections.abc import Iterator
from pathlib import Path

from tests.support.architecture.tree import Module, Offence, Tree

EVERYWHERE = {
    "here": "studio",
    "told": "what it is: text, body, value, label, params",
    **dict.fromkeys(
        ("asked", "wanted", "begun", "known", "found", "kept", "one"),
        "the noun: generation, filters, prepared, existing, rows, stored",
    ),
    "begin": "prepare",
    "carry_out": "execute",
    "settlement": "outcome",
    "hold": "lock",
    "forget": "delete or invalidate",
    "favour": "set_favourite",
    "recognise": "authenticate",
    "measures": "periods, totals or latency_histogram",
    "outlook": "forecast",
    "Facet": "Dimension",
    "Slot": "Granularity",
    "cut": "granularity",
    "Moment": "Bucket",
    "decide": "save_settings",
    "turn": "lock",
    "wait_for_turn": "acquire_lock",
    "EDITION": "COUNTING_VERSION",
    "patience": "statement_timeout",
    "PAUSES_S": "RETRY_DELAYS_S",
    "whereabouts": "scroll_to_top",
    "leaving": "open_url",
    "live": "live_text",
    "marks": "marked_text",
    "field_problems": "field_errors",
    "moments": "format_dates",
    "storekeeper": "recovery_worker",
    "find_out": "fetch_stored_answers",
    "quickly": "run_in_db_thread",
    "take_place": "slot()",
}
"""Name that is not used anywhere -> name that is."""

ONLY_IN = {
    "start": ("submit", ("lib/generation/",)),
    "finish": ("store", ("lib/generation/",)),
    "require": ("require_scope", ("lib/access/", "lib/store/api_keys", "lib/api/")),
    "make": ("create_key", ("lib/access/", "lib/store/api_keys", "lib/cli")),
    "written": ("cache_write_tokens", ("lib/domain/totals", "lib/metrics/", "lib/store/metrics/", "lib/ui/metrics/")),
    "unused": ("without_usage", ("lib/domain/totals", "lib/metrics/", "lib/store/metrics/", "lib/ui/metrics/")),
    "cells": ("daily_totals", ("lib/metrics/", "lib/store/metrics/")),
    "facts": ("counted_rows", ("lib/metrics/", "lib/store/metrics/")),
}
"""Name -> what to say instead, and where: elsewhere the name means something else."""

PUBLISHED = {"lib/domain/experiments/evidence.py": ("known",), "lib/api/metrics.py": ("kept",)}
"""Names that other programs use: ``lib.experiments.verdict(won, lost)`` has ``e`` and ``known``, and in the JSON of
``/api/v1/metrics`` *kept* captions are those that were approved or posted."""


def one_word(tree: Tree) -> Iterator[Offence]:
    """Rule 10: no variable, parameter, function, class, field or module has a name of the tables above."""
    for module in tree.below("lib/"):
        if re.match(r"lib/store/migrations/versions/", module.file):
            continue
        names = {Path(module.file).stem, *_bound(module)}
        for name in sorted((names & EVERYWHERE.keys()).difference(PUBLISHED.get(module.file, ()))):
            yield Offence(module.file, name, f"say {EVERYWHERE[name]}")
        for name in sorted(names & ONLY_IN.keys()):
            word, places = ONLY_IN[name]
            if module.file.startswith(places):
                yield Offence(module.file, name, f"say {word}")


def _bound(module: Module) -> Iterator[str]:
    for node in ast.walk(module.syntax):
        match node:
            case ast.Name(id=name, ctx=ast.Store()) | ast.arg(arg=name) | ast.Attribute(attr=name, ctx=ast.Store()):
                yield name
            case ast.FunctionDef(name=name) | ast.AsyncFunctionDef(name=name) | ast.ClassDef(name=name):
                yield name
            case ast.alias(name=name, asname=alias):
                yield alias or name.rpartition(".")[2]
            case ast.ExceptHandler(name=str(name)) | ast.MatchAs(name=str(name)) | ast.MatchStar(name=str(name)):
                yield name
            case ast.keyword(arg=str(name)):
                yield name
