"""What the documents name exists."""

from __future__ import annotations

import re
from pathlib import Path

import pytest

from tests.support.project import ROOT

DOCUMENTS = sorted({*ROOT.glob("*.md"), *(ROOT / "docs").rglob("*.md")})
PATHS = re.compile(r"`((?:lib|tests|docs|pages|scripts|bench)/[\w./-]+|app\.py)`")
COMMANDS = re.compile(r"\bmake ([a-z]+)")
MODULES = re.compile(r"python -m ([\w.]+)")
NAMES = re.compile(r"\b((?:OPENAI|FEED_STUDIO|DATABASE)_[A-Z_]+|studio_[a-z_]+)\b")
"""Settings, and tables and functions of the database."""
LINKS = re.compile(r"\]\((?!https?:)([^)#]+)")
TARGETS = set(re.findall(r"^([a-z]+):", (ROOT / "Makefile").read_text("utf-8"), re.MULTILINE))
NAMED = {
    name
    for file in [*(ROOT / "lib").rglob("*.py"), *(ROOT / "lib").rglob("*.sql"), ROOT / "Makefile"]
    for name in NAMES.findall(file.read_text("utf-8"))
} | set(re.findall(r"\$(\w+)", (ROOT / "README.md").read_text("utf-8")))
"""With the variables of the README's own commands."""


def named(document: Path) -> str:
    return document.relative_to(ROOT).as_posix()


@pytest.mark.parametrize("document", DOCUMENTS, ids=named)
def test_each_path_that_a_document_names_exists(document: Path) -> None:
    text = document.read_text("utf-8")
    missing = [path for path in PATHS.findall(text) if not (ROOT / path).exists()]
    missing += [link for link in LINKS.findall(text) if not (document.parent / link).exists()]
    assert not missing, f"{named(document)} names {', '.join(missing)}"


@pytest.mark.parametrize("document", DOCUMENTS, ids=named)
def test_each_command_setting_and_table_that_a_document_names_exists(document: Path) -> None:
    code = "\n".join(re.findall(r"```.*?```|`[^`\n]+`", document.read_text("utf-8"), re.DOTALL))
    missing = [f"make {target}" for target in COMMANDS.findall(code) if target not in TARGETS]
    missing += [f"python -m {module}" for module in MODULES.findall(code) if not is_runnable(module)]
    missing += [name for name in NAMES.findall(code) if name not in NAMED]
    assert not missing, f"{named(document)} names {', '.join(missing)}"


def is_runnable(module: str) -> bool:
    path = ROOT / module.replace(".", "/")
    return path.with_suffix(".py").exists() or (path / "__main__.py").exists()


def test_the_index_lists_every_decision() -> None:
    folder = ROOT / "docs/decisions"
    index = (folder / "README.md").read_text("utf-8")
    listed = dict(re.findall(r"^- \[(\d{4})\]\((\d{4}-[\w-]+\.md)\)", index, re.MULTILINE))
    files = sorted(path.name for path in folder.glob("[0-9]*.md"))
    assert sorted(listed.values()) == files
    assert [name[:4] for name in files] == [f"{number:04}" for number in range(1, len(files) + 1)]
    for name in files:
        text = (folder / name).read_text("utf-8")
        assert re.match(r"# .+\n\n\d{4}-\d{2}\n\n\*\*Chosen\.\*\* ", text), name
