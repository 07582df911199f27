"""What a sheet of 10,000 rows takes until it is checked, and how quickly its batch opens beside one of 100 rows."""

from __future__ import annotations

import io
import resource
import tempfile
import threading
import time
import uuid
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

import psutil
import streamlit as st
import xlsxwriter
from sqlalchemy import text
from streamlit.testing.v1 import AppTest

from bench.measure import Result, median
from lib import studio as studios
from lib.batches import creation, drafts, estimate, sheet_reader
from lib.batches.drafts import Draft
from lib.demo.model import DemoModel
from lib.embedded_postgres.server import EmbeddedPostgres
from lib.llm.client import Writer
from lib.llm.spool import Spool
from lib.settings import Settings
from lib.store.batches import batches
from lib.store.database import Database
from lib.studio import Studio

NAVIGATION = Path(__file__).parents[1] / "pages" / "_navigation.py"
ROWS, FEW = 10_000, 100
OPENINGS = 7
TENANT = "bench"
_FINISHED = text("""
    WITH written AS (
        UPDATE studio_batch_rows SET status = 'written', instagram_feed_id = gen_random_uuid(), started_at = now(),
            finished_at = clock_timestamp(), cost_usd = 0.001
        WHERE tenant_id = :tenant AND batch_id = :batch
        RETURNING instagram_feed_id, brief
    )
    INSERT INTO instagram_feeds (instagram_feed_id, tenant_id, refined_ad_copy_eng, tone_style, product_description,
        store_information, gpt_prompt, instagram_ad_copy, hashtags)
    SELECT instagram_feed_id, :tenant, '', 'warm', brief ->> 'product_description', '', '', 'bread', '#bread'
    FROM written
""")


def run() -> list[Result]:
    """Measure; takes about half a minute."""
    with tempfile.TemporaryDirectory(prefix="feed-studio-bench-") as folder, _studio(Path(folder)) as studio:
        sheet_reader.read(b"a,b\n1,2")
        with _memory() as memory:
            begun, cpu = time.perf_counter(), _cpu_s()
            sheet = sheet_reader.read(_workbook(), "rows.xlsx")
            draft = drafts.create(studio, TENANT, sheet, "rows.xlsx")
            estimate.estimate(studio, TENANT, draft.requests())
            checked_s, cpu_s = time.perf_counter() - begun, _cpu_s() - cpu
        many, few = (_batch(studio, draft, count) for count in (ROWS, FEW))
        waiting_ms = _opened_ms(many, few)
        for batch_id in (many, few):
            _finish(studio, batch_id)
        done_ms = _opened_ms(many, few)
    return [
        Result("sheets", f"{ROWS:,} rows read, checked and estimated", checked_s, "s", 10.0),
        Result("sheets", "CPU of both processes for it", cpu_s, "s"),
        Result("sheets", "memory above idle meanwhile, both processes", memory["peak"] / 1e6, "MB", 300.0),
        *_compared("a batch", waiting_ms, 125.0),
        *_compared("a batch that is done", done_ms, 150.0),  # the statuses of all its captions are counted
    ]


@contextmanager
def _studio(folder: Path) -> Iterator[Studio]:
    folder.chmod(0o755)
    postgres = EmbeddedPostgres(folder / "postgres")
    postgres.start()
    database = Database(postgres.app_url, postgres.owner_url)
    database.migrate()
    settings = Settings(data_dir=folder)
    studio = Studio(settings, database, Writer(settings, DemoModel(pace=0)), Spool(settings.spool_dir))
    studios.use(studio)
    try:
        yield studio
    finally:
        studios.use(None)
        studio.close()
        postgres.stop()


@contextmanager
def _memory() -> Iterator[dict[str, int]]:
    """The peak of what this process and its children hold, above what this one held before, in bytes."""
    me, done = psutil.Process(), threading.Event()
    idle, memory = me.memory_info().rss, {"peak": 0}

    def watch() -> None:
        while not done.wait(0.01):
            total = me.memory_info().rss
            for child in me.children(recursive=True):
                try:
                    if "lib.batches.sheet_process" in child.cmdline():
                        total += child.memory_info().rss
                except psutil.Error:
                    continue
            memory["peak"] = max(memory["peak"], total - idle)

    watching = threading.Thread(target=watch)
    watching.start()
    try:
        yield memory
    finally:
        done.set()
        watching.join()


def _cpu_s() -> float:
    """Of this process and of its children that have ended."""
    usages = (resource.getrusage(who) for who in (resource.RUSAGE_SELF, resource.RUSAGE_CHILDREN))
    return sum(usage.ru_utime + usage.ru_stime for usage in usages)


def _workbook() -> bytes:
    file = io.BytesIO()
    with xlsxwriter.Workbook(file, {"constant_memory": True}) as book:
        sheet = book.add_worksheet()
        sheet.write_row(
            0, 0, ["제품 설명", "톤 & 스타일", "스토어 정보", "작성 지시", "광고 문구", "관리 번호", "가격"]
        )
        for number in range(1, ROWS + 1):
            product = f"저온에서 하루 숙성한 통밀 식빵 {number}호. 속이 편하고 고소해요. " * 6
            store, instructions = (
                "연남동 골목의 작은 빵집 '온기', 매일 아침 8시",
                "첫 줄에서 눈길을 끌고, 짧은 문장으로 써 주세요.",
            )
            cells = [product, "따뜻하고 친근하게", store, instructions, "Slow mornings, warm bread.", f"B-{number:05}"]
            sheet.write_row(number, 0, [*cells, 6500 + number])
    return file.getvalue()


def _batch(studio: Studio, draft: Draft, count: int) -> uuid.UUID:
    rows = list(draft.requests())[:count]
    return creation.create(studio, TENANT, rows, source="page", columns=draft.table.headings)


def _finish(studio: Studio, batch_id: uuid.UUID) -> None:
    """Let every row of the batch have its caption."""
    with studio.database.tenant(TENANT) as db:
        db.execute(_FINISHED, {"tenant": TENANT, "batch": batch_id})
        batches.end(db, TENANT, batch_id, "done")


def _opened_ms(many: uuid.UUID, few: uuid.UUID) -> tuple[float, float]:
    """Medians of opening each, in turn."""
    opened: dict[uuid.UUID, list[float]] = {many: [], few: []}
    for _ in range(OPENINGS):
        for batch_id, times in opened.items():
            times.append(1000 * _open(batch_id))
    return median(opened[many]), median(opened[few])


def _compared(what: str, medians_ms: tuple[float, float], most_percent: float) -> list[Result]:
    many_ms, few_ms = medians_ms
    return [
        Result("sheets", f"{what} of {FEW} rows opens, median", few_ms, "ms"),
        Result("sheets", f"{what} of {ROWS:,} rows opens, median", many_ms, "ms"),
        Result("sheets", "of the time of the small one", 100 * many_ms / few_ms, "%", most_percent),
    ]


def _open(batch_id: uuid.UUID) -> float:
    """Seconds until the page of a batch is drawn in a new session."""
    st.cache_data.clear()
    app = AppTest.from_file(str(NAVIGATION), default_timeout=120)
    app.switch_page("batches.py")
    app.query_params["tenant_id"], app.query_params["batch"] = TENANT, str(batch_id)
    begun = time.perf_counter()
    app.run()
    return time.perf_counter() - begun
