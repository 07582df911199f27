"""Errors about batches speak to programs and to people."""

from lib.domain import errors
from lib.i18n import words


def test_a_problem_of_a_row_names_the_row() -> None:
    error = errors.InvalidBatch([errors.Problem("rows.12.tenant_id", "another_team")])
    assert "rows.12.tenant_id" in words.error("en", error)
    assert (error.status, errors.BatchNotFound.status, errors.BatchEnded.status) == (422, 404, 409)
