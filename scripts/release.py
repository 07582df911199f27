"""``python -m scripts.release``: date the newest heading of CHANGELOG.md, commit it and tag it."""

from __future__ import annotations

import datetime as dt
import re
import subprocess
import sys
from pathlib import Path

from lib import __version__

CHANGELOG = Path(__file__).parents[1] / "CHANGELOG.md"


def dated(changelog: str, version: str, day: dt.date) -> str:
    """The text with ``day`` in place of "unreleased". Raises ``ValueError`` where the newest heading is another one."""
    heading = f"## {version} (unreleased)"
    newest = re.search(r"^## .*$", changelog, re.MULTILINE)
    if newest is None or newest.group() != heading:
        raise ValueError(f'The newest heading of CHANGELOG.md must be "{heading}", as lib.__version__ says.')
    return changelog.replace(heading, f"## {version} ({day:%Y-%m-%d})", 1)


def main() -> str | None:
    """Returns None, or the sentence that says why there is no release."""
    if _git("status", "--porcelain"):
        return "Commit or stash your changes first: a release is made from what is committed."
    try:
        text = dated(CHANGELOG.read_text("utf-8"), __version__, dt.datetime.now(dt.UTC).date())
    except ValueError as error:
        return str(error)
    CHANGELOG.write_text(text, "utf-8")
    _git("commit", "--quiet", "--message", f"release: {__version__}", str(CHANGELOG))
    _git("tag", "--annotate", f"v{__version__}", "--message", f"Feed Studio {__version__}")
    print(f"Tagged v{__version__}. Push it: git push --follow-tags. Then set the next version in lib/__init__.py.")
    return None


def _git(*arguments: str) -> str:
    return subprocess.run(["git", *arguments], cwd=CHANGELOG.parent, check=True, capture_output=True, text=True).stdout


if __name__ == "__main__":
    sys.exit(main())
