"""The browser that the other browser tests rely on, and how it is found."""

from __future__ import annotations

import os
import subprocess
import sys

import pytest
from playwright.sync_api import Browser

from scripts import browser
from tests.support.browser.app_serving import App
from tests.support.browser.person import person
from tests.support.patience import PATIENCE_S
from tests.support.project import ROOT


def find_browser(environment: dict[str, str]) -> subprocess.CompletedProcess[str]:
    return subprocess.run(
        [sys.executable, "-m", "scripts.browser"],
        cwd=ROOT,
        env=os.environ | environment,
        capture_output=True,
        text=True,
        timeout=PATIENCE_S,
    )


@pytest.mark.browser
def test_a_page_runs_its_script_and_lays_out_korean(chromium: Browser) -> None:
    page = chromium.new_page()
    page.set_content("<p>가을 신메뉴</p><script>document.title = document.querySelector('p').innerText</script>")
    assert page.title() == "가을 신메뉴"
    assert page.locator("p").bounding_box() is not None
    page.close()


@pytest.mark.browser
def test_a_person_finds_nothing_of_the_one_before(chromium: Browser, app: App) -> None:
    stored = "[/mine=/.test(document.cookie), localStorage.length, sessionStorage.length]"
    found = []
    for _ in range(2):
        with person(chromium, app.url) as context:
            page = context.new_page()
            page.goto(f"{app.url}/_stcore/health")
            found.append(page.evaluate(stored))
            page.evaluate("document.cookie = 'mine=1'; localStorage.mine = sessionStorage.mine = 1")
            assert page.evaluate(stored) == [True, 1, 1]
    assert found == [[False, 0, 0]] * 2
    assert len(chromium.contexts[0].pages) == 1


@pytest.mark.browser
def test_a_named_chromium_is_taken_as_it_is(chromium: Browser) -> None:
    named = browser.find()
    assert named is not None
    answer = find_browser({browser.NAMED_BY: named})
    assert (answer.returncode, answer.stdout.strip()) == (0, named), answer.stderr


@pytest.mark.parametrize("named", ["/nowhere/chromium", "false"])
def test_a_named_chromium_that_does_not_start_is_an_error_with_its_name(named: str) -> None:
    answer = find_browser({browser.NAMED_BY: named})
    assert answer.returncode == 1
    assert answer.stdout == ""
    assert named in answer.stderr
