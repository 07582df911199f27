"""The rows that benches measure on: a million sample captions of one tenant, and half as many of a hundred others."""

from __future__ import annotations

import contextlib
import hashlib
import os
import shutil
import subprocess
import tempfile
import time
from collections.abc import Iterator
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path

from bench import database
from bench.terms import SearchedRows
from lib.settings import read_value, whole_number
from lib.studio import Studio
from scripts import sample
from scripts.postgres import NAMED_BY

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


KEPT = Path(tempfile.gettempdir(), "feed-studio-bench")
"""Where the loaded rows stay for the next bench and the next run."""
_MADE_OF = (
    "bench/million.py",
    "bench/terms.py",
    "scripts/sample.py",
    "lib/demo/samples",
    "lib/store/functions",
    "lib/store/migrations",
)
_ROOT = Path(__file__).parents[1]

_INDEX = """
    INSERT INTO studio_feed_index SELECT entry.* FROM instagram_feeds AS feed, studio_index_entry(feed) AS entry
    WHERE mod(abs(hashtext(feed.instagram_feed_id::text)), %s) = %s
"""
_FINDINGS = """
    INSERT INTO studio_feed_findings (tenant_id, feed_id, created_at)
    SELECT tenant_id, instagram_feed_id, studio_instant(created_at) FROM instagram_feeds
"""
_STATES = """
    INSERT INTO studio_feed_states (tenant_id, feed_id, status, favourite)
    SELECT tenant_id, instagram_feed_id, (ARRAY['approved', 'posted', 'archived'])[1 + floor(random() * 3)::int],
        random() < 0.3
    FROM instagram_feeds WHERE tenant_id = %s LIMIT %s
"""


@contextlib.contextmanager
def serve() -> Iterator[Studio]:
    """A Studio on a copy of the rows, which are loaded if no run has kept them; what a bench writes goes with it."""
    kept = KEPT / _key()
    if not kept.exists():
        _keep(kept)
    with tempfile.TemporaryDirectory(prefix="feed-studio-bench-") as folder:
        subprocess.run(["cp", "-a", f"{kept}/.", folder], check=True)
        Path(folder).chmod(0o755)
        with database.serve(Path(folder)) as studio:
            yield studio


def _key() -> str:
    """A name for the rows: of another number, program or schema they are others."""
    made_of = hashlib.sha256(f"{ROWS} {OTHERS} {os.environ.get(NAMED_BY)}".encode())
    for path in _MADE_OF:
        for file in sorted([_ROOT / path] if path.endswith(".py") else (_ROOT / path).rglob("*.*")):
            if file.suffix in (".py", ".sql"):
                made_of.update(file.read_bytes())
    return made_of.hexdigest()[:16]


def _keep(kept: Path) -> None:
    shutil.rmtree(KEPT, ignore_errors=True)  # rows that are out of date
    part = kept.with_suffix(".part")
    part.mkdir(parents=True)
    part.chmod(0o755)
    with database.serve(part) as studio:
        _load(studio)
    part.rename(kept)


def _load(studio: Studio) -> None:
    """Load them all and say how far it is: first the rows, then what the triggers would have made of each."""
    begun, workers = time.monotonic(), os.cpu_count() or 1
    url = database.owner_url(studio)

    def report(what: str) -> None:
        print(f"  {what} after {time.monotonic() - begun:.0f} s", flush=True)

    def progress(done: int) -> None:
        if done % 100_000 == 0:
            report(f"{done:,} rows")

    with sample.without_search_indexes(url, workers):
        with database.owner(studio) as cursor:
            cursor.execute("ALTER TABLE instagram_feeds DISABLE TRIGGER USER")
        sample.load(url, TENANT, ROWS, workers=workers, rows_type=SearchedRows, progress=progress)
        with database.owner(studio) as cursor:
            cursor.execute(_CLONE, (OTHERS, TENANT, ROWS // 2))
            cursor.execute("INSERT INTO studio_tenants (tenant_id) SELECT DISTINCT tenant_id FROM instagram_feeds"
                           " ON CONFLICT DO NOTHING")  # fmt: skip
            cursor.execute(_STATES, (TENANT, ROWS // 100))
            cursor.execute(_FINDINGS)
            report("all rows")

        def index(part: int) -> None:
            with database.owner(studio) as cursor:
                cursor.execute(_INDEX, (workers, part))

        with ThreadPoolExecutor(workers) as threads:
            list(threads.map(index, range(workers)))
        report("the search index without its keys")
        with database.owner(studio) as cursor:
            cursor.execute("ALTER TABLE instagram_feeds ENABLE TRIGGER USER")
    with database.owner(studio) as cursor:
        cursor.execute("VACUUM ANALYZE")
        cursor.execute("DELETE FROM studio_metric_changes")
    report("everything")
