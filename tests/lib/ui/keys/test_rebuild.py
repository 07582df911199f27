"""The button that makes a team's search index and figures anew, and what it says afterwards."""

from __future__ import annotations

from collections.abc import Iterator

import pytest
from streamlit.testing.v1 import AppTest

from lib import studio as studios
from lib.feeds import rebuilding
from lib.studio import Studio
from tests.conftest import InsertBySql, RunSql


def _page() -> None:
    from lib import studio
    from lib.ui.core import session
    from lib.ui.keys import rebuild

    session.follow_address()
    rebuild.show(studio.current(), session.tenant_id())


@pytest.fixture
def page(studio: Studio) -> Iterator[AppTest]:
    studios.use(studio)
    app = AppTest.from_function(_page, default_timeout=30)
    app.query_params["tenant_id"] = "acme"
    yield app
    studios.use(None)


def test_a_press_makes_them_anew_and_says_what_was_wrong(
    page: AppTest, insert_by_sql: InsertBySql, as_owner: RunSql
) -> None:
    as_owner("ALTER TABLE instagram_feeds DISABLE TRIGGER USER")
    insert_by_sql()
    as_owner("ALTER TABLE instagram_feeds ENABLE TRIGGER USER")
    for expected in ("빠져 있던 글 1개", "잘못된 것은 없었어요"):
        page.run().button(key="rebuild@acme").click().run()
        rebuild = rebuilding.latest("acme")
        assert rebuild is not None
        assert rebuild.finished.wait(60)
        assert expected in page.run().success[0].value
        assert not page.button(key="rebuild@acme").disabled
