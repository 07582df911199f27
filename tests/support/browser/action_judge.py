"""Presses each action of the history, the metrics and the keys in every manner of bad luck, and looks what it changed.

``python -m tests.support.browser.action_judge --each 100`` presses each action so many times, in a real browser on the
whole app, and prints what changed a row or a team that was not on the screen: nothing may. Each press changes the row
that the person saw, or the page says that it changed nothing.
"""

from __future__ import annotations

import argparse
import random
import sys
import time
import uuid
from collections import Counter
from collections.abc import Callable, Iterator
from contextlib import contextmanager, suppress
from dataclasses import dataclass, field
from typing import Any

from playwright.sync_api import Browser, BrowserContext, Page, sync_playwright
from playwright.sync_api import TimeoutError as NotThere

from scripts import browser
from tests.conftest import run_sql
from tests.support.browser.app_serving import App, serving_app
from tests.support.browser.broken_network import BrokenNetwork
from tests.support.browser.widgets import button
from tests.support.browser.widgets import field as text_field

TEAMS = ("mine", "theirs")
FEEDS_A_TEAM = 4
WAIT_MS = 20_000
SETTLED_S = 0.4
"""Without a run of the page, after which a press is taken to have had its effect."""
LONGEST_S = 20.0
ANSWERED_S = 8.0
"""In which a press that is not lost has changed something or made the page say something, on a busy machine too."""
UNSENT = """
    () => JSON.parse(sessionStorage.getItem("feed-studio.presses") ?? "[]").some(({ state }) => state === "sending")
"""
"""Whether a press is on its way still."""

HEAR = """
    window.told = []
    new MutationObserver(() => {
        const sentences = document.querySelectorAll(
            ".press-unsure:not([hidden]), .press .status:not([hidden]), [data-testid=stAlert], [data-testid=stToast]")
        window.told.push(...[...sentences].map((one) => one.textContent).filter(Boolean))
    }).observe(document, { subtree: true, childList: true, characterData: true, attributeFilter: ["hidden"] })
"""
"""Collects each sentence that the page says, however briefly."""

Row = tuple[str, str]
"""A team, and the id of one of its rows; an empty id is the team's settings."""
State = dict[tuple[str, str, str], str]
"""By table, team and row: what is stored."""

STORED = """
    SELECT 'feed', tenant_id, instagram_feed_id::text, instagram_ad_copy || hashtags FROM instagram_feeds
    UNION ALL SELECT 'state', tenant_id, feed_id::text, status || favourite FROM studio_feed_states
    UNION ALL SELECT 'moves', tenant_id, feed_id::text, count(*)::text FROM studio_feed_moves GROUP BY 2, 3
    UNION ALL SELECT 'key', tenant_id, key_id::text, (revoked_at IS NULL)::text FROM studio_api_keys
    UNION ALL SELECT 'price', tenant_id, model, price::text FROM studio_prices AS price
    UNION ALL SELECT 'settings', tenant_id, '', concat(time_zone, budget_usd, krw_per_usd) FROM studio_tenant_settings
    UNION ALL SELECT 'view', tenant_id, name, query::text FROM studio_saved_views
"""
FEED = """
    INSERT INTO instagram_feeds (tenant_id, refined_ad_copy_eng, tone_style, product_description, store_information,
        gpt_prompt, instagram_ad_copy, hashtags) VALUES (%s, '', '따뜻하게', '제품', '가게', '지시', %s, '#카페')
    RETURNING instagram_feed_id::text
"""


@dataclass
class World:
    """The app, the network before it, the browser, and the rows that are there to be hit."""

    app: App
    network: BrokenNetwork
    context: BrowserContext
    random: random.Random
    feeds: dict[str, list[str]] = field(default_factory=dict)
    number: int = 0

    def sql(self, statement: str, *values: Any) -> list[tuple[Any, ...]]:
        """Plain SQL by the owner of the tables."""
        return run_sql(self.app.owner_url, statement, *values)

    def stored(self) -> State:
        """Everything that an action of these pages may change, of all teams."""
        return {(table, team, row): text for table, team, row, text in self.sql(STORED)}

    def word(self) -> str:
        """A word that occurs once."""
        self.number += 1
        return f"w{self.number}x{self.random.randrange(10**6)}"

    def feed(self, team: str) -> str:
        """One of a team's feeds, with an older version to go back to; their number stays as it is."""
        feeds = self.feeds.setdefault(team, [])
        while len(feeds) < FEEDS_A_TEAM:
            [(feed_id,)] = self.sql(FEED, team, self.word())
            self.sql(
                "UPDATE instagram_feeds SET instagram_ad_copy = %s WHERE instagram_feed_id = %s", self.word(), feed_id
            )
            feeds.append(feed_id)
        return self.random.choice(feeds)

    def open(self, page: Page, path: str, team: str, **query: str) -> None:
        """Open a page of the app and wait until it is drawn."""
        told = "&".join(f"{name}={value}" for name, value in {"tenant_id": team, **query}.items())
        page.goto(f"{self.network.url}/{path}?{told}")
        settle(page)


