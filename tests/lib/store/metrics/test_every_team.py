"""The figures of all teams together are those of each, added up, whatever has changed since."""

from __future__ import annotations

import datetime as dt
import random
from collections.abc import Callable
from dataclasses import replace

import pytest

from lib.demo.samples import TENANT as SAMPLES
from lib.domain.dimensions import GROUPED, DimensionValue, Filters
from lib.domain.errors import FiguresBeingCounted
from lib.domain.periods import Period
from lib.metrics import service
from lib.metrics import settings as metric_settings
from lib.metrics.figures import View
from lib.store.metrics import every_team
from lib.store.metrics.every_team import EVERY_TEAM
from lib.store.metrics.settings import MetricSettings
from lib.studio import Studio
from tests.conftest import InsertBySql, RunSql
from tests.support.removal import ERASURE

TEAMS = tuple(f"team-{number:02}" for number in range(25))
QUARTER = Period(dt.date(2026, 9, 3), dt.date(2026, 12, 1))
DAY = Period(dt.date(2026, 11, 3), dt.date(2026, 11, 3))
VIEWS = [
    View(QUARTER, chosen="day"),
    View(QUARTER, chosen="week"),
    View(QUARTER, Filters(model=DimensionValue.of("o3"))),
    View(DAY, chosen="hour"),
]


@pytest.fixture
def captions(insert_by_sql: InsertBySql) -> None:
    """Of twenty-five teams, over three months."""
    chance = random.Random(3)
    for number in range(150):
        insert_by_sql(
            tenant_id=TEAMS[number % 25],
            created_at=dt.datetime(2026, 9, 1, tzinfo=dt.UTC) + dt.timedelta(hours=chance.randrange(92 * 24)),
            gpt_model_name=chance.choice(["gpt-5", "o3", "our-own-llama", None]),
            tone_style=f"tone {chance.randrange(40)}",
            latency_ms=chance.choice([None, chance.uniform(300, 9_000)]),
            token_usage=chance.choice([None, {"prompt_tokens": 1_000, "completion_tokens": 100 + number}]),
        )
    for hour in range(9):
        insert_by_sql(tenant_id=TEAMS[hour], created_at=dt.datetime(2026, 11, 3, hour, tzinfo=dt.UTC))
    insert_by_sql(tenant_id=SAMPLES, created_at=dt.datetime(2026, 11, 3, tzinfo=dt.UTC))


def assert_is_the_sum(studio: Studio) -> None:
    for view in VIEWS:
        every, each = service.figures(studio, EVERY_TEAM, view), service.figures(studio, TEAMS, view)
        versions = {"tenants": (), "versions": (), "as_of": every.as_of, "settings": None, "zones": {}, "view": view}
        assert replace(every, **versions) == replace(each, **versions)  # type: ignore[arg-type]
        for dimension in GROUPED if view in VIEWS[::2] else ():
            of_every, of_each = (service.breakdown(studio, names, view, dimension) for names in ([EVERY_TEAM], TEAMS))
            assert of_every == of_each


def test_all_teams_are_the_sum_of_each_after_every_change(
    captions: None, studio: Studio, insert_by_sql: InsertBySql, as_owner: RunSql
) -> None:
    assert_is_the_sum(studio)
    changes: list[Callable[[], object]] = [
        lambda: insert_by_sql(tenant_id="team-03", created_at=dt.datetime(2026, 10, 9, tzinfo=dt.UTC), latency_ms=99.0),
        lambda: as_owner("DELETE FROM instagram_feeds WHERE tenant_id = 'team-05'"),
        lambda: as_owner("UPDATE instagram_feeds SET gpt_model_name = 'o3' WHERE tenant_id = 'team-07'"),
        lambda: as_owner("UPDATE instagram_feeds SET tenant_id = 'team-02' WHERE tenant_id = 'team-01'"),
        lambda: metric_settings.save_settings(studio, "team-04", MetricSettings(time_zone="Pacific/Auckland")),
        lambda: as_owner("UPDATE studio_metric_states SET counted_as = '' WHERE tenant_id = 'team-06'"),
        lambda: as_owner(ERASURE.replace("'acme'", "'team-09'")),
    ]
    for change in changes:
        change()
        assert_is_the_sum(studio)


def test_a_team_of_sample_data_is_added_where_it_is_named(captions: None, studio: Studio) -> None:
    with_samples = service.figures(studio, (EVERY_TEAM, SAMPLES), VIEWS[0])
    assert with_samples.total.rows == service.figures(studio, EVERY_TEAM, VIEWS[0]).total.rows + 1
    assert with_samples.is_of_several


def test_what_has_not_changed_is_not_read_again(captions: None, studio: Studio, insert_by_sql: InsertBySql) -> None:
    before = service.figures(studio, EVERY_TEAM, VIEWS[0])
    assert service.figures(studio, EVERY_TEAM, VIEWS[0]).total is before.total
    assert service.versions(studio, (EVERY_TEAM,)) == before.versions
    insert_by_sql(tenant_id="a-new-team", created_at=dt.datetime(2026, 11, 3, tzinfo=dt.UTC))
    assert service.versions(studio, (EVERY_TEAM,)) != before.versions
    assert service.figures(studio, EVERY_TEAM, VIEWS[0]).total.rows == before.total.rows + 1


def test_a_transaction_of_one_team_is_told_nothing_of_all(captions: None, studio: Studio) -> None:
    with studio.database.tenant("team-01") as db:
        assert every_team.behind(db, everywhere=True) == []
        assert every_team.add_up(db) == 0
        assert every_team.state(db, everywhere=True).version == 0
    with studio.database.directory() as db:
        assert sorted(every_team.behind(db, everywhere=False)) == list(TEAMS)


def test_who_finds_others_adding_up_is_told_at_once(captions: None, studio: Studio) -> None:
    service.figures(studio, TEAMS, VIEWS[0])
    with studio.database.directory() as db, studio.database.directory() as elsewhere:
        assert every_team.add_up(db, 1) > 0
        with pytest.raises(FiguresBeingCounted):
            every_team.add_up(elsewhere)
