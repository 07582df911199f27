"""The figures of a period in a row of cards, compared with the period before, and what is not in them."""

from __future__ import annotations

from dataclasses import dataclass
from decimal import Decimal

import streamlit as st

from lib.domain.forecast import Anomaly
from lib.domain.latency_histogram import LARGEST_ERROR, is_cut
from lib.domain.totals import Sums
from lib.metrics.figures import PERCENTILES, Figures, Part
from lib.ui.core import feedback, format_dates, numbers
from lib.ui.core.words import say


@dataclass(frozen=True)
class Card:
    """A figure with its name, how much it has changed, and the whole truth about it in a sentence."""

    name: str
    value: str
    change: str | None
    explanation: str
    more_is_worse: bool = False


def cards(figures: Figures) -> list[Card]:
    """All of them, as the page and the report show them."""
    now, before = figures.total, figures.whole_before.sums
    rate, spent = figures.settings.krw_per_usd, figures.spent
    per_approved = now.cost_per_approved(spent)
    whole, whole_before = figures.whole, figures.whole_before
    p50, p90, p95, p99 = (_latency(whole, share) for share in PERCENTILES)
    cost, was = now.cost.amount, before.cost.amount if before.with_cost else None
    return [
        _card("captions", f"{now.rows:,}" if now.rows < 100_000 else numbers.amount(now.rows), now.rows, before.rows,
              say("metrics.captions_told", rows=now.rows, approved=now.approved, before=figures.before.rows)),
        _card("cost", _money(cost, rate), cost, was, _cost_told(now, cost), worse=True),
        _card("cost_each", _money(now.cost_per_caption, rate), now.cost_per_caption, before.cost_per_caption,
              say("metrics.cost_each_told", priced=now.with_cost), worse=True),
        _card("cost_kept", _money(per_approved, rate), per_approved, before.cost_per_approved(figures.spent_before),
              say("metrics.cost_kept_told", approved=now.approved, spent=numbers.usd(spent.amount),
                  unknown=spent.unpriced),
              worse=True),
        _card("tokens", say("value.unknown") if now.tokens is None else numbers.amount(now.tokens),
              now.tokens, before.tokens,
              say("metrics.tokens_told", prompt=now.prompt_tokens, cached=now.cached_tokens,
                  completion=now.completion_tokens, reasoning=now.reasoning_tokens)),
        _card("p50", p50, whole.percentile(0.5), whole_before.percentile(0.5),
              say("metrics.p50_told", avg=numbers.milliseconds(now.latency_avg_ms),
                  min=numbers.milliseconds(now.latency_min_ms),
                  max=numbers.milliseconds(now.latency_max_ms), error=f"{LARGEST_ERROR:.0%}"), worse=True),
        _card("p95", p95, whole.percentile(0.95), whole_before.percentile(0.95),
              say("metrics.p95_told", p90=p90, p99=p99, error=f"{LARGEST_ERROR:.0%}"),
              worse=True),
        Card(say("metrics.failed"), numbers.share(figures.failed, figures.requests.rows), None,
             say("metrics.failed_told", failed=figures.failed, requests=figures.requests.rows,
                 cost=numbers.usd(figures.failed_cost.amount))),
        Card(say("metrics.broken"), numbers.share(figures.rule_breaking, figures.requests.rows), None,
             say("metrics.broken_told", broken=figures.rule_breaking, requests=figures.requests.rows)),
    ]  # fmt: skip


def show(figures: Figures) -> None:
    """The cards; one column on a phone."""
    with st.grid(5, min_column_width=190, gap="small"):
        for card in cards(figures):
            st.metric(
                card.name,
                feedback.inert(card.value),
                card.change,
                delta_color="inverse" if card.more_is_worse else "off",
                help=feedback.inert(card.explanation),
                border=True,
                height="stretch",
            )


def missing(figures: Figures) -> list[str]:
    """What is in no sum, beside every total: unknown is never 0."""
    total, lines = figures.total, []
    if total.without_price:
        lines.append(say("metrics.unpriced_told", count=total.without_price))
    if total.without_usage:
        lines.append(say("metrics.unused_told", count=total.without_usage))
    if total.without_latency:
        lines.append(say("metrics.untimed_told", count=total.without_latency))
    if figures.whole.is_cut:
        lines.append(say("metrics.cut_told"))
    if figures.undated.rows:
        lines.append(say("metrics.undated_told", count=figures.undated.rows))
    return lines


def rate_told(figures: Figures) -> list[str]:
    """At which rate won are told, where they are."""
    rate, day = figures.settings.krw_per_usd, figures.settings.krw_rate_on
    if rate is None:
        return []
    return [say("metrics.rate_told", rate=f"{rate.normalize():f}", day="–" if day is None else format_dates.day(day))]


def show_missing(figures: Figures) -> None:
    """Show beside the totals what is in no sum."""
    for line in (*rate_told(figures), *missing(figures)):
        feedback.show_quietly(f":material/info: {feedback.inert(line)}")


def unusual(figures: Figures) -> list[str]:
    """The days that are unlike their weekday, each with why."""
    return [_unusual(odd) for odd in figures.unusual]


def _unusual(odd: Anomaly) -> str:
    weekday = say(f"weekday.{odd.day.weekday()}")

    def formatted(value: float) -> str:
        if odd.what == "cost":
            return numbers.usd(Decimal(value))
        return numbers.milliseconds(value) if odd.what == "latency" else numbers.amount(value)

    sentence = say(
        f"metrics.unusual_{odd.what}", day=format_dates.day(odd.day), weekday=weekday,
        value=round(odd.value) if odd.what == "rows" else formatted(odd.value),
        usual=formatted(0 if odd.usual < 1e-9 else odd.usual), weeks=odd.weeks,
    )  # fmt: skip
    if odd.because == "rows":
        return f"{sentence} {say('metrics.because_rows', now=numbers.amount(odd.is_), usual=numbers.amount(odd.was))}"
    if odd.because == "each":
        return f"{sentence} {say('metrics.because_each', now=numbers.usd(odd.is_), usual=numbers.usd(odd.was))}"
    return sentence


def _card(
    name: str,
    value: str,
    now: float | Decimal | None,
    before: float | Decimal | None,
    explanation: str,
    *,
    worse: bool = False,
) -> Card:
    return Card(say(f"metrics.{name}"), value, numbers.change(now, before), explanation, worse)


def _latency(part: Part, share: float) -> str:
    """A percentile; the least that it can be if it is cut."""
    value = part.percentile(share)
    is_least = is_cut(part.latencies, share) and value != part.sums.latency_max_ms
    return f"≥ {numbers.milliseconds(value)}" if is_least else numbers.milliseconds(value)


def _money(money: Decimal | None, rate: Decimal | None) -> str:
    won = numbers.krw(money, rate)
    return numbers.usd(money) if won is None else f"{numbers.usd(money)} ({won})"


def _cost_told(sums: Sums, cost: Decimal | None) -> str:
    whole = say("value.unknown") if cost is None else f"${cost:f}"
    return say("metrics.cost_told", cost=whole, priced=sums.with_cost, rows=sums.rows)
