"""Planted secrets: whatever happens, none of them is in a log, a row, a file, an answer, an export or an error."""

from __future__ import annotations

import datetime as dt
import json
import logging
from collections.abc import Iterator
from pathlib import Path

import httpx2
import pytest

from lib import studio as studios
from lib.access import api_keys
from lib.demo.model import DemoModel
from lib.domain.brief import GenerationOptions
from lib.domain.errors import StudioError
from lib.domain.feed_filter import FeedFilter
from lib.exports import background, formats
from lib.generation import generate
from lib.i18n import words
from lib.llm.client import Writer
from lib.llm.spool import Spool
from lib.settings import Settings
from lib.store.database import Database
from lib.studio import Studio
from tests.conftest import Urls, dsn
from tests.support import generating
from tests.support.endpoint import Call, Endpoint, answers, endpoint, rejects
from tests.support.patience import PATIENCE_S
from tests.support.programs import run_program
from tests.support.serving import serving_api
from tests.support.walls.calls import brief_of
from tests.support.walls.teams import Superuser, render

PROVIDER_KEY, PEPPER, PASSWORD = "sk-canary-provider-7q1", "canary-pepper-7q2", "canary-password-7q3"
HEADER = "canary-header-7q4"
MODEL = GenerationOptions("gpt-4o-mini")


def echoes(call: Call) -> None:
    """A gateway that answers 200 with what it was sent, the key included."""
    call.whole(200, json.dumps({"error": {"message": f"{PROVIDER_KEY} may not use this model"}}).encode())


@pytest.fixture
def openai() -> Iterator[Endpoint]:
    with endpoint() as running:
        yield running


@pytest.fixture
def canary(database: Database, openai: Endpoint, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Iterator[Studio]:
    """A Studio that has every secret that there is."""
    monkeypatch.setattr(generate, "RETRY_DELAYS_S", (0.0, 0.0))
    settings = Settings(
        data_dir=tmp_path, openai_api_key=PROVIDER_KEY, openai_base_url=openai.url, openai_model="gpt-4o-mini",
        api_key_pepper=PEPPER, database_url=f"postgresql://app:{PASSWORD}@127.0.0.1:1/feeds",
    )  # fmt: skip
    studio = Studio(settings, database, Writer(settings, DemoModel(pace=0)), Spool(settings.spool_dir))
    studios.use(studio)
    yield studio
    studios.use(None)
    studio.close()


def ends(studio: Studio, team: str, *, stream: bool) -> str:
    try:
        return render(generating.write(studio, brief_of(team), MODEL, stream=stream))
    except StudioError as error:
        return render(error) + words.error("en", error) + words.error("ko", error) + json.dumps(error.as_json())


def test_no_planted_secret_is_anywhere(
    canary: Studio, openai: Endpoint, database_urls: Urls, caplog: pytest.LogCaptureFixture, tmp_path: Path
) -> None:
    caplog.set_level(logging.DEBUG)
    said = [repr(canary), repr(canary.settings)]
    rejected = json.dumps({"error": {"message": f"Incorrect API key provided: {PROVIDER_KEY}"}}).encode()
    for conduct in (answers, rejects(401, rejected), rejects(429, rejected), rejects(500, rejected), echoes):
        for stream in (False, True):
            openai.conduct = conduct
            said.append(ends(canary, "acme", stream=stream))

    away = Database(canary.settings.database_url or "")
    with pytest.raises(StudioError) as raised, away.tenant("acme"):
        pass
    said.append(render(raised.value) + words.error("en", raised.value) + repr(raised.value.__cause__))

    key = api_keys.create_key(canary, "acme", "program")
    said += [repr(key.key), repr(api_keys.authenticate(canary, key.text))]
    secret = key.text.rpartition("_")[2] if key.text.count("_") == 2 else key.text.split("_", 2)[2]
    headers = {"Authorization": f"Bearer {key.text}", "X-Forwarded-For": HEADER, "Cookie": HEADER, "User-Agent": HEADER}
    with serving_api() as address, httpx2.Client(base_url=address, headers=headers, timeout=PATIENCE_S) as client:
        for method, path, body in (
            ("GET", "/api/v1/feeds", None),
            ("GET", "/api/v1/feeds/no-id", None),
            ("GET", "/api/nowhere", None),
            ("POST", "/api/v1/feeds", {"product_description": 1}),
            ("POST", "/api/v1/feeds", {**brief_of("acme").inputs(), "model": "gpt-4o-mini"}),
        ):
            said.append(client.request(method, path, json=body).text)
        client.headers["Authorization"] = f"Bearer {key.text}x"
        said.append(client.get("/api/v1/feeds").text)

    for file_format in formats.MEDIA_TYPES:
        export = background.start(canary, "acme", FeedFilter(), file_format, words.listed("en", "export"), zone=dt.UTC)
        assert export.finished.wait(PATIENCE_S)
        assert export.path is not None
        said.append(export.path.read_bytes().decode("latin-1"))

    superuser = Superuser(dsn(database_urls.owner))
    for table in superuser.tables:
        said.append(repr(superuser.run(f"SELECT t::text FROM {table} AS t")))
    said.append(repr(superuser.run("SELECT encode(response_body, 'escape') FROM studio_attempts")))
    superuser.close()
    said.append(run_program("pg_dump", database_urls.owner, "--enable-row-security"))
    said += [path.read_bytes().decode("latin-1") for path in tmp_path.rglob("*") if path.is_file()]
    said.append(caplog.text)

    assert len(openai.ledger) >= 10
    for planted in (PROVIDER_KEY, PEPPER, PASSWORD, HEADER, secret):
        assert [text[:300] for text in said if planted in text] == [], planted
