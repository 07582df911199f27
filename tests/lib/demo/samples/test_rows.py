"""Sample captions are realistic, the same for the same seed, and marked."""

from __future__ import annotations

import datetime as dt
import json
import statistics
from collections import Counter
from itertools import pairwise
from types import SimpleNamespace
from typing import Any

import pytest

from lib.demo.samples import is_sample, is_sample_tenant
from lib.demo.samples.caption import LEAST, MOST
from lib.demo.samples.rows import COLUMNS, Rows
from lib.demo.samples.texts import vocabulary
from lib.demo.samples.traffic import CAMPAIGN_DAY, MEDIAN_LATENCY_MS, OUTAGE_DAY
from lib.domain import pricing
from lib.domain.caption import Caption
from lib.i18n.words import sections

UNTIL = dt.datetime(2026, 11, 24, 3, tzinfo=dt.UTC)
SEOUL = dt.timezone(dt.timedelta(hours=9))
SEARCHED = ("instagram_ad_copy", "product_description", "refined_ad_copy_eng", "store_information")
Row = dict[str, Any]


@pytest.fixture(scope="module")
def rows() -> list[Row]:
    return list(Rows("sample", 12_000, until=UNTIL).rows())


def searched(row: Row) -> str:
    return "\n".join(row[name] for name in SEARCHED)


# -- the same again -------------------------------------------------------------------------------------------------


def test_the_same_seed_gives_the_same_rows(rows: list[Row]) -> None:
    assert list(Rows("sample", 12_000, until=UNTIL).rows(0, 50)) == rows[:50]


def test_any_part_is_that_part_of_the_whole(rows: list[Row]) -> None:
    assert list(Rows("sample", 12_000, until=UNTIL).rows(990, 2010)) == rows[990:2010]
    assert list(Rows("sample", 12_000, until=UNTIL).rows(11_995, 99_999)) == rows[11_995:]


def test_another_seed_or_tenant_gives_other_rows(rows: list[Row]) -> None:
    for other in (Rows("sample", 12_000, seed=2, until=UNTIL), Rows("sample-2", 12_000, until=UNTIL)):
        ids = {row["instagram_feed_id"] for row in other.rows(0, 1000)}
        assert not ids & {row["instagram_feed_id"] for row in rows}


def test_no_two_rows_have_the_same_id(rows: list[Row]) -> None:
    assert len({row["instagram_feed_id"] for row in rows}) == len(rows)
    assert len({row["instagram_ad_copy"] for row in rows}) == len(rows)


def test_rows_name_jobs_only_where_there_are_some(rows: list[Row]) -> None:
    assert {row["job_id"] for row in rows} == {row["overlay_id"] for row in rows} == {None}
    linked = Rows("sample", 400, until=UNTIL, linked=True)
    jobs = {linked.job_id(at) for at in range(linked.jobs)}
    overlays = {linked.overlay_id(at) for at in range(linked.jobs)}
    named = [(row["job_id"], row["overlay_id"]) for row in linked.rows()]
    assert {job for job, _ in named} - {None} <= jobs
    assert {overlay for _, overlay in named} - {None} <= overlays
    assert 20 <= sum(job is not None for job, _ in named) <= 100


# -- marked as such -------------------------------------------------------------------------------------------------


def test_every_row_says_that_it_is_sample_data(rows: list[Row]) -> None:
    assert all(is_sample(SimpleNamespace(**row)) for row in rows)
    assert is_sample_tenant(rows[0]["tenant_id"])


@pytest.mark.parametrize("raw", [None, [], "sample", {}, {"sample": "true"}, {"sample": 1}, {"id": "chatcmpl-1"}])
def test_what_other_programs_store_is_no_sample(raw: Any) -> None:
    assert not is_sample(SimpleNamespace(gpt_response_raw=raw))


@pytest.mark.parametrize("tenant", ["samples", "sampler", "acme", "", "my-sample", "Sample"])
def test_a_tenant_of_another_name_may_hold_real_captions(tenant: str) -> None:
    assert not is_sample_tenant(tenant)


# -- texts ----------------------------------------------------------------------------------------------------------


def test_captions_are_of_several_lines_and_keep_instagrams_rules(rows: list[Row]) -> None:
    for row in rows:
        text = row["instagram_ad_copy"]
        assert LEAST <= len(text) <= MOST, text
        assert len(text.splitlines()) >= 5
        assert "\n\n\n" not in text
        assert "{" not in text
        lines = [line for line in text.splitlines() if line]
        assert len(set(lines)) == len(lines), text
    for row in rows[:300]:
        written = Caption(row["instagram_ad_copy"], tuple(row["hashtags"].split()))
        assert written.problems() == []


def test_hashtags_are_three_to_five_and_none_twice(rows: list[Row]) -> None:
    for row in rows:
        tags = row["hashtags"].split(" ")
        assert 3 <= len(set(tags)) == len(tags) <= 5, tags
        assert all(tag.startswith("#") and len(tag) > 1 for tag in tags)


def test_the_vocabulary_is_wide(rows: list[Row]) -> None:
    assert len({line for row in rows for line in row["instagram_ad_copy"].splitlines()}) > 5000
    assert len({row["product_description"] for row in rows}) > 1000
    assert len({row["store_information"] for row in rows}) > 40
    assert any("ICE 아메리카노 500ml" in searched(row) for row in rows)


def test_tones_are_the_forms_presets_in_both_languages(rows: list[Row]) -> None:
    presets = {tone for preset in sections()["tone"].values() for tone in preset.values()}
    assert presets < {row["tone_style"] for row in rows}


