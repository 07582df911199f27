"""Exported files, and their rows as the programs that open them read them."""

from __future__ import annotations

import csv
import dataclasses
import datetime as dt
import io
import json
import re
import uuid
import zipfile
from typing import Any
from xml.etree import ElementTree as ET
from zoneinfo import ZoneInfo

from lib.exports import formats
from lib.exports.columns import COLUMNS
from lib.i18n import words
from lib.store.feeds import Feed

KOREAN, ENGLISH = words.listed("ko", "export"), words.listed("en", "export")


SEOUL = ZoneInfo("Asia/Seoul")


FEED = Feed(
    instagram_feed_id=uuid.UUID("6f9619ff-8b86-4011-842d-00c04fc964ff"),
    job_id=None,
    overlay_id=None,
    tenant_id="acme",
    refined_ad_copy_eng="Slow mornings, warm bread.",
    tone_style="따뜻하게",
    product_description='통밀 식빵, "저온 숙성"',
    store_information="연남동 '온기'",
    gpt_prompt="짧게",
    instagram_ad_copy="첫 줄 ☕\n둘째 줄, 쉼표\n\n끝",
    hashtags="#빵 #연남동",
    gpt_model_name="gpt-4o-mini",
    gpt_max_tokens=800,
    gpt_temperature=0.7,
    gpt_prompt_used="[]",
    gpt_response_raw={"id": "chatcmpl-1", "model": "gpt-4o-mini"},
    latency_ms=2400.5,
    token_usage={
        "prompt_tokens": 1000,
        "completion_tokens": 200,
        "total_tokens": 1200,
        "prompt_tokens_details": {"cached_tokens": 512},
    },
    pk=7,
    created_at=dt.datetime(2026, 11, 23, 15, 30, 5, 250000, tzinfo=dt.UTC),
    updated_at=None,
)


@dataclasses.dataclass(frozen=True, slots=True)
class Known(Feed):
    """A feed with what this app knows beside the specification's columns."""

    status: str | None = None
    favourite: bool = False
    versions: tuple[Any, ...] = ()
    findings: tuple[dict[str, Any], ...] = ()


def feed(**other: Any) -> Feed:
    return dataclasses.replace(FEED, **other)


def written(file_format: formats.Format, *feeds: Any, headings: dict[str, str] = KOREAN, **options: Any) -> bytes:
    file = io.BytesIO()
    assert formats.write(file, file_format, feeds, headings, **options) == len(feeds)
    return file.getvalue()


def csv_rows(content: bytes) -> list[dict[str, str]]:
    lines = csv.reader(io.StringIO(content.decode("utf-8-sig"), newline=""))
    next(lines)
    return [dict(zip(COLUMNS, line, strict=True)) for line in lines]


XML = {"m": "http://schemas.openxmlformats.org/spreadsheetml/2006/main"}


def xlsx_rows(content: bytes, sheet: int = 1) -> list[dict[str, tuple[str | None, str]]]:
    """Type and text of every cell below the headings, by the name of its column."""
    with zipfile.ZipFile(io.BytesIO(content)) as book:
        tree = ET.fromstring(book.read(f"xl/worksheets/sheet{sheet}.xml"))
    rows = []
    for row in tree.findall("m:sheetData/m:row", XML)[1:]:
        found = {}
        for cell in row.findall("m:c", XML):
            column = 0
            for letter in re.sub(r"\d", "", cell.get("r", "")):
                column = column * 26 + ord(letter) - 64
            assert cell.find("m:f", XML) is None, "a formula"
            found[COLUMNS[column - 1]] = (cell.get("t"), "".join(cell.itertext()))
        rows.append(found)
    return rows


def json_rows(content: bytes) -> list[dict[str, Any]]:
    def refuse(constant: str) -> None:
        raise AssertionError(f"{constant} is no JSON")

    return [json.loads(line, parse_constant=refuse) for line in content.decode().splitlines()]
