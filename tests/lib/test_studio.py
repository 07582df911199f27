"""The composition root: one Studio a process, built from settings, and left in good order."""

from __future__ import annotations

from pathlib import Path

import pytest

from lib import studio as composition
from lib.demo.model import DemoModel
from lib.domain.brief import Brief, GenerationOptions
from lib.domain.completion import Outcome
from lib.domain.errors import DatabaseAway
from lib.generation.submit import submit
from lib.llm.client import Writer
from lib.llm.spool import Spool
from lib.settings import Settings
from lib.store import feeds, generations
from lib.store.database import Database
from lib.studio import Studio, build
from tests.conftest import Urls
from tests.support.generating import request, write
from tests.support.outage import NOWHERE


def test_a_studio_is_built_on_the_database_that_the_settings_name(
    empty_database_urls: Urls, tmp_path: Path, brief: Brief
) -> None:
    settings = Settings(
        data_dir=tmp_path,
        database_url=empty_database_urls.app,
        database_owner_url=empty_database_urls.owner,
        demo_pace=0,
    )
    built = build(settings)
    try:
        feed = write(built, brief)
        with built.database.tenant("acme") as db:
            assert feeds.newest(db, "acme") == [feed]
        assert built.embedded is None
        assert not (tmp_path / "postgres").exists()
    finally:
        built.close()


def test_a_database_that_is_away_is_told_at_the_start(tmp_path: Path) -> None:
    with pytest.raises(DatabaseAway):
        build(Settings(data_dir=tmp_path, database_url=NOWHERE))


def test_the_process_has_one_studio_until_another_is_put_in_its_place(studio: Studio) -> None:
    composition.use(studio)
    try:
        assert composition.current() is studio
        assert composition.current() is studio
    finally:
        composition.use(None)


def test_who_closes_a_studio_stops_what_is_being_written_and_stores_it(
    database: Database, brief: Brief, tmp_path: Path
) -> None:
    settings = Settings(data_dir=tmp_path)
    demo = DemoModel(pace=0.2)
    studio = Studio(settings, database, Writer(settings, demo), Spool(settings.spool_dir))
    submission = submit(studio, request(brief, GenerationOptions("demo-silent"), stream=True, threads="page"))
    progress, generation = submission.progress, submission.generation
    assert progress is not None
    assert generation is not None
    while not demo.requests:
        assert progress.phase != "done"
    studio.close()
    assert progress.phase == "done"
    assert studio.spool.pending() == []
    with database.tenant("acme") as db:
        asked = generations.get(db, "acme", generation.generation_id)
    assert asked is not None
    assert asked.outcome == Outcome.STOPPED
    database.close()