def settle(page: Page) -> None:
    """Wait until no run of the page has been under way for a moment."""
    quiet_since, until = time.monotonic(), time.monotonic() + LONGEST_S
    while time.monotonic() < until:
        with suppress(Exception):
            app = page.evaluate("({ ...document.querySelector('[data-testid=stApp]')?.dataset })")
            connected = app.get("testConnectionState", "CONNECTED") == "CONNECTED"
            if app.get("testScriptState") != "notRunning" or not connected or page.evaluate(UNSENT):
                quiet_since = time.monotonic()
            elif time.monotonic() - quiet_since > SETTLED_S:
                return
        time.sleep(0.03)


# -- the actions: each opens its page, and returns the press and the rows that it may change --------------------------

Press = Callable[[], None]


def _detail(world: World, page: Page, team: str) -> str:
    feed_id = world.feed(team)
    world.open(page, "history", team, feed=feed_id)
    return feed_id


def _unfold(page: Page, key: str) -> None:
    """Open an expander, unless the page itself does, where something in it was typed and not saved."""
    expander = page.locator(f".st-key-{key} details").first
    until = time.monotonic() + LONGEST_S
    while time.monotonic() < until and not expander.locator("input, textarea").first.is_visible():
        if expander.get_attribute("open") is None:
            expander.locator("summary").first.click()
        settle(page)


def edit(world: World, page: Page, team: str) -> tuple[Press, list[Row]]:
    """Save another text of a feed."""
    feed_id = _detail(world, page, team)
    _unfold(page, "edit_1")
    text_field(page, "edit_text_1").fill(world.word())
    return lambda: button(page, "save_1").evaluate("button => button.click()"), [(team, feed_id)]


def favour(world: World, page: Page, team: str) -> tuple[Press, list[Row]]:
    """Mark a feed as a favourite, or no longer."""
    feed_id = _detail(world, page, team)
    return lambda: button(page, "favour").click(), [(team, feed_id)]


def state(world: World, page: Page, team: str) -> tuple[Press, list[Row]]:
    """Move a feed to another status, with a note."""
    feed_id = _detail(world, page, team)
    page.locator(".st-key-state button").first.click()
    text_field(page, "state_note").fill(world.word())
    target = page.locator('[class*="st-key-state_"] button:enabled').first
    target.wait_for()
    return lambda: target.click(), [(team, feed_id)]


def archive(world: World, page: Page, team: str) -> tuple[Press, list[Row]]:
    """Archive a feed, or bring it back."""
    feed_id = _detail(world, page, team)
    target = page.locator(":is(.st-key-archive, .st-key-unarchive) button").first
    return lambda: target.click(), [(team, feed_id)]


def restore(world: World, page: Page, team: str) -> tuple[Press, list[Row]]:
    """Bring back an earlier version of a feed."""
    feed_id = _detail(world, page, team)
    target = page.locator('[class*="st-key-restore_"] button:enabled').last
    return lambda: target.click(), [(team, feed_id)]


def delete(world: World, page: Page, team: str) -> tuple[Press, list[Row]]:
    """Delete a feed for good."""
    feed_id = _detail(world, page, team)
    button(page, "delete").click()
    button(page, "delete_yes").wait_for()
    return lambda: button(page, "delete_yes").click(), [(team, feed_id)]


def star(world: World, page: Page, team: str) -> tuple[Press, list[Row]]:
    """Mark a feed of the list as a favourite."""
    world.feed(team)
    world.open(page, "history", team, status="any")
    target = page.locator(".feed").nth(world.random.randrange(FEEDS_A_TEAM))
    feed_id = target.locator(".open").get_attribute("data-id") or target.get_attribute("data-id")
    rows = [(team, feed_id)] if feed_id else [(team, one) for one in world.feeds[team]]
    return lambda: target.locator(".star").click(), rows


def several(world: World, page: Page, team: str) -> tuple[Press, list[Row]]:
    """Archive several feeds of the list."""
    world.feed(team)
    world.open(page, "history", team)
    boxes = page.locator(".feed .choose input")
    if boxes.count() == 0:
        world.sql("UPDATE studio_feed_states SET status = 'draft' WHERE tenant_id = %s", team)
        world.open(page, "history", team)
    boxes.first.check()
    settle(page)
    return lambda: button(page, "archive_several").click(), [(team, one) for one in world.feeds[team]]


def _settings(world: World, page: Page, team: str) -> None:
    world.open(page, "metrics", team)
    _unfold(page, "metrics_settings")


