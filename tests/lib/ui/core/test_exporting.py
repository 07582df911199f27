"""An export is shown where it was begun, and nowhere else; a refusal is told."""

from __future__ import annotations

from collections.abc import Callable

import streamlit as st

from lib.domain.errors import DatabaseAway
from lib.exports.background import Export
from lib.ui.core import exporting, feedback
from tests.conftest import InsertBySql
from tests.support.opened_page import Opened


def test_a_new_export_stops_the_one_before() -> None:
    first, second = (Export(token, "a.csv", "acme", "csv") for token in ("1", "2"))
    exporting._start("history", lambda _: first, "csv")
    exporting._start("batch 1", lambda _: second, "csv")
    assert first.stopped.is_set()
    assert not second.stopped.is_set()
    assert st.session_state.pop(exporting.EXPORT) == ("batch 1", second)


def test_what_refuses_to_start_is_told_by_the_next_run() -> None:
    def refuse(_: str) -> Export:
        raise DatabaseAway

    exporting._start("history", refuse, "csv")
    assert isinstance(st.session_state.pop(feedback.LEFT), DatabaseAway)


def test_an_export_is_shown_to_its_own_team_alone(
    open_history: Callable[..., Opened], insert_by_sql: InsertBySql
) -> None:
    insert_by_sql()
    insert_by_sql(tenant_id="other")
    page = open_history()
    page.app.session_state[exporting.EXPORT] = ("history", Export("1", "a.csv", "acme", "csv"))
    assert page.run().has("stop_export")
    page.app.query_params["tenant_id"] = "other"
    page.run()
    assert page.has("export_csv")
    assert not page.has("stop_export")