def test_no_sample_text_needs_escaping() -> None:
    """Rows are joined from it without a look: in JSON inside JSON, and in what COPY reads."""
    words = vocabulary()
    sentences = [one.utf8 for group in words.common for one in group] + [one.utf8 for one in words.closes]
    for kind in words.kinds:
        sentences += [one.utf8 for group in kind.body for one in group] + [one.utf8 for one in kind.specs]
        sentences += [*kind.tags, *kind.copies, *kind.emoji]
        sentences += [told for product in kind.products for told in (*product.descriptions, product.forms[0].encode())]
    sentences += [*(tone for tone, _ in words.tones), *words.wishes, *words.tags]
    forbidden = set(b'"\\') | set(range(32))
    assert not [text.decode() for text in sentences if forbidden & set(text)]


# -- what it took ---------------------------------------------------------------------------------------------------


def test_rows_are_in_the_order_of_a_year(rows: list[Row]) -> None:
    created = [row["created_at"] for row in rows]
    assert all(a <= b for a, b in pairwise(created))
    assert UNTIL - dt.timedelta(days=365) <= created[0] < UNTIL - dt.timedelta(days=360)
    assert UNTIL - dt.timedelta(days=1) < created[-1] < UNTIL
    assert all(row["created_at"] <= row["updated_at"] <= UNTIL for row in rows)
    assert any(row["created_at"] < row["updated_at"] for row in rows)


def test_seouls_office_hours_growth_and_odd_days_show(rows: list[Row]) -> None:
    local = [row["created_at"].astimezone(SEOUL) for row in rows]
    hours = Counter(at.hour for at in local)
    assert sum(hours[hour] for hour in range(9, 18)) > 0.7 * len(rows)
    weekdays = Counter(at.weekday() for at in local)
    assert weekdays[6] < weekdays[2] / 2
    half = UNTIL - dt.timedelta(days=182)
    assert sum(row["created_at"] > half for row in rows) > 0.55 * len(rows)
    ago = Counter((UNTIL - row["created_at"]) // dt.timedelta(days=1) for row in rows)
    assert ago[CAMPAIGN_DAY] > 2 * ago[CAMPAIGN_DAY + 7]
    assert ago[OUTAGE_DAY] < ago[OUTAGE_DAY + 7] / 4


def test_latencies_are_log_normal_around_their_median(rows: list[Row]) -> None:
    known = [row["latency_ms"] for row in rows if row["latency_ms"] is not None]
    assert 0.98 * len(rows) < len(known) < len(rows)
    assert statistics.median(known) == pytest.approx(MEDIAN_LATENCY_MS, rel=0.05)
    assert statistics.mean(known) > 1.05 * MEDIAN_LATENCY_MS
    assert min(known) > 0


def test_four_models_write_and_now_and_then_one_that_nobody_knows(rows: list[Row]) -> None:
    models = Counter(row["gpt_model_name"] for row in rows)
    for model in ("gpt-6-luna", "gpt-5-mini", "gpt-4o-mini", "demo"):
        assert models[model] > 0.03 * len(rows)
        row = next(row for row in rows if row["gpt_model_name"] == model and row["token_usage"])
        assert pricing.cost_usd(model, row["token_usage"], row["created_at"]) is not None
    for unpriced in ("studio-writer-7b", None):
        assert 0 < models[unpriced] < 0.02 * len(rows)
        row = next(row for row in rows if row["gpt_model_name"] == unpriced and row["token_usage"])
        assert pricing.cost_usd(unpriced, row["token_usage"], row["created_at"]) is None


def test_token_counts_add_up_and_are_missing_now_and_then(rows: list[Row]) -> None:
    used = [row["token_usage"] for row in rows]
    told = [usage for usage in used if usage is not None]
    assert 0.95 * len(rows) < len(told) < len(rows)
    assert any("prompt_tokens_details" not in usage for usage in told)
    for usage in told:
        assert usage["total_tokens"] == usage["prompt_tokens"] + usage["completion_tokens"]
        assert usage.get("prompt_tokens_details", {}).get("cached_tokens", 0) <= usage["prompt_tokens"]
        assert usage.get("completion_tokens_details", {}).get("reasoning_tokens", 0) < usage["completion_tokens"]
    assert any(usage.get("prompt_tokens_details", {}).get("cached_tokens") for usage in told)
    assert any(usage.get("completion_tokens_details", {}).get("reasoning_tokens") for usage in told)


def test_the_answer_is_a_chat_completion_that_holds_the_caption(rows: list[Row]) -> None:
    for row in rows[::7]:
        raw = row["gpt_response_raw"]
        assert 2000 <= len(json.dumps(raw, ensure_ascii=False).encode()) <= 4096
        assert raw["object"] == "chat.completion"
        assert raw["created"] == int(row["created_at"].timestamp())
        assert raw["model"] == (row["gpt_model_name"] or "unnamed")
        assert raw.get("usage") == row["token_usage"]
        content = json.loads(raw["choices"][0]["message"]["content"])
        assert content == {"instagram_ad_copy": row["instagram_ad_copy"], "hashtags": row["hashtags"].split()}


def test_the_prompt_is_the_one_that_is_sent(rows: list[Row]) -> None:
    inputs = ("refined_ad_copy_eng", "tone_style", "product_description", "store_information", "gpt_prompt")
    for row in rows[::100]:
        system, user = json.loads(row["gpt_prompt_used"])
        assert system["role"] == "system"
        sent = json.loads(user["content"])
        assert {name: sent[name] for name in inputs} == {name: row[name] for name in inputs}


def test_a_row_has_every_column_but_the_servers_own(rows: list[Row]) -> None:
    from lib.store.tables import InstagramFeed

    assert {*COLUMNS, "pk"} == set(InstagramFeed.__table__.columns.keys())
    assert all(tuple(row) == COLUMNS for row in rows[:10])
