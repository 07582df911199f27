"""Make the README's pictures from the running app, on a database thrown away afterwards: ``make screenshot``."""

from __future__ import annotations

import os
import shutil
import signal
import socket
import subprocess
import sys
import tempfile
import time
import urllib.request
from pathlib import Path

from playwright.sync_api import Browser, Locator, Page, sync_playwright

from scripts import browser

ROOT = Path(__file__).parents[1]

BRIEFS = {
    "ko": {
        "product_description": "저온에서 하루 숙성한 통밀 식빵. 속이 편하고 고소해서 아침 식사로 좋아요.",
        "refined_ad_copy_eng": "Slow mornings, warm bread.",
        "store_information": "연남동 골목의 작은 빵집 '온기'. 매일 아침 굽습니다.",
    },
    "en": {
        "product_description": "Whole-wheat bread, proofed cold for a day. Gentle on the stomach and nutty.",
        "refined_ad_copy_eng": "Slow mornings, warm bread.",
        "store_information": "Ongi, a small bakery in Yeonnam-dong. We bake every morning.",
    },
}


def main() -> None:
    """One picture a language: Korean by day, English by night."""
    executable = browser.ensure()
    if executable is None:
        sys.exit(browser.MISSING)
    folder = Path(tempfile.mkdtemp(prefix="feed-studio-screenshot-"))
    with socket.socket() as free:
        free.bind(("127.0.0.1", 0))
        port = free.getsockname()[1]
    server = subprocess.Popen(
        [sys.executable, "-m", "streamlit", "run", "app.py", "--server.headless=true", f"--server.port={port}"],
        cwd=ROOT,
        env=os.environ | {"FEED_STUDIO_DATA": str(folder), "OPENAI_API_KEY": "", "DATABASE_URL": ""},
        stdout=subprocess.DEVNULL,
    )
    try:
        _wait_for(f"http://127.0.0.1:{port}/_stcore/health")
        with sync_playwright() as playwright:
            chromium = browser.launch(playwright, executable)
            for language, scheme in (("ko", "light"), ("en", "dark")):
                _picture(chromium, f"http://127.0.0.1:{port}", language, scheme)
            chromium.close()
    finally:
        server.send_signal(signal.SIGINT)
        server.wait(60)
        shutil.rmtree(folder, ignore_errors=True)


def _picture(chromium: Browser, address: str, language: str, scheme: str) -> None:
    context = chromium.new_context(
        viewport={"width": 1360, "height": 1040},
        color_scheme="dark" if scheme == "dark" else "light",
        device_scale_factor=1,
    )
    page = context.new_page()
    page.goto(f"{address}/?lang={language.upper()}&tenant_id=ongi_bakery")
    for field, text in BRIEFS[language].items():
        _field(page, field).fill(text)
    page.locator(".st-key-generate button").click()
    page.locator(".st-key-shorter_1 button").wait_for(timeout=60_000)
    page.wait_for_timeout(1_000)  # animations of the page come to rest
    path = ROOT / "docs" / f"generate.{language}.png"
    page.screenshot(path=path)
    print(f"{path.relative_to(ROOT)}: {path.stat().st_size:,} bytes")
    context.close()


def _field(page: Page, key: str) -> Locator:
    return page.locator(f".st-key-{key} textarea, .st-key-{key} input").first


def _wait_for(address: str) -> None:
    until = time.monotonic() + 120
    while True:
        try:
            with urllib.request.urlopen(address, timeout=5) as answer:
                if answer.status == 200:
                    return
        except OSError:
            if time.monotonic() > until:
                raise
        time.sleep(0.2)


if __name__ == "__main__":
    main()
