"""An answer that was paid for and never arrived is fetched later, where OpenAI was allowed to keep it."""

from collections.abc import Iterator
from pathlib import Path

import pytest

from lib.demo.model import DemoModel
from lib.domain.brief import Brief, GenerationOptions
from lib.domain.errors import OutcomeUnknown
from lib.generation import recovery
from lib.llm.client import Writer
from lib.llm.spool import Spool
from lib.settings import Settings
from lib.store import attempts, feeds, generations
from lib.store.database import Database
from lib.studio import Studio
from tests.support import generating
from tests.support.endpoint import Endpoint, answers, endpoint, hangs_up

OPTIONS = GenerationOptions("gpt-6-luna")


@pytest.fixture
def openai() -> Iterator[Endpoint]:
    with endpoint() as running:
        yield running


@pytest.fixture(params=[True, False], ids=["streamed", "whole"])
def stream(request: pytest.FixtureRequest) -> bool:
    return bool(request.param)


def studio_that(openai: Endpoint, database: Database, folder: Path, *, stores: bool) -> Studio:
    settings = Settings(
        data_dir=folder, openai_api_key="sk-test", openai_base_url=openai.url, openai_store=stores, timeout_s=60
    )
    return Studio(settings, database, Writer(settings, DemoModel(pace=0)), Spool(settings.spool_dir))


@pytest.fixture
def storing(openai: Endpoint, database: Database, tmp_path: Path) -> Iterator[Studio]:
    studio = studio_that(openai, database, tmp_path, stores=True)
    yield studio
    studio.close()


def test_what_never_arrived_is_found_and_stored_once(
    openai: Endpoint, storing: Studio, brief: Brief, stream: bool
) -> None:
    openai.conduct = hangs_up
    with pytest.raises(OutcomeUnknown):
        generating.write(storing, brief, OPTIONS, source="test", stream=stream)
    with storing.database.tenant("acme") as db:
        asked = generations.newest(db, "acme")
        assert asked is not None
        (before,) = attempts.of_generation(db, "acme", asked.generation_id)
    assert before.outcome == "unknown"
    assert before.estimated_cost_usd is not None
    assert before.estimated_cost_usd > 0

    assert recovery.fetch_stored_answers(storing) == 1
    assert recovery.fetch_stored_answers(storing) == 0
    with storing.database.tenant("acme") as db:
        (attempt,) = attempts.of_generation(db, "acme", asked.generation_id)
        (feed,) = feeds.newest(db, "acme")
        known = generations.get(db, "acme", asked.generation_id)
    assert attempt.outcome == "written"
    assert attempt.token_usage
    assert attempt.estimated_cost_usd is None
    assert known is not None
    assert known.instagram_feed_id == feed.instagram_feed_id
    assert feed.instagram_ad_copy == openai.billed()[0].text
    assert len(openai.ledger) == 1


def test_an_answer_that_arrived_is_not_fetched_again(openai: Endpoint, storing: Studio, brief: Brief) -> None:
    openai.conduct = answers
    generating.write(storing, brief, OPTIONS, source="test")
    assert openai.kept
    assert recovery.fetch_stored_answers(storing) == 0
    with storing.database.tenant("acme") as db:
        assert len(feeds.newest(db, "acme")) == 1


def test_somebody_elses_answer_is_not_taken_from_a_server_that_knows_no_filter(
    openai: Endpoint, storing: Studio, brief: Brief
) -> None:
    openai.conduct = hangs_up
    with pytest.raises(OutcomeUnknown):
        generating.write(storing, brief, OPTIONS, source="test")
    ((reference, kept),) = openai.kept.items()
    openai.kept[reference] = kept | {"metadata": {"attempt_id": "of somebody else"}}
    assert recovery.fetch_stored_answers(storing) == 0
    with storing.database.tenant("acme") as db:
        assert feeds.newest(db, "acme") == []


def test_what_openai_does_not_have_stays_unknown(openai: Endpoint, storing: Studio, brief: Brief) -> None:
    openai.conduct = hangs_up
    with pytest.raises(OutcomeUnknown):
        generating.write(storing, brief, OPTIONS, source="test")
    openai.kept.clear()
    assert recovery.fetch_stored_answers(storing) == 0
    openai.close()  # and when it cannot be asked either
    assert recovery.fetch_stored_answers(storing) == 0


def test_nothing_is_kept_at_openai_unless_somebody_wants_it(
    openai: Endpoint, database: Database, brief: Brief, tmp_path: Path
) -> None:
    studio = studio_that(openai, database, tmp_path, stores=False)
    openai.conduct = hangs_up
    with pytest.raises(OutcomeUnknown):
        generating.write(studio, brief, OPTIONS, source="test")
    assert openai.kept == {}
    assert recovery.fetch_stored_answers(studio) == 0
    studio.close()
