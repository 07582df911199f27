"""An export that is written in the background."""

from __future__ import annotations

import json
import os
import subprocess
import sys
import tempfile
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest

from lib.domain.errors import ExportStopped
from lib.exports import background, formats
from lib.store.feeds import Feed
from tests.support.exported import (
    FEED,
    KOREAN,
)
from tests.support.project import ROOT


@pytest.mark.parametrize("file_format", formats.FORMATS)
def test_a_stopped_export_leaves_nothing(file_format: formats.Format, tmp_path: Path, monkeypatch: Any) -> None:
    monkeypatch.setattr(tempfile, "tempdir", str(tmp_path))
    heard: list[int] = []
    many = (FEED for _ in range(10 * formats.ASK_EVERY))
    with pytest.raises(ExportStopped, match="rows=400"):
        formats.write(
            tmp_path / "글.out", file_format, many, KOREAN, progress=heard.append, stop=lambda: len(heard) >= 2
        )
    assert heard == [formats.ASK_EVERY, 2 * formats.ASK_EVERY]
    assert list(tmp_path.iterdir()) == []


@pytest.mark.parametrize("file_format", formats.FORMATS)
def test_an_export_that_fails_leaves_the_file_that_was_there(file_format: formats.Format, tmp_path: Path) -> None:
    def broken() -> Iterator[Feed]:
        yield FEED
        raise ConnectionError("the database went away")

    path = tmp_path / "captions"
    path.write_bytes(b"the last export")
    with pytest.raises(ConnectionError):
        formats.write(path, file_format, broken(), KOREAN)
    assert path.read_bytes() == b"the last export"
    assert list(tmp_path.iterdir()) == [path]


CHILD = """
import datetime, json, resource, sys
from pathlib import Path
from lib import studio
from lib.domain.feed_filter import FeedFilter
from lib.exports import background, formats
from lib.settings import Settings
url, folder, file_format, headings, *tenants = sys.argv[1:]
here = studio.build(Settings(data_dir=Path(folder), database_url=url))
for tenant in tenants:
    rows = background.rows(here, tenant, FeedFilter())
    print(formats.write(Path(folder) / "file", file_format, rows, json.loads(headings)))
    print(resource.getrusage(resource.RUSAGE_SELF).ru_maxrss // (1024 * 1024 if sys.platform == "darwin" else 1024))
here.close()
"""


FILL = """
INSERT INTO instagram_feeds (tenant_id, refined_ad_copy_eng, tone_style, product_description, store_information,
    gpt_prompt, instagram_ad_copy, hashtags, gpt_response_raw)
SELECT %s, '', '', '', '', '', '글 ' || n, '', jsonb_build_object('content', repeat(md5(n::text), 1000))
FROM generate_series(1, %s) AS n
"""


@pytest.mark.parametrize("file_format", ["xlsx", "jsonl"])
def test_more_rows_take_no_more_memory(
    file_format: formats.Format, database_urls: Any, as_owner: Any, tmp_path: Path
) -> None:
    """What the larger of the two has more would be 70 MB at once: its answers are of 32 KB each."""
    counts = {"small": background.AT_A_TIME, "large": 3 * background.AT_A_TIME + 1000}
    for tenant, count in counts.items():
        as_owner(FILL, tenant, count)
    command = [
        sys.executable,
        "-c",
        CHILD,
        database_urls.owner,
        str(tmp_path),
        file_format,
        json.dumps(KOREAN),
        *counts,
    ]
    printed = subprocess.run(
        command, cwd=ROOT, env=os.environ | {"PYTHONPATH": str(ROOT)}, check=True, capture_output=True, text=True
    ).stdout
    small, peak_of_small, large, peak_of_large = map(int, printed.split())
    assert (small, large) == tuple(counts.values())
    assert peak_of_large < peak_of_small + 25
