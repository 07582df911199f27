"""A setting that cannot be read, or a database that is away, ends every command with one sentence."""

from __future__ import annotations

from pathlib import Path

import pytest

from tests.support.commands import run
from tests.support.outage import NOWHERE
from tests.support.project import ROOT

APP = ("streamlit", "run", str(ROOT / "app.py"), "--server.port=0", "--server.headless=true")
COMMANDS = {
    "app": APP,
    "key": ("lib.cli", "key", "list"),
    "migrate": ("lib.cli", "migrate"),
    "sample": ("scripts.sample", "--rows=1"),
    "bench": ("bench", "history"),
}


@pytest.mark.parametrize("name", COMMANDS)
def test_a_setting_that_cannot_be_read_ends_the_command_with_one_sentence(tmp_path: Path, name: str) -> None:
    wrong = {"FEED_STUDIO_BENCH_ROWS": "many"} if name == "bench" else {"OPENAI_TIMEOUT_S": "soon"}
    ended = run(tmp_path, *COMMANDS[name], **wrong)
    (setting, value), *_ = wrong.items()
    assert ended.returncode != 0
    (sentence,) = ended.stderr.strip().splitlines()
    assert sentence.startswith(f'{setting} is "{value}"; it must be ')
    assert not list(tmp_path.iterdir())


@pytest.mark.parametrize("name", ["app", "key", "migrate", "sample"])
def test_a_database_that_is_away_ends_the_command_with_one_sentence(tmp_path: Path, name: str) -> None:
    ended = run(tmp_path, *COMMANDS[name], DATABASE_URL=NOWHERE)
    assert ended.returncode != 0
    assert "Traceback" not in ended.stderr
    assert "The database does not answer." in ended.stderr
