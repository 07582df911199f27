"""What a tenant sets for its figures."""

from __future__ import annotations

import datetime as dt
from decimal import Decimal

import pytest

from lib.domain.errors import InvalidSettings
from lib.metrics import settings
from lib.store.metrics.settings import MetricSettings, Price
from lib.studio import Studio


def test_settings_are_kept_and_nonsense_is_refused_with_every_problem(studio: Studio) -> None:
    decided = MetricSettings("Europe/Berlin", Decimal(20), Decimal("1432.5"), dt.date(2026, 11, 1))
    settings.save_settings(studio, "acme", decided)
    assert settings.settings_of(studio, "acme")[0] == decided
    assert settings.settings_of(studio, "other")[0] == MetricSettings()
    with pytest.raises(InvalidSettings) as refused:
        settings.save_settings(studio, "acme", MetricSettings("Mars/Olympus", Decimal(-1), Decimal(0)))
    assert {one.field for one in refused.value.problems} == {"time_zone", "budget_usd", "krw_per_usd"}
    assert settings.settings_of(studio, "acme")[0] == decided


def test_a_price_that_is_none_is_refused(studio: Studio) -> None:
    with pytest.raises(InvalidSettings) as refused:
        settings.set_price(studio, "acme", Price(" ", dt.date(1, 1, 1), Decimal(-1), Decimal(0), Decimal(10**9)))
    assert {one.field for one in refused.value.problems} == {"model", "starts_on", "input_usd", "output_usd"}


def test_views_are_kept_by_name_and_are_the_tenants_own(studio: Studio) -> None:
    settings.save_view(studio, "acme", "  월간   보고 ", {"period": "30d"})
    settings.save_view(studio, "acme", "월간 보고", {"period": "90d"})
    [view] = settings.settings_of(studio, "acme")[2]
    assert (view.name, view.query) == ("월간 보고", {"period": "90d"})
    assert settings.settings_of(studio, "other")[2] == []
    settings.delete_view(studio, "other", "월간 보고")
    assert settings.settings_of(studio, "acme")[2] == [view]
    settings.delete_view(studio, "acme", "월간 보고")
    assert settings.settings_of(studio, "acme")[2] == []
    for name in (" ", "x" * 81):
        with pytest.raises(InvalidSettings):
            settings.save_view(studio, "acme", name, {})
