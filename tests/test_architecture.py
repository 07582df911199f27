"""The rules of the house hold, and each of them names the file that breaks it."""

from __future__ import annotations

import re
import subprocess
from pathlib import Path

import pytest

from tests.support.architecture.rules import RULES
from tests.support.architecture.tree import Tree
from tests.support.project import ROOT

FORBIDDEN_TEXT = r"files\.pythonhosted|pypi\.org|registry\.npmjs|deb\.debian\.org|(^|[^A-Za-z0-9_.])/(home|root|Users)/"
"""Hosts of package registries, and absolute paths of somebody's machine, as ``git grep -E`` reads them."""

PROJECT = Tree(ROOT)

PLANTED = [
    ("downward", "lib/domain/brief.py", "from lib.store import feeds", "lib.store.feeds"),
    (
        "downward",
        "lib/store/feeds.py",
        "def add():\n    from lib.generation.submit import submit",
        "lib.generation.submit.submit",
    ),
    ("downward", "lib/domain/brief.py", "import subprocess", "subprocess"),
    ("downward", "lib/store/feeds.py", "import streamlit as st", "streamlit"),
    ("downward", "lib/api/health.py", "import os\nPORT = os.environ['PORT']", "os.environ"),
    ("downward", "lib/elsewhere/feeds.py", "", "elsewhere"),
    ("separate_doors", "lib/api/responses.py", "from lib.ui.core import words", "lib.ui.core.words"),
    ("separate_doors", "lib/cli.py", "from lib.api.application import app", "lib.api.application.app"),
    ("written_use_cases", "lib/metrics/service.py", "from lib.exports import formats", "lib.exports.formats"),
    ("pages_apart", "lib/ui/history/detail.py", "from lib.ui.generate import result", "lib.ui.generate.result"),
    ("pages_apart", "lib/ui/core/cache.py", "from lib.ui.shell import frame", "lib.ui.shell.frame"),
    ("pages_apart", "pages/history.py", "from lib.ui.shell import frame", "lib.ui.shell.frame"),
    ("owned_state", "lib/ui/jobs/job.py", "import streamlit as st\njob = st.query_params.get('job')", "query_params"),
    ("no_assembled_sql", "lib/store/feeds.py", "LIST = f'SELECT {names} FROM instagram_feeds'", "f-string"),
    ("no_assembled_sql", "lib/store/feeds.py", "STATEMENT = words  # noqa" + ": S608", "noqa"),
    (
        "no_assembled_sql",
        "pyproject.toml",
        "[tool.ruff.lint]\nper-file-ignores = {'lib/store/*' = ['S608']}",
        "lib/store/*",
    ),
    ("functions_at_home", "lib/store/functions/studio_a.sql", "CREATE FUNCTION studio_b() RETURNS trigger", "studio_b"),
    (
        "functions_at_home",
        "lib/store/migrations/versions/0099_more.py",
        "import_module('lib.store.migrations.versions.0003_history')",
        "lib.store.migrations.versions.0003_history",
    ),
    ("mirrored_tests", "lib/store/votes.py", "", "untested"),
    ("one_word", "lib/store/feeds.py", "told = 1", "told"),
    ("one_word", "lib/store/feeds.py", "def add(here): ...", "here"),
    ("one_word", "lib/store/feeds.py", "class Row:\n    kept: int", "kept"),
    ("one_word", "lib/ui/core/moments.py", "", "moments"),
    ("one_word", "lib/generation/submit.py", "def start(): ...", "start"),
    ("stated_purposes", "lib/store/feeds.py", "import uuid", "docstring"),
    ("standing_docstrings", "lib/store/feeds.py", "def add():\n    'The same, for one row.'", "add"),
]


@pytest.mark.parametrize("rule", RULES)
def test_the_project_keeps_the_rule(rule: str) -> None:
    offences = "\n".join(map(str, RULES[rule](PROJECT)))
    assert not offences, f"{RULES[rule].__doc__}\n{offences}"


def plant(root: Path, file: str, text: str) -> None:
    (root / file).parent.mkdir(parents=True, exist_ok=True)
    (root / file).write_text(text, encoding="utf-8")


