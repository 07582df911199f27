"""The project's own Python files as syntax trees, for tests about what the code says."""

from __future__ import annotations

import ast
from collections.abc import Iterator
from pathlib import Path

from tests.support.project import ROOT


def trees() -> Iterator[tuple[Path, ast.Module]]:
    """Every Python file of the app, with its syntax tree."""
    for path in [ROOT / "app.py", *sorted((ROOT / "lib").rglob("*.py")), *sorted((ROOT / "pages").rglob("*.py"))]:
        yield path, ast.parse(path.read_text(encoding="utf-8"))


def calls(*names: str) -> Iterator[tuple[str, str, ast.Call]]:
    """The place (``file:line``), the name and the node of every call of these functions, also through a module."""
    for path, tree in trees():
        for node in ast.walk(tree):
            if isinstance(node, ast.Call):
                called = node.func
                name = called.id if isinstance(called, ast.Name) else getattr(called, "attr", "")
                if name in names:
                    yield f"{path.relative_to(ROOT)}:{node.lineno}", name, node


def keywords(call: ast.Call) -> set[str]:
    """The names of the keyword arguments of a call."""
    return {keyword.arg for keyword in call.keywords if keyword.arg}


def literal(node: ast.expr) -> str | None:
    """The string that a node is, if it is one."""
    return node.value if isinstance(node, ast.Constant) and isinstance(node.value, str) else None
