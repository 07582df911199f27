"""Errors of experiments say what a program can do about them."""

from __future__ import annotations

import pytest

from lib.domain.errors import (
    ExperimentClosed,
    ExperimentNotFound,
    InvalidExperiment,
    PairClosed,
    PairNotFound,
    PersonMissing,
    PromptNotFound,
    StudioError,
)


@pytest.mark.parametrize(
    ("error", "status"),
    [
        (InvalidExperiment, 422),
        (ExperimentNotFound, 404),
        (ExperimentClosed, 409),
        (PairNotFound, 404),
        (PairClosed, 409),
        (PersonMissing, 422),
        (PromptNotFound, 404),
    ],
)
def test_each_error_has_its_http_status_and_is_not_repeated_unchanged(error: type[StudioError], status: int) -> None:
    assert (error.status, error.retryable) == (status, False)
