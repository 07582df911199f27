"""The download has the uploaded columns in their order, and what became of each row beside them."""

from __future__ import annotations

import csv
import dataclasses
import io
from decimal import Decimal
from pathlib import Path

from lib.batches import creation, sheet_process, table_export
from lib.domain.batches.rows import NewRow
from lib.domain.brief import INPUTS
from lib.exports import formats
from lib.feeds import workflow
from lib.i18n import words
from lib.store.batches import batches
from lib.store.batches.batches import Batch
from lib.studio import Studio
from tests.conftest import RunSql
from tests.support.batching import new_rows, written_batch

HEADINGS = (
    words.listed("ko", "export")
    | words.listed("ko", "batch_export")
    | {name: words.field_name("ko", name) for name in ("reference", *INPUTS)}
)
VALUES = words.listed("ko", "row_status") | words.listed("ko", "status") | {"ai_generated": "AI"}


def exported(studio: Studio, batch: Batch) -> list[list[str]]:
    table = table_export.table_of(studio, batch, HEADINGS, VALUES, lambda row: row.error_code or "")
    file = io.BytesIO()
    formats.write_table(file, "csv", table)
    return list(csv.reader(io.StringIO(file.getvalue().decode("utf-8-sig"), newline="")))


def test_a_batch_of_a_file_comes_back_with_its_own_columns(studio: Studio, as_owner: RunSql, tmp_path: Path) -> None:
    rows = [
        dataclasses.replace(row, uploaded=uploaded)
        for row, uploaded in zip(new_rows(2), [("B-1", "식빵", "=1+1"), ("B-2", "", "")], strict=True)
    ]
    batch_id = creation.create(studio, "acme", rows, source="page", columns=["번호", "제품", "가격"])
    _, [feed_id] = written_batch(studio, as_owner, 1)
    workflow.move(studio, "acme", [feed_id], "approved")
    mine = "WHERE batch_id = %s AND number = "
    as_owner(
        f"UPDATE studio_batch_rows SET status = 'written', instagram_feed_id = %s, cost_usd = 0.00012 {mine} 1",
        feed_id,
        batch_id,
    )
    as_owner(f"UPDATE studio_batch_rows SET status = 'failed', error_code = 'refused' {mine} 2", batch_id)
    as_owner("UPDATE instagram_feeds SET instagram_ad_copy = '=글**빵**', hashtags = '#빵'")
    with studio.database.tenant("acme") as db:
        batch = batches.get(db, "acme", batch_id)
    headings, first, second = exported(studio, batch)
    assert headings[:5] == ["번호", "제품", "가격", "글", "해시태그"]
    assert first == [
        "B-1",
        "식빵",
        "'=1+1",
        "'=글**빵**",
        "#빵",
        "AI",
        "씀",
        "승인됨",
        "markdown (2-7): **빵**",
        "0.000120000",
        "",
    ]
    assert second == ["B-2", "", "", "", "", "", "실패", "", "", "", "refused"]
    path = tmp_path / "batch.xlsx"
    table = table_export.table_of(studio, batch, HEADINGS, VALUES, lambda row: row.error_code or "")
    assert formats.write_table(path, "xlsx", table) == 2
    sheet = sheet_process.read(path.read_bytes(), ".xlsx", None)["rows"]
    assert [cells[:4] for _, cells in sheet][1:] == [["B-1", "식빵", "=1+1", "=글**빵**"], ["B-2", "", "", ""]]


def test_a_batch_of_a_program_comes_back_with_its_briefs_and_its_variants(studio: Studio) -> None:
    new = [NewRow(row.brief, row.options, variants=2, reference="R") for row in new_rows(1)]
    batch_id = creation.create(studio, "acme", new, source="api", limit_usd=Decimal(1))
    with studio.database.tenant("acme") as db:
        batch = batches.get(db, "acme", batch_id)
    headings, *lines = exported(studio, batch)
    assert headings[:2] == ["관리 번호", "광고 문구"]
    assert [line[headings.index("시안")] for line in lines] == ["1", "2"]
    assert {line[headings.index("제품 설명")] for line in lines} == {"통밀 식빵 1호"}
