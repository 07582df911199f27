"""Exports open in Excel as they were meant, execute nothing, say that AI wrote them, and stay small in memory."""

from __future__ import annotations

import csv
import dataclasses
import datetime as dt
import io
import json
import os
import re
import subprocess
import sys
import tempfile
import uuid
import zipfile
from collections.abc import Callable, Iterator
from decimal import Decimal
from pathlib import Path
from typing import Any
from xml.etree import ElementTree as ET
from zoneinfo import ZoneInfo

import pytest

from lib.domain.errors import ExportStopped
from lib.exports import background, formats, xlsx_file
from lib.exports.columns import COLUMNS, STORED, cells
from lib.i18n import words
from lib.store.feeds import Feed
from tests.support.project import ROOT

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


# -- every format ---------------------------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("which", "told"),
    [
        ({"gpt_response_raw": {"sample": True}, "gpt_model_name": "demo"}, "sample"),
        ({"gpt_model_name": "demo"}, "demo"),
        ({"gpt_model_name": "demo-slow"}, "demo"),
        ({"gpt_model_name": None, "gpt_response_raw": None}, "model"),
        ({}, "model"),
    ],
)
@pytest.mark.parametrize("headings", [KOREAN, ENGLISH], ids=["ko", "en"])
def test_each_row_says_that_ai_wrote_it_and_which(which: dict[str, Any], told: str, headings: dict[str, str]) -> None:
    row = feed(**which)
    line = csv_rows(written("csv", row, headings=headings))[0]
    assert (line["ai_generated"], line["origin"]) == (headings["value_ai_generated"], headings[f"value_{told}"])
    cells_of = xlsx_rows(written("xlsx", row, headings=headings))[0]
    assert cells_of["ai_generated"][1] == headings["value_ai_generated"]
    assert cells_of["origin"][1] == headings[f"value_{told}"]
    whole = json_rows(written("jsonl", row, headings=headings))[0]
    assert whole["ai_generated"] is True
    assert (whole["ai_notice"], whole["origin"]) == (headings["value_ai_generated"], told)


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


@pytest.mark.parametrize("file_format", formats.FORMATS)
def test_a_file_is_what_a_stream_would_have_got(file_format: formats.Format, tmp_path: Path) -> None:
    path = tmp_path / "captions"
    heard: list[int] = []
    assert formats.write(path, file_format, [FEED, FEED], KOREAN, progress=heard.append) == 2
    assert heard == [2]
    readers: dict[formats.Format, Callable[[bytes], list[Any]]] = {
        "csv": csv_rows,
        "xlsx": xlsx_rows,
        "jsonl": json_rows,
    }
    assert readers[file_format](path.read_bytes()) == readers[file_format](written(file_format, FEED, FEED))
    assert list(tmp_path.iterdir()) == [path]


def test_without_rows_there_are_only_headings() -> None:
    assert csv_rows(written("csv")) == []
    assert xlsx_rows(written("xlsx")) == []
    assert json_rows(written("jsonl")) == []
    assert written("csv").decode("utf-8-sig").startswith("작성 시각 (UTC),본문,")


def test_every_column_has_a_heading_in_both_languages() -> None:
    for headings in (KOREAN, ENGLISH):
        assert set(COLUMNS) <= headings.keys()
        assert len({headings[name] for name in COLUMNS}) == len(COLUMNS)
        assert len(headings["sheet"]) <= 28


# -- CSV ------------------------------------------------------------------------------------------------------------


def test_csv_is_what_excel_reads_as_korean() -> None:
    content = written("csv", FEED, zone=SEOUL)
    assert content.startswith("\ufeff작성 시각 (Asia/Seoul),".encode())
    assert content.count(b"\r\n") == 2
    line = csv_rows(content)[0]
    assert line["instagram_ad_copy"] == FEED.instagram_ad_copy
    assert line["product_description"] == FEED.product_description
    assert line["created_at"] == "2026-11-24 00:30:05"
    assert line["updated_at"] == line["job_id"] == ""


@pytest.mark.parametrize(
    "text",
    ["=1+1", "+82 10", "-할인", "@ongi", "\t=1", "\r=1", "\n=1", "＝1+1", "＋1", "－1", "＠온기", " =1", "\u200b=1",
     "\ufeff=cmd|' /C calc'!A0", "　=1", "-5"],
)  # fmt: skip
def test_what_a_spreadsheet_would_execute_is_made_inert(text: str) -> None:
    line = csv_rows(written("csv", feed(instagram_ad_copy=text, tenant_id=text, tone_style=text)))[0]
    assert line["instagram_ad_copy"] == line["tenant_id"] == line["tone_style"] == f"'{text}"


@pytest.mark.parametrize("text", ["글", "'이미'", "1=1", "A-1", "a@b", "☕ = 좋다", "", "#태그", "<b>"])
def test_other_texts_stay_as_they_are(text: str) -> None:
    assert csv_rows(written("csv", feed(instagram_ad_copy=text)))[0]["instagram_ad_copy"] == text


