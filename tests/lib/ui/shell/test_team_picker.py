"""A team is chosen from a list, or found by a part of its name where there are too many for a list."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

from lib.ui.shell import team_picker
from tests.conftest import RunSql

Open = Callable[..., Any]
MANY = (
    "INSERT INTO studio_tenants (tenant_id) SELECT 'shop-' || lpad(i::text, 5, '0') FROM generate_series(1, 10000) AS i"
)


def typed(page: Any, text: str) -> Any:
    """Type a name into the list and press Enter."""
    field = page.field(team_picker.WIDGET)
    label = field.format_func(text)
    if label not in field.options:
        field.options.append(label)
    field.set_value(text)
    return page.run()


def team(page: Any) -> str:
    return str(page.field(team_picker.WIDGET).value)


def found(page: Any) -> list[str]:
    return [one.label for one in page.app.sidebar.button if str(one.key).startswith("team_")]


def test_few_teams_are_a_list_to_which_a_new_one_can_be_typed(open_page: Open, as_owner: RunSql) -> None:
    as_owner("INSERT INTO studio_tenants VALUES ('shop-1'), ('shop-2')")
    page = open_page("jobs.py", lang="EN")
    assert [name.strip() for name in page.field(team_picker.WIDGET).options] == ["shop-1", "shop-2", "my-team"]
    assert team(typed(page, "shop")) == "shop"
    assert found(page) == []


def test_of_ten_thousand_teams_the_browser_gets_few_and_any_is_found_by_a_part_of_its_name(
    open_page: Open, as_owner: RunSql
) -> None:
    as_owner(MANY)
    page = open_page("jobs.py", lang="EN", tenant_id="shop-00007")
    assert len(page.field(team_picker.WIDGET).options) == 2
    assert team(typed(page, "shop-09999")) == "shop-09999", "a whole name is taken at once"
    assert team(typed(page, "P-0123")) == "shop-09999", "a part of a name is looked for"
    assert "More than 8 teams" in page.told()
    assert len(found(page)) == 9
    page.click("team_match_4")
    assert (team(page), found(page)) == ("shop-01234", [])
    assert found(typed(page, "9876"))[-1] == "Start a new team “9876”"
    assert team(page.click("team_new")) == "9876"
    assert team(typed(page, "a name of nobody's")) == "a name of nobody's", "what no name contains is a new team"
