"""A move that waits for its reason."""

import uuid
from collections.abc import Callable

import pytest
import streamlit as st

from lib.domain.errors import DisclosureUnconfirmed
from lib.ui.feed import acknowledgement
from tests.conftest import InsertBySql
from tests.support.opened_page import Opened


def test_a_move_waits_until_a_reason_is_given_or_it_is_given_up() -> None:
    feed_id = uuid.uuid4()
    made: list[tuple[str, str]] = []
    acknowledgement.ask("acme", [feed_id], "approved", "", DisclosureUnconfirmed(feed_id=feed_id))
    pending = st.session_state[acknowledgement.PENDING]
    try:
        st.session_state["reason"] = "  "
        acknowledgement._acknowledge(pending, "reason", lambda move, reason: made.append((move.status, reason)))
        assert made == []
        assert acknowledgement.PENDING in st.session_state
        st.session_state["reason"] = "사진에 적혀 있어요"
        acknowledgement._acknowledge(pending, "reason", lambda move, reason: made.append((move.status, reason)))
        assert made == [("approved", "사진에 적혀 있어요")]
        assert acknowledgement.PENDING not in st.session_state
    finally:
        acknowledgement.invalidate()
        st.session_state.pop("reason", None)


@pytest.mark.parametrize("times", [1, 2])
def test_giving_up_twice_is_harmless(times: int) -> None:
    for _ in range(times):
        acknowledgement.invalidate()


def test_a_move_asks_for_its_reason_where_its_own_team_is_shown_alone(
    open_history: Callable[..., Opened], insert_by_sql: InsertBySql
) -> None:
    feed_id = insert_by_sql()
    insert_by_sql(tenant_id="other")
    page = open_history()
    page.app.session_state[acknowledgement.PENDING] = acknowledgement.Pending(
        "acme", (feed_id,), "approved", "", DisclosureUnconfirmed(feed_id=feed_id)
    )
    assert page.run().has("acknowledge_yes")
    page.app.query_params["tenant_id"] = "other"
    assert not page.run().has("acknowledge_yes")