def _typed(page: Page, name: str, text: str) -> None:
    page.locator(f'[class*="st-key-set_{name}"] input').first.fill(text)


def budget(world: World, page: Page, team: str) -> tuple[Press, list[Row]]:
    """Save a budget, and with it the time zone."""
    world.feed(team)
    _settings(world, page, team)
    _typed(page, "budget_usd", str(world.random.randrange(10**6)))
    target = page.locator('[data-testid="stFormSubmitButton"] button').first
    return lambda: target.click(), [(team, "")]


def price(world: World, page: Page, team: str) -> tuple[Press, list[Row]]:
    """Save a price of a model."""
    world.feed(team)
    _settings(world, page, team)
    model = world.word()
    for name, text in {"model": model, "input_usd": "1", "cached_usd": "0.5", "output_usd": "2"}.items():
        _typed(page, name, text)
    target = page.locator('[data-testid="stFormSubmitButton"] button').nth(1)
    return lambda: target.click(), [(team, model)]


def forget_price(world: World, page: Page, team: str) -> tuple[Press, list[Row]]:
    """Forget the first of a team's prices."""
    world.feed(team)
    for one in TEAMS:
        for _ in range(2):
            world.sql(
                "INSERT INTO studio_prices (tenant_id, model, starts_on, input_usd, cached_usd, output_usd)"
                " VALUES (%s, %s, '2026-01-01', 1, 1, 1)", one, world.word(),
            )  # fmt: skip
    _settings(world, page, team)
    target = page.locator(".st-key-forget_price_0 button")
    shown = target.locator("xpath=ancestor::*[@data-testid='stHorizontalBlock' or @data-testid='stVerticalBlock'][2]")
    text = shown.first.inner_text()
    models = [model for (model,) in world.sql("SELECT model FROM studio_prices WHERE tenant_id = %s", team)]
    return lambda: target.click(), [(team, model) for model in models if model in text]


def save_view(world: World, page: Page, team: str) -> tuple[Press, list[Row]]:
    """Save what the page shows under a name."""
    world.feed(team)
    world.open(page, "metrics", team, period="30d")
    page.get_by_role("button", name="저장한 보기").or_(
        page.locator('[data-testid="stPopoverButton"]').nth(1)
    ).first.click()
    name = world.word()
    text_field(page, "metrics_view_name").fill(name)
    text_field(page, "metrics_view_name").press("Tab")
    return lambda: button(page, "save_view").click(), [(team, name)]


def make_key(world: World, page: Page, team: str) -> tuple[Press, list[Row]]:
    """Make an API key."""
    world.open(page, "keys", team)
    text_field(page, "key_name").fill(world.word())
    return lambda: button(page, "make_key").click(), [(team, "*new key")]


def revoke(world: World, page: Page, team: str) -> tuple[Press, list[Row]]:
    """Revoke an API key."""
    for one in TEAMS:
        world.sql(
            "INSERT INTO studio_api_keys (tenant_id, key_id, name, secret_hash, scopes)"
            " VALUES (%s, %s, %s, '\\x00', ARRAY['read'])", one, uuid.uuid4().hex[:8], world.word(),
        )  # fmt: skip
    world.open(page, "keys", team)
    page.locator('[data-testid="stPopoverButton"]').first.click()
    target = page.locator('[class*="st-key-revoke_"] button').first
    target.wait_for()
    name = target.evaluate(
        "button => button.closest('[class*=st-key-revoke_]').className.match(/st-key-revoke_(\\w+)/)[1]"
    )
    return lambda: target.click(), [(team, str(name))]


ACTIONS = (edit, favour, state, archive, restore, delete, star, several, budget, price, forget_price, save_view,
           make_key, revoke)  # fmt: skip


# -- the manners ------------------------------------------------------------------------------------------------------


def calm(_world: World, _page: Page, press: Press, _away: Press) -> None:
    """Nothing happens."""
    press()


def cut_before(world: World, _page: Page, press: Press, _away: Press) -> None:
    """The connection is lost just before the press."""
    world.network.cut()
    press()


def cut_after(world: World, _page: Page, press: Press, _away: Press) -> None:
    """The connection is lost just after the press."""
    press()
    time.sleep(world.random.choice((0.0, 0.01, 0.03, 0.1)))
    world.network.cut()


def held_back(world: World, _page: Page, press: Press, away: Press) -> None:
    """The page is on its way to another row or team, whose drawing is late: the press meets the old screen."""
    world.network.holds_back = True
    away()
    time.sleep(world.random.choice((0.0, 0.1, 0.4)))
    press()
    time.sleep(0.1)
    world.network.holds_back = False


def walked_on(world: World, _page: Page, press: Press, away: Press) -> None:
    """The person walks on right after the press."""
    press()
    time.sleep(world.random.choice((0.0, 0.02, 0.1)))
    away()


