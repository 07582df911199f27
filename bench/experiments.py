"""What it takes on the server to open the verdict and the next pair of a large experiment."""

from __future__ import annotations

import tempfile
import time
import uuid
from collections.abc import Callable
from pathlib import Path

import streamlit as st
from sqlalchemy import text
from streamlit.testing.v1 import AppTest

from bench import database
from bench.measure import Result, median
from lib import studio as studios
from lib.experiments import judging, standings
from lib.store.experiments import definitions
from lib.store.experiments.definitions import Experiment, Variant
from lib.studio import Studio

NAVIGATION = Path(__file__).parents[1] / "pages" / "_navigation.py"
TENANT, VOTER = "bench", "하나"
BRIEFS, VARIANTS, CLOSED = 200, 5, 1_000
OPENINGS = 15

_CAPTIONS = text("""
    WITH written AS (
        SELECT brief, variant, gen_random_uuid() AS feed_id
        FROM generate_series(1, :briefs) AS brief, generate_series(1, :variants) AS variant
    ), feeds AS (
        INSERT INTO instagram_feeds (tenant_id, instagram_feed_id, refined_ad_copy_eng, tone_style,
            product_description, store_information, gpt_prompt, gpt_model_name, instagram_ad_copy, hashtags)
        SELECT :tenant, feed_id, '', '따뜻하게', '통밀 식빵 ' || brief || '호', '온기', '짧게', 'demo',
            repeat('저온에서 하루 숙성한 통밀 식빵이에요. ', 10) || variant, '#빵 #식빵'
        FROM written
    )
    INSERT INTO studio_generations (tenant_id, generation_id, run_id, variant, source, fingerprint, brief, options,
        prompt_version, outcome, instagram_feed_id, finished_at)
    SELECT :tenant, gen_random_uuid(), gen_random_uuid(), 1, 'experiment', '', '{}',
        jsonb_build_object('experiment', jsonb_build_object(
            'id', CAST(:experiment AS text), 'brief', brief::text, 'variant', variant)), '1', 'ok', feed_id, now()
    FROM written
""")
_VOTES = text("""
    WITH closed AS (
        UPDATE studio_experiment_pairs SET closed_at = now(),
            result = (ARRAY['first', 'first', 'second', 'tie'])[1 + floor(random() * 4)::integer]
        WHERE tenant_id = :tenant AND pair_id IN (SELECT pair_id FROM studio_experiment_pairs
            WHERE tenant_id = :tenant AND experiment_id = :experiment LIMIT :closed)
        RETURNING pair_id, result
    )
    INSERT INTO studio_experiment_votes (tenant_id, pair_id, person, choice, reasons, counts)
    SELECT :tenant, pair_id, 'person ' || number % 7, result, '{}', true
    FROM (SELECT *, row_number() OVER () AS number FROM closed) AS numbered
""")


def run() -> list[Result]:
    """Measure; takes about half a minute."""
    with tempfile.TemporaryDirectory(prefix="feed-studio-bench-") as folder, database.serve(Path(folder)) as studio:
        studios.use(studio)
        experiment_id = _experiment(studio)
        size = f"{BRIEFS} briefs x {VARIANTS} variants, {CLOSED:,} closed pairs"
        cpu = time.process_time()
        pages = [_open(experiment=str(experiment_id)) for _ in range(OPENINGS)]
        cpu_ms = 1000 * (time.process_time() - cpu) / OPENINGS
        lists = [_open() for _ in range(OPENINGS)]
        read = [_timed(lambda: standings.read(studio, TENANT, experiment_id)) for _ in range(OPENINGS)]
        pair = [_timed(lambda: judging.next_pair(studio, TENANT, experiment_id, VOTER)) for _ in range(OPENINGS)]
        studios.use(None)
    return [
        Result("experiments", f"the verdict page, {size}", median(pages), "ms", 300.0),
        Result("experiments", "CPU of the app for it, mean", cpu_ms, "ms"),
        Result("experiments", "the list with it", median(lists), "ms"),
        Result("experiments", "reading its standings", median(read), "ms"),
        Result("experiments", "the next pair to judge", median(pair), "ms"),
    ]


def _experiment(studio: Studio) -> uuid.UUID:
    new = Experiment(TENANT, uuid.uuid4(), "말투", 1, 0, None, "민지")
    params = {"tenant": TENANT, "experiment": new.experiment_id}
    with studio.database.tenant(TENANT) as db:
        definitions.add(
            db, new, [Variant(number, {"gpt_prompt": f"방법 {number}"}) for number in range(1, VARIANTS + 1)]
        )
        db.execute(_CAPTIONS, params | {"briefs": BRIEFS, "variants": VARIANTS})
        definitions.make_pairs(db, TENANT, new.experiment_id)
        db.execute(_VOTES, params | {"closed": CLOSED})
    with database.owner(studio) as cursor:
        cursor.execute("ANALYZE")
    return new.experiment_id


def _open(**address: str) -> float:
    """Milliseconds until the page is drawn in a new session."""
    st.cache_data.clear()
    app = AppTest.from_file(str(NAVIGATION), default_timeout=120)
    app.switch_page("experiments.py")
    for name, value in {"tenant_id": TENANT, **address}.items():
        app.query_params[name] = value
    ms = _timed(app.run)
    assert not app.exception
    return ms


def _timed(call: Callable[[], object]) -> float:
    begun = time.perf_counter()
    call()
    return 1000 * (time.perf_counter() - begun)
