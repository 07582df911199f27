"""Find a Chromium for the browser tests and the screenshots, or install one: ``python -m scripts.browser``.

Prints the executable's path, or nothing where there is none: then one line on stderr says what is missing, and with
``CI`` set the exit status is 1, because a CI machine that quietly tests less is worse than one that fails.
"""

from __future__ import annotations

import os
import platform
import shutil
import subprocess
import sys
from collections.abc import Iterator
from pathlib import Path

from playwright.sync_api import Browser, BrowserContext, Playwright, sync_playwright

NAMED_BY = "FEED_STUDIO_CHROMIUM"
"""The environment variable that names an executable; it goes before everything found by itself."""

ON_PATH = ("chromium", "chromium-browser", "google-chrome", "google-chrome-stable")
ON_MACOS = (
    "/Applications/Google Chrome.app/Contents/MacOS/Google Chrome",
    "/Applications/Chromium.app/Contents/MacOS/Chromium",
)

FLAGS = (
    "--disable-quic",
    "--no-first-run",
    "--disable-background-networking",
    "--disable-component-update",
    "--disable-sync",
)
"""A test talks to its own server and to nobody else."""

MISSING = (
    f"No Chromium was found. Install Chromium or Chrome (Debian: apt install chromium fonts-noto-cjk), or name one in "
    f"{NAMED_BY}; until then the browser tests are left out."
)


def find() -> str | None:
    """The executable of a Chromium that starts, or None.

    Raises :class:`LookupError` when the one named in the environment does not start: whoever names one means it.
    """
    if named := os.environ.get(NAMED_BY):
        executable = shutil.which(named)
        if executable is None or not _succeeds(executable, "--version"):
            raise LookupError(f"{NAMED_BY} names {named}, which does not start.")
        return executable
    return next((place for place in _places() if _succeeds(place, "--version")), None)


def ensure() -> str | None:
    """The executable of a Chromium that starts, installed first where there is none and this machine lets us.

    On Debian its own package goes first: Playwright's download lacks the system libraries that only the same package
    manager has, and is out of reach in closed networks. Ubuntu's package is a launcher for a snap, which containers
    cannot start, so everywhere else it is Playwright's, with those libraries where we may install them.
    """
    found = find()
    administers = _administers() if shutil.which("apt-get") else None
    if administers is not None and _is_debian():
        wanted = [] if found else ["chromium"]
        if not _has_korean_font():
            wanted += ["fonts-noto-cjk", "fonts-noto-color-emoji"]  # Hangul, and what captions are full of
        if wanted:
            _tell(f"Installing {' and '.join(wanted)} with apt (about 100 MB for Chromium, 70 MB for the fonts) ...")
            quietly = [*administers, "env", "DEBIAN_FRONTEND=noninteractive", "apt-get", "-qq"]
            if _run([*quietly, "update"]):
                _run([*quietly, "install", "--yes", "--no-install-recommends", *wanted])
            found = find()
    if found is None:
        _tell("Installing Playwright's Chromium (about 180 MB to download) ...")
        libraries = ["--with-deps"] if administers is not None else []
        _run([sys.executable, "-m", "playwright", "install", *libraries, "--no-shell", "chromium"])
        found = find()
    return found


def launch(playwright: Playwright, executable: str) -> Browser:
    """A headless browser, for pages of our own only: Playwright switches Chromium's sandbox off.

    That is what makes it start as root, in containers, and where the kernel forbids user namespaces.
    """
    return playwright.chromium.launch(executable_path=executable, args=FLAGS)


def launch_profile(playwright: Playwright, executable: str, folder: Path) -> BrowserContext:
    """A headless browser with its profile in a folder, where it keeps what it has loaded and compiled.

    The context of the profile; ``browser.new_context()`` has more, which keep nothing.
    """
    return playwright.chromium.launch_persistent_context(
        folder, executable_path=executable, args=FLAGS, timezone_id="Asia/Seoul"
    )


def _places() -> Iterator[str]:
    yield from filter(None, map(shutil.which, ON_PATH))
    if platform.system() == "Darwin":
        yield from ON_MACOS
    with sync_playwright() as playwright:
        own = playwright.chromium.executable_path
    yield own


def _succeeds(*command: str) -> bool:
    try:
        return subprocess.run(command, check=False, capture_output=True, timeout=60).returncode == 0
    except (OSError, subprocess.TimeoutExpired):
        return False


def _administers() -> list[str] | None:
    """What goes before an apt command: nothing as root, sudo where it asks no password, else None."""
    if os.geteuid() == 0:
        return []
    return ["sudo", "-n"] if _succeeds("sudo", "-n", "true") else None


def _is_debian() -> bool:
    try:
        return platform.freedesktop_os_release()["ID"] == "debian"
    except OSError:
        return False


def _has_korean_font() -> bool:
    """Whether Hangul has glyphs; without them the tests pass all the same, but screenshots show boxes."""
    fonts = shutil.which("fc-list")
    return fonts is not None and bool(subprocess.check_output([fonts, ":lang=ko"]))


def _run(command: list[str]) -> bool:
    """Whether the command succeeded; what it said is told only where it failed.

    Ten seconds without a connection are enough to know that Playwright's server is out of reach (its default: thirty).
    """
    patience = {"PLAYWRIGHT_DOWNLOAD_CONNECTION_TIMEOUT": "10000"}
    done = subprocess.run(
        command,
        check=False,
        stdin=subprocess.DEVNULL,
        stdout=subprocess.PIPE,
        stderr=subprocess.STDOUT,
        env=os.environ | patience,
    )
    if done.returncode:
        said = done.stdout.decode(errors="replace").strip().splitlines()
        _tell(next((line for line in said if line.startswith(("E:", "Error"))), f"{command[0]} failed."))
    return done.returncode == 0


def _tell(line: str) -> None:
    print(line, file=sys.stderr)


def main() -> int:
    """Print the path; the exit status is 1 where a Chromium must be there and is not."""
    try:
        executable = ensure()
    except LookupError as wrong:
        _tell(str(wrong))
        return 1
    if executable is None:
        _tell(MISSING)
        return 1 if os.environ.get("CI") else 0
    print(executable)
    return 0


if __name__ == "__main__":
    sys.exit(main())