def restarted(world: World, page: Page, press: Press, _away: Press) -> None:
    """The server is killed before the press and starts again; the press is the first of a new session."""
    world.app.kill()
    world.app.start()
    settle(page)
    press()


MANNERS = (calm, cut_before, cut_after, held_back, walked_on, restarted)
SELDOM = {restarted: 10}
"""Manners that take long, and how much more seldom they are tried."""


def _away(world: World, page: Page, team: str) -> Press:
    """To another feed or team, as the browser does it: by its address, without loading the page anew."""
    other_team = TEAMS[1 - TEAMS.index(team)]
    feed_id = world.feed(other_team)

    def walk() -> None:
        page.evaluate(
            "query => { history.pushState({}, '', `?${query}`); dispatchEvent(new PopStateEvent('popstate')) }",
            world.random.choice((f"tenant_id={other_team}&lang=KO&feed={feed_id}", f"tenant_id={other_team}&lang=KO")),
        )

    return walk


def judged(world: World, action: Callable[..., tuple[Press, list[Row]]], manner: Callable[..., None]) -> str:
    """Press once: *own*, *told* where nothing was changed and the page said so, or what was hit instead or lost."""
    page, team = world.context.new_page(), world.random.choice(TEAMS)
    page.set_default_timeout(WAIT_MS)
    page.add_init_script(HEAR)
    try:
        for one in TEAMS:
            world.feed(one)
        press, rows = action(world, page, team)
        before = world.stored()
        page.evaluate("window.told.length = 0")
        try:
            manner(world, page, press, _away(world, page, team))
        except NotThere:
            return "not pressed: the button was gone"
        finally:
            world.network.holds_back = False
        settle(page)
        time.sleep(SETTLED_S)
        until = time.monotonic() + ANSWERED_S
        while True:
            after, told = world.stored(), page.evaluate("window.told")
            if after != before or told or time.monotonic() > until:
                break
            time.sleep(SETTLED_S)
    finally:
        page.close()
        world.feeds = {
            one: [
                feed_id
                for (feed_id,) in world.sql(
                    "SELECT instagram_feed_id::text FROM instagram_feeds WHERE tenant_id = %s", one
                )
            ]
            for one in TEAMS
        }
    changed = {name for name in before.keys() | after.keys() if before.get(name) != after.get(name)}
    if (team, "*new key") in rows:
        rows = [(team, name[2]) for name in changed if name[0] == "key" and name[1] == team and name not in before]
        if len(rows) > 1:
            return f"HIT TWICE: {rows}"
    strange = sorted(name for name in changed if (name[1], name[2]) not in rows)
    if strange:
        return f"HIT ANOTHER: {strange} instead of {rows}"
    if changed:
        return "own"
    return "told" if told else "LOST in silence"


@contextmanager
def opened(chromium: Browser, seed: int) -> Iterator[World]:
    """An app with two teams, a network that breaks and a browser."""
    with serving_app(FEED_STUDIO_DEMO_PACE="0") as app, chromium.new_context() as context:
        network = BrokenNetwork(app.port)
        try:
            yield World(app, network, context, random.Random(seed))
        finally:
            network.close()


def main() -> int:
    """Press each action ``--each`` times and print the counts; 1 if anything strange was hit."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--each", type=int, default=100)
    parser.add_argument("--only", default="", help="names of actions, with commas")
    parser.add_argument("--manners", default="", help="names of manners, with commas")
    parser.add_argument("--seed", type=int, default=1)
    options = parser.parse_args()
    executable = browser.find()
    assert executable, browser.MISSING
    chosen = [one for one in ACTIONS if not options.only or one.__name__ in options.only.split(",")]
    manners = [one for one in MANNERS if not options.manners or one.__name__ in options.manners.split(",")]
    strange = 0
    with (
        sync_playwright() as playwright,
        browser.launch(playwright, executable) as chromium,
        opened(chromium, options.seed) as world,
    ):
        for action in chosen:
            counts: Counter[str] = Counter()
            turns = [one for one in manners for _ in range(1 if one in SELDOM else max(SELDOM.values()))]
            for _ in range(options.each):
                manner = world.random.choice(turns)
                try:
                    verdict = judged(world, action, manner)
                except Exception as error:
                    verdict = f"broke: {str(error).splitlines()[0][:100]}"
                if verdict not in ("own", "told"):
                    print(f"  {action.__name__}, {manner.__name__}: {verdict}", flush=True)
                strange += verdict.startswith(("HIT", "LOST"))
                counts[f"{manner.__name__}: {verdict.partition(':')[0]}"] += 1
            print(f"{action.__name__}: {dict(sorted(counts.items()))}", flush=True)
    print(f"{strange} presses hit what was not on the screen, or were lost without a word.")
    return 1 if strange else 0


if __name__ == "__main__":
    sys.exit(main())
