"""What the documents name exists."""

from __future__ import annotations

import re
from pathlib import Path

import pytest

from tests.support.project import ROOT

DOCUMENTS = sorted({*ROOT.glob("*.md"), *(ROOT / "docs").rglob("*.md")})
PATHS = re.compile(r"`((?:lib|tests|docs|pages|scripts|bench)/[\w./-]+|app\.py)`")
LINKS = re.compile(r"\]\((?!https?:)([^)#]+)")


def named(document: Path) -> str:
    return document.relative_to(ROOT).as_posix()


@pytest.mark.parametrize("document", DOCUMENTS, ids=named)
def test_each_path_that_a_document_names_exists(document: Path) -> None:
    text = document.read_text("utf-8")
    missing = [path for path in PATHS.findall(text) if not (ROOT / path).exists()]
    missing += [link for link in LINKS.findall(text) if not (document.parent / link).exists()]
    assert not missing, f"{named(document)} names {', '.join(missing)}"


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
