"""A query parameter that a route does not know is refused: a mistyped filter never finds more than was asked for."""

from __future__ import annotations

import httpx2
import pytest


@pytest.mark.parametrize(
    ("path", "mistyped", "offered"),
    [
        ("/api/v1/feeds", "statsu", "status"),
        ("/api/v1/metrics", "since", "first"),
        ("/api/v1/batches", "page", "after"),
    ],
)
def test_a_mistyped_filter_is_refused_with_the_names_that_are_known(
    client: httpx2.Client, path: str, mistyped: str, offered: str
) -> None:
    answer = client.get(path, params={mistyped: "approved"})
    [problem] = answer.json()["errors"]
    assert (answer.status_code, problem["field"], problem["code"]) == (422, mistyped, "no_such_parameter")
    assert offered in problem["detail"]


def test_a_route_without_parameters_says_that_it_takes_none(client: httpx2.Client) -> None:
    answer = client.get("/api/v1/feeds/00000000-0000-0000-0000-000000000000", params={"verbose": "1"})
    assert [problem["code"] for problem in answer.json()["errors"]] == ["no_parameters"]


def test_who_has_no_key_is_not_told_what_is_known(client: httpx2.Client) -> None:
    answer = client.get("/api/v1/feeds", params={"statsu": "approved"}, headers={"Authorization": "Bearer fs_none"})
    assert answer.status_code == 401
