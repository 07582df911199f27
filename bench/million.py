"""The rows that benches measure on: a million sample captions of one tenant, and half as many of a hundred others."""

from __future__ import annotations

import contextlib
import os
import time
from collections.abc import Iterator

import psycopg2

from bench.terms import SearchedRows
from lib.settings import read_value, whole_number
from lib.studio import Studio
from scripts import sample

_NAME = "FEED_STUDIO_BENCH_ROWS"
ROWS = read_value(
    _NAME,
    os.environ.get(_NAME, "1000000"),
    whole_number(1_000, 100_000_000),
    "a whole number of rows, from 1000 to 100000000",
)
"""Of the one tenant; the others have half as many together."""
OTHERS = 100
TENANT = "sample-million"

_CLONE = """
    INSERT INTO instagram_feeds (tenant_id, refined_ad_copy_eng, tone_style, product_description, store_information,
        gpt_prompt, instagram_ad_copy, hashtags, gpt_model_name, gpt_max_tokens, gpt_prompt_used, gpt_response_raw,
        latency_ms, token_usage, created_at, updated_at)
    SELECT 'sample-' || row_number() OVER () %% %s, refined_ad_copy_eng, tone_style, product_description,
        store_information, gpt_prompt, instagram_ad_copy, hashtags, gpt_model_name, gpt_max_tokens, gpt_prompt_used,
        gpt_response_raw, latency_ms, token_usage, created_at, updated_at
    FROM instagram_feeds WHERE tenant_id = %s LIMIT %s
"""


def owner_url(here: Studio) -> str:
    """Of the role that owns the tables of the database that a bench brings along."""
    if here.embedded is None:
        raise RuntimeError("this bench brings its own database")
    return here.embedded.owner_url


@contextlib.contextmanager
def owner(here: Studio) -> Iterator[psycopg2.extensions.cursor]:
    """A cursor of that role in autocommit."""
    with contextlib.closing(sample.connect(owner_url(here))) as db:
        db.autocommit = True
        with db.cursor() as cursor:
            yield cursor


def load(here: Studio) -> None:
    """Load them all, and say how far it is."""
    begun = time.monotonic()

    def told(done: int) -> None:
        if done % 100_000 == 0:
            print(f"  {done:,} rows after {time.monotonic() - begun:.0f} s", flush=True)

    workers = os.cpu_count() or 1
    sample.load(owner_url(here), TENANT, ROWS, workers=workers, rows_type=SearchedRows, progress=told)
    with owner(here) as cursor:
        cursor.execute(_CLONE, (OTHERS, TENANT, ROWS // 2))
