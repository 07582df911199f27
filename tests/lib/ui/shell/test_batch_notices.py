"""Every page says that a batch has ended or waits: once in passing, and as a link until it was opened."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

from lib.studio import Studio
from tests.conftest import RunSql
from tests.support.batching import batch_of

Open = Callable[..., Any]


def links(page: Any) -> list[str]:
    return [one.proto.label for one in page.app.sidebar.get("page_link")]


def test_a_batch_that_ends_meanwhile_is_told_once_and_linked_until_it_is_opened(
    open_page: Open, studio: Studio, as_owner: RunSql
) -> None:
    batch_id = batch_of(studio, 1, name="봄 신제품")
    batch_of(studio, 1, "rival", name="남의 것")
    page = open_page(tenant_id="acme")
    assert links(page) == []
    as_owner("UPDATE studio_batches SET status = 'done', ended_at = now()")
    assert "‘봄 신제품’ 일괄 작업이 끝났어요" in page.run().told("toast")
    assert "끝났어요" not in page.run().told("toast")
    assert [label for label in links(page) if "봄 신제품" in label]
    page.app.switch_page("batches.py")
    page.app.query_params["batch"] = str(batch_id)
    page.run()
    assert links(page.run()) == []


def test_a_paused_batch_stays_in_sight(open_page: Open, studio: Studio, as_owner: RunSql) -> None:
    batch_id = batch_of(studio, 1, name="봄")
    as_owner("UPDATE studio_batches SET status = 'paused', paused_because = 'person'")
    page = open_page("batches.py", tenant_id="acme", batch=str(batch_id))
    assert "멈췄어요" not in page.told("toast"), "what was so before is no news"
    assert len(links(page)) == 1
