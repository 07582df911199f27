"""Before anything is spent a person sees what it will take; the button starts the good rows once."""

from __future__ import annotations

import csv
import dataclasses
import io
from collections.abc import Callable
from decimal import Decimal
from typing import Any

from lib.batches import drafts
from lib.batches import estimate as estimates
from lib.batches.drafts import Draft
from lib.demo.model import DemoModel
from lib.domain import pricing
from lib.llm.client import Writer
from lib.studio import Studio
from lib.ui.core import exporting
from tests.conftest import RunSql
from tests.support.batch_api import BatchApi
from tests.support.batching import take_steps
from tests.support.endpoint import endpoint
from tests.support.patience import PATIENCE_S

Open = Callable[..., Any]


def test_the_estimate_has_its_basis_and_unknown_stays_unknown(open_batches: Open, studio: Studio, draft: Draft) -> None:
    told = open_batches(draft=draft.draft_id).told()
    assert "demo: 2편, 비용이 들지 않아요." in told
    assert "**알 수 없음**" in told, "how long it takes nobody knows yet"
    drafts.set_defaults(studio, draft, {}, "my-own-model")
    assert "my-own-model: 가격을 몰라 2편의 비용을 알 수 없어요" in open_batches(draft=draft.draft_id).told()
    drafts.set_defaults(studio, draft, {}, "gpt-5-mini")
    assert "프롬프트 토큰과 가격으로" in open_batches(draft=draft.draft_id).told()


def test_a_press_that_arrives_twice_starts_one_batch(
    open_batches: Open, studio: Studio, draft: Draft, as_owner: RunSql
) -> None:
    page = open_batches(draft=draft.draft_id)
    page.fill(limit_usd="$2.5")
    press = page.pressed("run_batch")
    page.send(press)
    address = page.app.query_params["batch"]
    again = open_batches(draft=draft.draft_id)  # a browser whose server was started anew
    again.send(press)
    assert again.app.query_params["batch"] == address
    assert as_owner("SELECT name, limit_usd::text, columns FROM studio_batches") == [
        ("빵", "2.500000000", ["제품", "내용물"])
    ]
    assert as_owner("SELECT uploaded FROM studio_batch_rows ORDER BY number") == [(["식빵", "a"],), (["식빵", "b"],)]
    left = drafts.load(studio, "acme", draft.draft_id)
    assert (left.good, left.wrong) == ([], [2])


def test_economy_is_offered_where_the_server_has_it_and_costs_half_to_the_download(
    open_batches: Open, studio: Studio, draft: Draft, as_owner: RunSql
) -> None:
    page = open_batches(draft=draft.draft_id)
    page.app.toggle[0].set_value(True).run()
    assert "모델 demo의 서버에는 Batch API가 없어서" in page.told()
    assert not page.has("run_batch")
    with endpoint() as openai:
        openai.batch_api = BatchApi()
        settings = dataclasses.replace(studio.settings, openai_api_key="sk-test", openai_base_url=openai.url)
        studio.writer = Writer(settings, DemoModel(pace=0))
        drafts.set_defaults(studio, draft, {}, "gpt-5-mini")
        page = open_batches(draft=draft.draft_id)
        live = estimates.estimate(studio, "acme", draft.requests())
        page.app.toggle[0].set_value(True).run()
        assert "24시간 안에" in page.told()
        page.send(page.pressed("run_batch"))
        assert openai.batch_api.files == {}
        assert live.cost_usd
        assert as_owner("SELECT economy, estimated_usd FROM studio_batches") == [(True, live.cost_usd / 2)]
        assert "절약: 절반 가격" in page.told()
        for _ in range(3):  # filled, sent, looked at
            take_steps(studio, as_owner)
        assert "OpenAI가 확인하는 중" in page.run().told()
        openai.batch_api.complete(openai.batch_api.last)
        for _ in range(2):  # taken in, ended
            take_steps(studio, as_owner)
        assert openai.ledger == [], "a row was asked for live"
        studio.writer.close()
    page.run().click("export_csv")
    _, export = page.app.session_state[exporting.EXPORT]
    assert export.finished.wait(PATIENCE_S)
    lines = list(csv.DictReader(io.StringIO(export.path.read_text("utf-8-sig"), newline="")))
    full = [
        pricing.cost_usd("gpt-5-mini", usage, made_at)
        for usage, made_at in as_owner(
            "SELECT f.token_usage, f.created_at FROM instagram_feeds AS f"
            " JOIN studio_batch_rows USING (instagram_feed_id) ORDER BY number"
        )
    ]
    assert [Decimal(line["비용 (USD, 빈칸은 알 수 없음)"]) * 2 for line in lines] == full