def test_numbers_stay_numbers() -> None:
    line = csv_rows(written("csv", feed(latency_ms=-1.5, gpt_temperature=0.0)))[0]
    assert [line[name] for name in ("latency_ms", "gpt_temperature", "prompt_tokens", "cached_tokens", "pk")] == [
        "-1.5", "0.0", "1000", "512", "7",
    ]  # fmt: skip
    assert Decimal(line["cost_usd"]) > 0
    assert "E" not in line["cost_usd"]


def test_counts_in_the_raw_answer_alone_are_exported_with_their_cost() -> None:
    usage = {"input_tokens": 1000, "output_tokens": 200, "input_tokens_details": {"cached_tokens": 512}}
    whole, raw = (
        csv_rows(written("csv", row))[0] for row in (feed(), feed(token_usage=None, gpt_response_raw={"usage": usage}))
    )
    for name in ("prompt_tokens", "completion_tokens", "total_tokens", "cached_tokens", "cost_usd"):
        assert raw[name] == whole[name] != ""


@pytest.mark.parametrize(
    "usage",
    [None, [], "많음", {}, {"prompt_tokens": "many", "total_tokens": True}, {"total_tokens": 10**400},
     {"prompt_tokens_details": [], "completion_tokens_details": "x"}, {"total_tokens": float("inf")}],
)  # fmt: skip
def test_a_usage_of_any_shape_is_exported_and_its_cost_is_unknown(usage: Any) -> None:
    row = feed(token_usage=usage, latency_ms=float("nan"))
    line = csv_rows(written("csv", row))[0]
    assert line["cost_usd"] == line["latency_ms"] == ""
    assert len(xlsx_rows(written("xlsx", row))) == len(json_rows(written("jsonl", row))) == 1


def test_what_the_demo_wrote_cost_nothing_and_an_unknown_model_is_not_free() -> None:
    costs = [csv_rows(written("csv", feed(gpt_model_name=model)))[0]["cost_usd"] for model in ("demo", "our-own", None)]
    assert costs == ["0", "", ""]


@pytest.mark.parametrize(
    ("at", "hours"),
    [
        (dt.datetime(1, 1, 1, tzinfo=dt.UTC), -9),
        (dt.datetime(1899, 6, 1, tzinfo=dt.UTC), 9),
        (dt.datetime(9999, 12, 31, 20, tzinfo=dt.UTC), 9),
    ],
)
def test_a_time_that_no_spreadsheet_knows_is_a_text(at: dt.datetime, hours: int) -> None:
    row, zone = feed(created_at=at, gpt_model_name=None), dt.timezone(dt.timedelta(hours=hours))
    assert csv_rows(written("csv", row, zone=zone))[0]["created_at"].startswith(f"{at.year:04}-")
    assert xlsx_rows(written("xlsx", row, zone=zone))[0]["created_at"][0] == "inlineStr"


def test_state_and_favourite_are_told_where_they_are_known() -> None:
    row = Known(**{name: getattr(FEED, name) for name in STORED}, status="in_review", favourite=True)
    line = csv_rows(written("csv", row, headings=KOREAN | {"value_in_review": "검토 중"}))[0]
    assert (line["state"], line["favourite"]) == ("검토 중", KOREAN["value_favourite"])
    assert csv_rows(written("csv", row))[0]["state"] == "in_review"
    assert csv_rows(written("csv", FEED))[0]["state"] == ""
    strange = dataclasses.replace(row, status="=옛 상태", favourite=False)
    assert csv_rows(written("csv", strange))[0]["state"] == "'=옛 상태"


# -- XLSX -----------------------------------------------------------------------------------------------------------


def test_texts_are_texts_and_numbers_are_numbers() -> None:
    row = feed(instagram_ad_copy="=1+1", hashtags="@x", tone_style="https://example.com", gpt_prompt="00123")
    told = xlsx_rows(written("xlsx", row, zone=SEOUL))[0]
    assert told["instagram_ad_copy"] == ("inlineStr", "=1+1")
    assert told["hashtags"] == ("inlineStr", "@x")
    assert told["tone_style"] == ("inlineStr", "https://example.com")
    assert told["gpt_prompt"] == ("inlineStr", "00123")
    assert told["latency_ms"] == (None, "2400.5")
    assert float(told["cost_usd"][1]) > 0
    days = 46350 + (30 * 60 + 5.25) / 86400  # since 1899-12-30, as spreadsheets count
    assert float(told["created_at"][1]) == pytest.approx(days, abs=1e-6)
    assert "job_id" not in told


def test_what_xml_cannot_hold_does_not_break_the_file() -> None:
    told = xlsx_rows(written("xlsx", feed(instagram_ad_copy="앞\x0b\x1f\ufffe<&>\"'뒤\r\n끝")))[0]["instagram_ad_copy"][
        1
    ]
    assert told.startswith("앞")
    assert told.endswith("<&>\"'뒤\n끝")


