"""What the metrics page shows, and its charts as they are made in a session."""

from __future__ import annotations

import datetime as dt
import unicodedata
from collections.abc import Iterator
from typing import Any

from streamlit.testing.v1 import AppTest

from lib.domain import feed_filter_url
from lib.domain.periods import Period
from lib.metrics import service
from lib.metrics.figures import View
from lib.store import feed_listing
from lib.studio import Studio
from tests.support.patience import PATIENCE_S

USAGE = {"prompt_tokens": 1_000, "completion_tokens": 100}
PAGE = "metrics.py"
LONG_TONE = "차분하고 따뜻하게, 그러나 너무 길지는 않게. " * 20
DECOMPOSED = unicodedata.normalize("NFD", "따뜻하게")


def cards(page: Any) -> dict[str, str]:
    return {one.label: one.value.replace("\\", "") for one in page.app.metric}


def pictures(page: Any) -> list[str]:
    return [one.proto.alt for one in page.app.get("plotly_chart")]


def drawn(studio: Studio, call: Any) -> Any:
    """What the call gives, made as the page makes it: in a session."""
    got: list[Any] = []

    def script() -> None:
        import streamlit as st

        from lib.ui.core import words

        st.session_state[words.LANGUAGE_KEY] = "en"
        st.session_state["got"].append(st.session_state["call"]())

    app = AppTest.from_function(script, default_timeout=PATIENCE_S)
    app.session_state["got"], app.session_state["call"] = got, call
    app.run()
    assert not app.exception
    return got[0]


def figures_of(studio: Studio, now: Any, **wanted: Any) -> Any:
    today = now.astimezone(dt.timezone(dt.timedelta(hours=9))).date()
    return service.figures(studio, "my-team", View(Period(today - dt.timedelta(days=29), today), **wanted))


def opened_by(studio: Studio, chart: Any, tenant: str = "my-team") -> Iterator[Any]:
    """By each point of a chart of captions: how many it counts, and how many it opens."""
    for trace in chart.figure.data:
        counts = trace.x if trace.orientation == "h" else trace.y
        for place, count in zip(trace.customdata or (), counts, strict=True):
            query = chart.queries[int(place[0])]
            with studio.database.tenant(query["tenant_id"]) as db:
                wanted = feed_filter_url.from_query(query)
                opened = feed_listing.count(db, query["tenant_id"], wanted)
                assert len(feed_listing.page(db, query["tenant_id"], wanted, limit=100).rows) == opened
            yield count, opened
