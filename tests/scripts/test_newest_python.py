"""The newest Python of a machine is found wherever it is, and nothing where there is no newer one."""

from __future__ import annotations

import shutil
import subprocess
from pathlib import Path

import pytest

from tests.support.project import ROOT


def python(path: Path, minor: int | None) -> Path:
    """A program that says that it is Python 3.``minor``; without one it does not start."""
    path.parent.mkdir(parents=True, exist_ok=True)
    path.write_text(f"#!/bin/sh\necho {minor}\n" if minor else "#!/bin/sh\nexit 127\n")
    path.chmod(0o755)
    return path


@pytest.fixture
def ours(tmp_path: Path) -> Path:
    return python(tmp_path / "venv" / "bin" / "python", 12)


def newest(folder: Path, ours: Path) -> str:
    surroundings = {"PATH": str(folder / "bin"), "PYENV_ROOT": str(folder / "pyenv")}
    command = [shutil.which("bash") or "bash", "scripts/newest_python.sh", str(ours)]
    return subprocess.run(command, cwd=ROOT, env=surroundings, check=True, capture_output=True, text=True).stdout


def test_it_is_found_on_the_path_or_with_pyenv(tmp_path: Path, ours: Path) -> None:
    on_path = python(tmp_path / "bin" / "python3.13", 13)
    assert newest(tmp_path, ours) == str(on_path)
    of_pyenv = python(tmp_path / "pyenv" / "versions" / "3.14.1" / "bin" / "python", 14)
    assert newest(tmp_path, ours) == str(of_pyenv)


def test_one_that_does_not_start_or_is_no_newer_is_passed_over(tmp_path: Path, ours: Path) -> None:
    python(tmp_path / "bin" / "python3.14", None)
    python(tmp_path / "pyenv" / "versions" / "3.12.1" / "bin" / "python", 12)
    assert newest(tmp_path, ours) == ""
