"""What each variant of an experiment took in time, tokens and money: the figures of the metrics page, filtered."""

from __future__ import annotations

import datetime as dt
from collections.abc import Iterable
from decimal import Decimal

from lib.domain.dimensions import DimensionValue, Filters
from lib.domain.periods import Period
from lib.metrics import service
from lib.metrics.figures import Figures, View
from lib.store.experiments.definitions import Experiment, Variant
from lib.studio import Studio


def view(experiment: Experiment, variant: int | None = None) -> View:
    """The figures to look at: from the experiment's first day until today, of all variants or of one."""
    started = experiment.created_at or dt.datetime.now(dt.UTC)
    day = dt.timedelta(days=1)  # time zones are up to 14 hours apart
    period = Period((started - day).date(), (dt.datetime.now(dt.UTC) + day).date())
    name = str(experiment.experiment_id) if variant is None else f"{experiment.experiment_id}:{variant}"
    return View(period, Filters(experiment=DimensionValue.of(name)))


def by_variant(studio: Studio, experiment: Experiment, variants: Iterable[Variant]) -> dict[int, Figures]:
    """The figures of each variant. Raises ``DatabaseAway`` and ``FiguresBeingCounted``."""
    return {
        each.variant: service.figures(studio, experiment.tenant_id, view(experiment, each.variant)) for each in variants
    }


def cost_per_kept(figures: Figures) -> Decimal | None:
    """USD per caption that is approved or posted, failed and discarded attempts included.

    None without such a caption, and where more than one in ten of the costs is not known.
    """
    return figures.total.cost_per_approved(figures.spent) if figures.spent.is_comparable else None
