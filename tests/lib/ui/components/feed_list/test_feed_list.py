"""The rows that the browser draws say what each caption took, and what is not known."""

from __future__ import annotations

import json
from collections.abc import Callable

from streamlit.runtime.state.session_state import STREAMLIT_INTERNAL_KEY_PREFIX

from lib.domain.brief import Brief
from lib.studio import Studio
from tests.conftest import InsertBySql
from tests.support.history_page import START, rows, wrote
from tests.support.opened_page import Opened

Open = Callable[..., Opened]


def test_rows_of_everybody_are_listed_with_what_they_took(
    open_history: Open, insert_by_sql: InsertBySql, studio: Studio, brief: Brief
) -> None:
    insert_by_sql(instagram_ad_copy="파이프라인의 글", created_at=START, latency_ms=None, gpt_model_name=None)
    made = wrote(studio, brief)
    insert_by_sql(tenant_id="other", instagram_ad_copy="남의 글")
    first, second = rows(open_history())
    assert first["id"] == str(made.instagram_feed_id)
    assert first["badges"] == ["데모"]
    assert second["badges"] == ["파이프라인"]
    assert "걸린 시간 알 수 없음" in second["facts"]
    assert "비용 알 수 없음" in second["facts"]
    assert not any("$0" in fact for fact in second["facts"])


def test_a_star_of_a_list_that_has_left_the_page_says_that_it_changed_nothing(
    open_history: Open, insert_by_sql: InsertBySql
) -> None:
    feed_id = str(insert_by_sql())
    page = open_history()
    left = next(one for one in page.app.get("bidi_component") if one.key == "feeds").proto.id
    page.app.query_params["feed"] = feed_id
    states = page.run().app._tree.get_widget_states()
    states.widgets.add(
        id=f"{STREAMLIT_INTERNAL_KEY_PREFIX}_{left}__events",
        json_trigger_value=json.dumps([{"event": "favoured", "value": feed_id}]),
    )
    page.app._run(states)
    assert not page.app.exception
    assert "아무것도 바꾸지 않았어요" in page.told("error")
