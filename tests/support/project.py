"""Where the project is: the folder that tests start its programs in and read its files from."""

from __future__ import annotations

from pathlib import Path

ROOT = Path(__file__).parents[2]
