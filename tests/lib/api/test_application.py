"""The API does what its OpenAPI document says, whatever is sent to it."""

from __future__ import annotations

import subprocess
import sys
from typing import Any

import httpx2
import pytest
import schemathesis
from hypothesis import HealthCheck, Phase, given, settings
from hypothesis.strategies import booleans, one_of
from schemathesis import checks

from tests.lib.api.conftest import BRIEF
from tests.support.project import ROOT

EXAMPLES = 20
"""Of each operation, valid and invalid ones; a bug is found in the end, because every run draws others."""


@pytest.fixture
def document(client: httpx2.Client, address: str) -> schemathesis.BaseSchema:
    return schemathesis.openapi.from_url(f"{address}/api/openapi.json")


WRONG = schemathesis.GenerationMode.NEGATIVE
CHECKS = [
    checks.not_a_server_error,
    checks.status_code_conformance,
    checks.content_type_conformance,
    checks.response_headers_conformance,
    checks.response_schema_conformance,
]


def test_no_answer_is_undocumented_and_none_is_a_bug(document: schemathesis.BaseSchema, client: httpx2.Client) -> None:
    feed = client.post("/api/v1/feeds", json=BRIEF).json()["instagram_feed_id"]
    told = {"Authorization": client.headers["Authorization"]}
    met = set()

    for found in document.get_all_operations():
        operation = found.ok()  # type: ignore[union-attr]

        @settings(
            max_examples=EXAMPLES,
            deadline=None,
            phases=[Phase.generate],
            suppress_health_check=list(HealthCheck),
            database=None,
        )
        @given(case=one_of(operation.as_strategy(), operation.as_strategy(generation_mode=WRONG)), ours=booleans())
        def holds(case: schemathesis.Case[Any], ours: bool) -> None:
            if ours and "feed_id" in case.path_parameters:
                case.path_parameters["feed_id"] = feed
            limit = case.body.get("max_tokens") if isinstance(case.body, dict) else None
            if isinstance(case.body, dict) and isinstance(limit, int | float):
                case.body["max_tokens"] = max(limit, 4_000)  # or the model is cut off: a 502, rightly
            answer = case.call(headers=told)
            met.add((case.operation.label, answer.status_code))
            case.validate_response(answer, checks=CHECKS, headers=told)

        holds()
    assert {("POST /v1/feeds", 201), ("POST /v1/feeds", 422), ("GET /v1/feeds", 200)} <= met
    assert {("GET /v1/feeds/{feed_id}", 200), ("PATCH /v1/feeds/{feed_id}", 200)} <= met


def test_nothing_but_the_pages_loads_streamlit() -> None:
    others = "lib.api, lib.cli, lib.generation.submit, lib.generation.recovery, lib.exports.background, lib.worker"
    program = f"import sys, {others}; print(*(m for m in sys.modules if m.startswith(('streamlit', 'lib.ui'))))"
    loaded = subprocess.run([sys.executable, "-c", program], cwd=ROOT, capture_output=True, text=True, check=True)
    assert loaded.stdout.split() == []
