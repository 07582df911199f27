"""Programs of the project in processes of their own, which know nothing of a developer's own settings."""

from __future__ import annotations

import os
import subprocess
import sys
from pathlib import Path

from tests.support.project import ROOT

OF_OUR_OWN = ("DATABASE_", "OPENAI_", "FEED_STUDIO_", "STREAMLIT_")
"""What a developer's environment says to their own app is not for a test's."""


def environment(**settings: str) -> dict[str, str]:
    """This process's environment without Feed Studio's settings, and with ``settings`` instead; no app has workers."""
    inherited = {name: value for name, value in os.environ.items() if not name.startswith(OF_OUR_OWN)}
    return {**inherited, "PYTHONPATH": str(ROOT), "FEED_STUDIO_WORKERS": "0", **settings}


def run(folder: Path, *command: str, **settings: str) -> subprocess.CompletedProcess[str]:
    """``python -m COMMAND`` to its end, in a folder that holds no ``.streamlit/secrets.toml``."""
    return subprocess.run(
        [sys.executable, "-m", *command],
        cwd=folder,
        env=environment(**settings),
        check=False,
        capture_output=True,
        text=True,
    )
