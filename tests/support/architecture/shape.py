"""How large a folder gets, and rule 9: where a module's tests are."""

from __future__ import annotations

import ast
import re
from collections.abc import Iterator
from pathlib import Path

from tests.support.architecture.tree import Offence, Tree

MOST_ENTRIES = {"lib": 20, "lib/ui": 12}
MOST_PYTHON_FILES = 20
LEANING = re.compile(r"(?:It|Its|They|Their|Those|The same(?= (?:in|on|over|with|as|but|for)\b|[,.;:]))\b")
"""How a docstring begins that needs the one before it."""
TESTED_TOGETHER = ("lib/store/migrations/", "lib/store/tables/")
"""Each of their modules is a part of one schema, which is tested as a whole."""


def small_folders(tree: Tree) -> Iterator[Offence]:
    """At most 20 entries in ``lib``, 12 in ``lib/ui``, and 20 Python files in a folder of ``lib``, migrations aside."""
    for folder, most in MOST_ENTRIES.items():
        entries = [entry for entry in (tree.root / folder).glob("*") if entry.name != "__pycache__"]
        if len(entries) > most:
            yield Offence(folder, f"{len(entries)} entries", f"at most {most}; put what belongs together in one folder")
    for path in (tree.root / "lib", *filter(Path.is_dir, (tree.root / "lib").rglob("*"))):
        count = len(list(path.glob("*.py")))
        if count > MOST_PYTHON_FILES and path.name != "versions":
            folder = path.relative_to(tree.root).as_posix()
            yield Offence(folder, f"{count} Python files", f"at most {MOST_PYTHON_FILES}; split the folder by subject")


def mirrored_tests(tree: Tree) -> Iterator[Offence]:
    """Rule 9: the tests of ``lib/store/feeds.py`` are ``tests/lib/store/test_feeds.py``."""
    for module in tree.below("lib/", "pages/"):
        path = Path(module.file)
        if path.name == "__init__.py" or module.file.startswith(TESTED_TOGETHER):
            continue
        test = Path("tests", path.parent, f"test_{path.stem.lstrip('_')}.py")
        if not (tree.root / test).exists():
            yield Offence(module.file, "untested", f"write {test.as_posix()}")


def stated_purposes(tree: Tree) -> Iterator[Offence]:
    """Every module begins with a sentence on its purpose."""
    for module in tree.modules:
        if not (ast.get_docstring(module.syntax) or "").strip():
            yield Offence(module.file, "docstring", "begin the module with a sentence on its purpose")


def standing_docstrings(tree: Tree) -> Iterator[Offence]:
    """A public docstring names its thing: it can be read without its neighbours."""
    for module in tree.modules:
        for node in ast.walk(module.syntax):
            if isinstance(node, ast.FunctionDef | ast.AsyncFunctionDef | ast.ClassDef):
                match = LEANING.match(ast.get_docstring(node) or "")
                if match and not node.name.startswith("_"):
                    yield Offence(module.file, node.name, f"say what “{match[0].strip()}” is in its docstring")
