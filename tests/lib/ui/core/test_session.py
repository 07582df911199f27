"""The team of a session: an address opens it exactly as it is stored."""

from __future__ import annotations

import unicodedata
from collections.abc import Callable
from typing import Any

import pytest

from tests.conftest import InsertBySql
from tests.support.history_page import captions
from tests.support.opened_page import Opened

Sql = Callable[..., list[tuple[Any, ...]]]
Open = Callable[..., Opened]


@pytest.mark.parametrize("tenant", [unicodedata.normalize("NFD", "한빛팀"), "acme ", "acme\u00a0", "Acme"], ids=ascii)
def test_a_team_opens_exactly_as_another_program_spells_it(
    open_page: Open, insert_by_sql: InsertBySql, tenant: str
) -> None:
    insert_by_sql(tenant_id=tenant, instagram_ad_copy="그 팀의 글")
    insert_by_sql(tenant_id="acme", instagram_ad_copy="남의 글")
    assert captions(open_page("history.py", tenant_id=tenant)) == ["그 팀의 글"]
    page = open_page("history.py", tenant_id="acme")
    [teams] = [
        each for each in page.app.selectbox if tenant in [option.removesuffix("\u2009") for option in each.options]
    ]
    teams.set_value(tenant)
    assert captions(page.run()) == ["그 팀의 글"]


def test_a_link_opens_its_tenant_wherever_that_stands_among_the_tenants(
    open_page: Open, insert_by_sql: InsertBySql, as_owner: Sql
) -> None:
    as_owner("INSERT INTO studio_tenants (tenant_id) VALUES ('acme'), ('my-team'), ('rival') ON CONFLICT DO NOTHING")
    for tenant in ("acme", "my-team", "rival", "stranger"):
        feed_id = insert_by_sql(tenant_id=tenant, instagram_ad_copy=f"of {tenant}")
        page = open_page(tenant_id=tenant, feed=str(feed_id))
        assert page.field("tenant_id").value == tenant
        assert page.post()["copy"]["caption"] == f"of {tenant}"
