"""The page of experiments, opened for the team ``acme``."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import pytest

OpenPage = Callable[..., Any]


@pytest.fixture
def open_experiments(open_page: OpenPage) -> OpenPage:
    return lambda **address: open_page("experiments.py", **{"tenant_id": "acme", "lang": "KO"} | address)
