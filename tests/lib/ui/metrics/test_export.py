"""The file of a chart adds up to the card."""

from __future__ import annotations

import csv
import io
from decimal import Decimal
from typing import Any

from lib.metrics import service
from lib.studio import Studio
from lib.ui.metrics import charts, export
from tests.support.metrics_page import drawn, figures_of


def test_the_file_of_a_picture_adds_up_to_the_card(captions: Any, studio: Studio) -> None:
    told = figures_of(studio, captions)
    parts = service.breakdown(studio, ["my-team"], told.view, "tone")
    chart = drawn(studio, lambda: charts.breakdown(told, parts, "tone", "cost"))
    file = export.as_csv(chart.table)
    assert file.startswith(b"\xef\xbb\xbf")
    rows = list(csv.DictReader(io.StringIO(file.decode("utf-8-sig"))))
    assert sum(Decimal(row["cost (USD)"]) for row in rows) == told.total.cost_usd
    assert sum(int(row["Captions"]) for row in rows) == told.total.rows
    assert "'=1+1 <b>" in [row["Tone"] for row in rows]  # no formula of a spreadsheet's
