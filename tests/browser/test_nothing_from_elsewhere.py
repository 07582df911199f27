"""A real browser visits each page: it breaks no rule of the policy and asks no other server for anything."""

from __future__ import annotations

import pytest
from playwright.sync_api import Browser, expect

from tests.support.browser.app_serving import App
from tests.support.patience import PATIENCE_S

pytestmark = pytest.mark.browser


def test_no_page_breaks_the_policy_or_asks_elsewhere(chromium: Browser, app: App) -> None:
    page = chromium.new_page(viewport={"width": 1400, "height": 1000})
    refused: list[str] = []
    elsewhere: list[str] = []
    ours = (app.url, app.url.replace("http:", "ws:"), "data:", "blob:")
    page.on(
        "console", lambda message: refused.append(message.text) if "Content Security Policy" in message.text else None
    )
    page.on("pageerror", lambda error: refused.append(str(error)))
    page.on("request", lambda request: None if request.url.startswith(ours) else elsewhere.append(request.url))
    page.on("websocket", lambda socket: None if socket.url.startswith(ours) else elsewhere.append(socket.url))

    page.goto(f"{app.url}/metrics?lang=EN")  # the empty team's page offers the samples
    page.get_by_role("button", name="Explore sample data").first.click()
    expect(page.locator(".js-plotly-plot").first).to_be_visible(timeout=PATIENCE_S * 1000)
    for path in ("", "history", "jobs", "keys"):
        page.goto(f"{app.url}/{path}?tenant_id=sample&lang=EN")
        expect(page.get_by_text("written by AI", exact=False).first).to_be_visible(timeout=PATIENCE_S * 1000)
        expect(page.locator("[data-testid=stApp]")).to_have_attribute("data-test-script-state", "notRunning")
    page.goto(f"{app.url}/api/docs")
    expect(page.locator(".swagger-ui .info")).to_be_visible(timeout=PATIENCE_S * 1000)

    assert refused == []
    assert elsewhere == []