@pytest.mark.parametrize(
    ("rule", "file", "text", "name"), PLANTED, ids=lambda value: value.splitlines()[0] if value else "-"
)
def test_each_rule_names_the_planted_offence(tmp_path: Path, rule: str, file: str, text: str, name: str) -> None:
    plant(tmp_path, file, text)
    assert [(offence.file, offence.name) for offence in RULES[rule](Tree(tmp_path))] == [(file, name)]


def test_a_session_key_of_two_files_is_named_in_both(tmp_path: Path) -> None:
    plant(tmp_path, "lib/ui/core/session.py", "import streamlit as st\nKEY = 'draft'\nst.session_state.pop(KEY, None)")
    plant(tmp_path, "lib/ui/history/listing.py", "import streamlit as st\nst.button('Save', key='draft')")
    plant(tmp_path, "lib/ui/history/pager.py", "import streamlit as st\nst.session_state['page'] = 'draft'")
    offences = RULES["owned_state"](Tree(tmp_path))
    assert [(offence.file, offence.name) for offence in offences] == [
        ("lib/ui/core/session.py", "draft"),
        ("lib/ui/history/listing.py", "draft"),
    ]


@pytest.mark.parametrize(
    "body",
    [
        "return db.execute(text('INSERT INTO votes VALUES (1)'))",
        "return db.execute(insert(Vote))",
        "return _written(db)",
        "return db.execute(STATEMENT)",
        "return db.execute(DELETE)",
    ],
)
@pytest.mark.parametrize("door", ["lib/ui/history/detail.py", "lib/api/votes.py", "pages/votes.py"])
def test_a_door_that_writes_by_itself_is_named(tmp_path: Path, body: str, door: str) -> None:
    store = f"""
from sqlalchemy import delete as delete_from, insert, text
DELETE = delete_from(Vote).where(Vote.kind == "up")
STATEMENT = text("UPDATE votes SET kind = 'up'")
def add(db):
    {body}
def _written(db):
    return db.execute(text("DELETE FROM votes"))
def listed(db):
    "Rows that nobody has to INSERT INTO anything for."
    return db.execute(text("SELECT kind FROM votes"))
"""
    plant(tmp_path, "lib/store/votes.py", store)
    plant(tmp_path, door, "from lib.store import votes\nvotes.add(db)\nvotes.listed(db)")
    offences = RULES["read_only_doors"](Tree(tmp_path))
    assert [(offence.file, offence.name) for offence in offences] == [(door, "lib.store.votes.add")]


@pytest.mark.parametrize(("folder", "most"), [("lib", 20), ("lib/ui", 12)])
def test_a_folder_with_one_entry_too_many_is_named(tmp_path: Path, folder: str, most: int) -> None:
    for number in range(most + 1):
        plant(tmp_path, f"{folder}/part_{number}/words.toml", "")
    assert [offence.file for offence in RULES["small_folders"](Tree(tmp_path))] == [folder]


def test_a_folder_with_too_many_python_files_is_named(tmp_path: Path) -> None:
    for number in range(21):
        plant(tmp_path, f"lib/store/table_{number}.py", "")
    assert [offence.file for offence in RULES["small_folders"](Tree(tmp_path))] == ["lib/store"]


def test_no_file_names_a_registry_or_somebodys_folder() -> None:
    grep = subprocess.run(
        ["git", "grep", "--no-index", "--exclude-standard", "-nIE", FORBIDDEN_TEXT],
        cwd=ROOT,
        check=False,
        capture_output=True,
        text=True,
    )
    assert grep.returncode == 1, grep.stdout + grep.stderr  # git grep's 1: it searched, and there is nothing


def test_everything_the_app_needs_is_pinned() -> None:
    lines = (ROOT / "requirements.txt").read_text(encoding="utf-8").splitlines()
    loose = [line for line in lines if not re.fullmatch(r"#.*|\s*|[\w.\-]+(\[[\w,\-]+\])?==[\w.]+", line)]
    assert not loose, f"Pin these with ==: {', '.join(loose)}"
