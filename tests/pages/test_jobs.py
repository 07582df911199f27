"""The page of jobs for a team without jobs, and for an address that names none."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any


def test_a_team_without_jobs_is_told_so_and_a_broken_address_too(open_jobs: Callable[..., Any]) -> None:
    assert "아직 파이프라인 작업이 없어요" in open_jobs().told("info")
    assert "작업이 없어요" in open_jobs(job="<b>nonsense").told("error")
