"""The calls that the README shows to a pipeline's author work as they are printed."""

from __future__ import annotations

import json
import re
import subprocess
from collections.abc import Iterator

import pytest

from lib import studio as studios
from lib.access import api_keys
from lib.studio import Studio
from tests.support.project import ROOT
from tests.support.serving import serving_api

README = ROOT / "README.md"
PRINTED = "http://127.0.0.1:8501"


@pytest.fixture
def address(studio: Studio) -> Iterator[str]:
    studios.use(studio)
    with serving_api() as running:
        yield running
    studios.use(None)


def test_the_three_calls_of_a_pipeline_work_as_printed(studio: Studio, address: str) -> None:
    section = README.read_text("utf-8").partition("## The pipeline\n")[2].partition("\n## ")[0]
    calls = [block for block in re.findall(r"```sh\n(.*?)```", section, re.DOTALL) if "curl" in block]
    assert len(calls) == 3
    assert all(PRINTED in call for call in calls)
    key = api_keys.create_key(studio, "acme", "pipeline").text
    told = []
    for call in calls:
        script = call.replace(PRINTED, address)
        done = subprocess.run(
            ["bash", "-euo", "pipefail", "-c", script],
            env={"FEED_STUDIO_KEY": key, "PATH": "/usr/local/bin:/usr/bin:/bin"},
            capture_output=True,
            text=True,
            check=True,
        )
        told.append(json.loads(done.stdout))
    made, listed, changed = told
    # A list holds the raw answers, and what is told of them, only where it is asked for them.
    assert made.pop("gpt_response_raw")
    assert made.pop("warnings") == []
    assert listed["feeds"] == [made]
    assert (changed["instagram_feed_id"], changed["status"]) == (made["instagram_feed_id"], "approved")