def test_a_cell_that_is_too_long_is_cut_and_says_so() -> None:
    fits = "가" * xlsx_file.CELL_UNITS
    long = "☕️🥐" * 20_000
    row = feed(instagram_ad_copy=long, product_description=fits, store_information=fits + "나")
    told = xlsx_rows(written("xlsx", row))[0]
    assert told["product_description"][1] == fits
    for name, whole in (("instagram_ad_copy", long), ("store_information", fits + "나")):
        cut = told[name][1]
        mark = KOREAN["value_cut"].format(characters=len(whole))
        assert cut.endswith(mark)
        assert whole.startswith(cut.removesuffix(mark))
        assert xlsx_file.CELL_UNITS - 1 <= len(cut.encode("utf-16-le")) // 2 <= xlsx_file.CELL_UNITS
    assert json_rows(written("jsonl", row))[0]["instagram_ad_copy"] == long
    assert csv_rows(written("csv", row))[0]["instagram_ad_copy"] == long


def test_what_one_sheet_cannot_hold_goes_on_to_the_next(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(xlsx_file, "SHEET_ROWS", 3)
    content = written("xlsx", *(feed(pk=number) for number in range(5)))
    assert [[row["pk"][1] for row in xlsx_rows(content, sheet)] for sheet in (1, 2, 3)] == [
        ["0", "1"],
        ["2", "3"],
        ["4"],
    ]


# -- JSON lines -----------------------------------------------------------------------------------------------------


def test_json_lines_hold_everything_as_it_is_stored() -> None:
    change = {"at": FEED.created_at, "by": "민지", "instagram_ad_copy": "옛 글"}
    row = Known(**{name: getattr(FEED, name) for name in STORED}, status="posted", versions=(change,))
    content = written("jsonl", row)
    assert "둘째 줄" in content.decode()
    told = json_rows(content)[0]
    assert {name: told[name] for name in STORED} == {
        **{name: getattr(FEED, name) for name in STORED},
        "instagram_feed_id": str(FEED.instagram_feed_id),
        "created_at": "2026-11-23T15:30:05.250000+00:00",
    }
    assert (told["state"], told["favourite"]) == ("posted", False)
    assert told["versions"] == [{**change, "at": "2026-11-23T15:30:05.250000+00:00"}]
    assert isinstance(told["cost_usd"], str)


def test_json_lines_are_free_of_nan() -> None:
    row = feed(latency_ms=float("nan"), gpt_temperature=float("-inf"), gpt_response_raw={"a": [float("inf"), 1]})
    told = json_rows(written("jsonl", row))[0]
    assert told["latency_ms"] is told["gpt_temperature"] is None
    assert told["gpt_response_raw"] == {"a": [None, 1]}


def test_a_line_is_a_row_whatever_its_text_holds() -> None:
    content = written("jsonl", feed(instagram_ad_copy="가\u2028나\r\n다\x85라"), FEED)
    assert content.count(b"\n") == 2
    assert json.loads(content.split(b"\n")[0])["instagram_ad_copy"] == "가\u2028나\r\n다\x85라"


# -- memory ---------------------------------------------------------------------------------------------------------

CHILD = """
import datetime, json, resource, sys
from pathlib import Path
from lib import studio
from lib.domain.feed_filter import FeedFilter
from lib.exports import background, formats
from lib.settings import Settings
url, folder, file_format, tenant, headings = sys.argv[1:]
here = studio.build(Settings(data_dir=Path(folder), database_url=url))
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

    def peak_mb(tenant: str, count: int) -> int:
        as_owner(FILL, tenant, count)
        asked = [sys.executable, "-c", CHILD, database_urls.owner, str(tmp_path), file_format, tenant]
        told = subprocess.run(
            [*asked, json.dumps(KOREAN)], cwd=ROOT, env=os.environ | {"PYTHONPATH": str(ROOT)}, check=True,
            capture_output=True, text=True,
        ).stdout.split()  # fmt: skip
        assert int(told[0]) == count
        return int(told[1])

    assert peak_mb("large", 3 * background.AT_A_TIME + 1000) < peak_mb("small", background.AT_A_TIME) + 25


def test_each_cell_stands_under_its_own_heading() -> None:
    row = dict(zip(COLUMNS, cells(FEED, KOREAN, dt.UTC), strict=True))
    assert row["instagram_feed_id"] == str(FEED.instagram_feed_id)
    assert row["instagram_ad_copy"] == FEED.instagram_ad_copy
    assert row["hashtags"] == FEED.hashtags
    assert row["gpt_model_name"] == FEED.gpt_model_name
    assert row["tone_style"] == FEED.tone_style
    assert row["ai_generated"] == KOREAN["value_ai_generated"]
    assert row["latency_ms"] == FEED.latency_ms
