"""What strangers, models and other programs wrote is shown on every page as text, and does nothing else."""

from __future__ import annotations

import json
import uuid
from collections.abc import Callable
from typing import Any

import pytest
from playwright.sync_api import BrowserContext, expect

from tests.support.browser.app_serving import App
from tests.support.patience import PATIENCE_S

pytestmark = pytest.mark.browser

Sql = Callable[..., list[tuple[Any, ...]]]

ACTS = "<img src=x onerror=pwned=1><script>pwned=1</script><svg onload=pwned=1></svg>"
MARKUP = (
    "![a](http://evil.example/a.png) [b](javascript:pwned=1) <https://evil.example> [c](https://evil.example/c)"
    ' <iframe src="//evil.example"></iframe> **d** `e` $f^2$ :red[g] :material/home: # h'
)
HOSTILE = {
    "acts": ACTS,
    "markup": MARKUP,
    "breaks out": """</script><script>pwned=1</script>'"><img src=x onerror=pwned=1>{{pwned}}${pwned}%s{0}""",
    "bidi": "\u202egnp.exe\u2066 \u200b\u200d\ufeff\u061c 말차\u0301\u0301\u0301",
    "controls": "a\x01b\x07c\x1b[31md\x7fe\x85f\u2028g\ttab\r\nline",
    "formula": '=HYPERLINK("http://evil.example","x")\n+1+cmd|\' /C calc\'!A0\n@SUM(1)\n-1',
    "broken JSON": '{"messages": [{"role": "user", "content": "' + "[" * 500,
    "huge": ACTS + "가나다 " * 50_000 + "w" * 50_000,
}
TEXTS = (
    *("refined_ad_copy_eng", "tone_style", "product_description", "store_information", "gpt_prompt"),
    *("instagram_ad_copy", "hashtags", "gpt_model_name", "gpt_prompt_used"),
)
SHORT = ("tone_style", "gpt_model_name")
"""Columns that the customer's table limits to 255 or 500 characters."""


def insert(sql: Sql, table: str, **values: Any) -> None:
    given = [json.dumps(each) if isinstance(each, dict) else each for each in values.values()]
    sql(f"INSERT INTO {table} ({', '.join(values)}) VALUES ({', '.join(['%s'] * len(values))})", *given)


def fill(sql: Sql, team: str) -> list[str]:
    """A row of each hostile kind wherever somebody can write one; returns the addresses that show them."""
    job, batch, experiment = (str(uuid.uuid4()) for _ in range(3))
    sql("INSERT INTO jobs (job_id, tenant_id) VALUES (%s, %s)", job, team)
    name = ACTS + MARKUP
    insert(sql, "studio_experiments", tenant_id=team, experiment_id=experiment, name=name, votes_per_pair=1)
    for variant in (1, 2):
        changes = {"gpt_prompt": name}
        place = {"experiment_id": experiment, "variant": variant}
        insert(sql, "studio_experiment_variants", tenant_id=team, **place, changes=changes)
    insert(sql, "studio_prompts", tenant_id=team, prompt_id=str(uuid.uuid4()), version=1, name=name, text=name)
    insert(sql, "studio_saved_views", tenant_id=team, name=name[:80], query={"model": f"={name}"})
    insert(sql, "studio_batches", tenant_id=team, batch_id=batch, name=name, source="page", columns=[name, "=1+1"],
           fingerprint="x", status="done")  # fmt: skip
    sql("UPDATE studio_batches SET ended_at = now() WHERE batch_id = %s", batch)
    feeds = []
    for number, text in enumerate(HOSTILE.values(), 1):
        feed = str(uuid.uuid4())
        columns = {column: text[:200] if column in SHORT else text for column in TEXTS}
        raw = {"choices": [{"message": {"content": text}}], "error": {"message": text}}
        insert(
            sql, "instagram_feeds", instagram_feed_id=feed, tenant_id=team, job_id=job, gpt_response_raw=raw, **columns
        )
        short = text[:200]
        brief = {"tenant_id": team, **dict.fromkeys(TEXTS[:5], text)}
        row = {"uploaded": {}, "brief": brief, "options": {"model": short}, "model": short, "error_code": short}
        insert(
            sql, "studio_batch_rows", tenant_id=team, batch_id=batch, number=number, variant=1, status="failed", **row
        )
        feeds.append(feed)
    return [
        *(f"{path}?" for path in ("", "history", "jobs", "metrics", "keys", "batches", "experiments")),
        *(f"history?feed={feed}&" for feed in (feeds[0], *feeds[-2:])),
        *(f"history?compare={','.join(some)}&" for some in (feeds[:4], feeds[4:])),
        f"?feed={feeds[0]}&",
        f"jobs?job={job}&",
        f"batches?batch={batch}&",
        f"experiments?experiment={experiment}&",
        "experiments?view=library&",
    ]


def test_hostile_rows_are_text_on_every_page(context: BrowserContext, app: App, sql: Sql, tenant: str) -> None:
    page = context.new_page()
    refused: list[str] = []
    page.on("console", lambda said: refused.append(said.text) if "Content Security Policy" in said.text else None)
    wrong = {}
    for address in fill(sql, tenant):
        page.goto(f"{app.url}/{address}tenant_id={tenant}&lang=EN")
        expect(page.get_by_text("written by AI", exact=False).first).to_be_visible(timeout=PATIENCE_S * 1000)
        expect(page.locator("[data-testid=stApp]")).to_have_attribute("data-test-script-state", "notRunning")
        found = page.evaluate("""() => ({
            ran: typeof pwned !== 'undefined' && pwned === 1,
            failed: [...document.querySelectorAll('[data-testid=stException]')].map(each => each.innerText),
            loaded: [...document.querySelectorAll('img, iframe, script, link, svg image')]
                .map(each => each.src || each.href || '').filter(each => /evil|javascript:|\\/x$/.test(each)),
            linked: [...document.querySelectorAll('a')]
                .map(each => each.href).filter(each => /evil|^javascript:/.test(each)),
        })""")
        if found != {"ran": False, "failed": [], "loaded": [], "linked": []}:
            wrong[address] = found
    assert wrong == {}
    assert refused == []
