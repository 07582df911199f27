"""Rules 7 and 8: how SQL is written, and where the text of a function lives."""

from __future__ import annotations

import ast
import re
import tomllib
from collections.abc import Iterator

from tests.support.architecture.tree import Offence, Tree

FROZEN = re.compile(r"lib/store/migrations/versions/000[1-6]_\w+\.py")
"""Revisions that were released, and stay as they ran."""

SQL = re.compile(
    r"\b(SELECT\b.*\bFROM|INSERT\s+INTO|DELETE\s+FROM|UPDATE\s+\S+\s+SET|SELECT\s*$|WITH\s+\w+\s+AS\s*\()",
    re.DOTALL,
)
LINTED = ("lib", "bench", "scripts", "pages", "tests")


def no_assembled_sql(tree: Tree) -> Iterator[Offence]:
    """Rule 7: no f-string holds SQL, and the linter's rule against it (S608) is switched off nowhere."""
    for module in tree.below("lib/"):
        if FROZEN.fullmatch(module.file):
            continue
        for node in ast.walk(module.syntax):
            if isinstance(node, ast.JoinedStr):
                text = "".join(str(part.value) if isinstance(part, ast.Constant) else "x" for part in node.values)
                if SQL.search(text):
                    yield Offence(module.file, "f-string", f"line {node.lineno}: bind values, or use SQLAlchemy Core")
        if "noqa: S608" in module.text:
            yield Offence(module.file, "noqa", "write the statement so that S608 does not have to be silenced")
    project = tree.root / "pyproject.toml"
    lint = tomllib.loads(project.read_text("utf-8"))["tool"]["ruff"]["lint"] if project.exists() else {}
    for files, ignored in lint.get("per-file-ignores", {}).items():
        if files.startswith("lib/") and {"S", "S6", "S608"} & set(ignored):
            yield Offence("pyproject.toml", files, "S608 is on everywhere in lib")


def functions_at_home(tree: Tree) -> Iterator[Offence]:
    """Rule 8, as far as files tell: a file a function, and no revision that imports another one.

    Whether a migrated database has the text of the files is asked of a database by
    ``tests/lib/store/test_functions.py``.
    """
    for file in sorted((tree.root / "lib/store/functions").glob("*.sql")):
        created = re.findall(r"CREATE (?:OR REPLACE )?FUNCTION\s+(\w+)", file.read_text("utf-8"))
        if created != [file.stem]:
            yield Offence(
                file.relative_to(tree.root).as_posix(),
                ", ".join(created) or "nothing",
                "name the file as its one function",
            )
    for module in tree.below("lib/store/migrations/versions/"):
        texts = [node.value for node in ast.walk(module.syntax) if isinstance(node, ast.Constant)]
        for name in (*module.imports, *(text for text in texts if isinstance(text, str))):
            if re.match(r"lib\.store\.migrations\.versions\b", name):
                yield Offence(module.file, name, "a revision stands alone: copy what it needs as it was then")
