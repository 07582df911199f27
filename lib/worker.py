"""A process that writes batches: ``python -m lib.worker``. The app starts it, or a person does, on any host.

It ends when it gets SIGTERM, or when its standard input closes where the app started it: it takes no further rows and
lets those under way end.
"""

from __future__ import annotations

import argparse
import contextlib
import logging
import signal
import sys
import threading
from collections.abc import Sequence

from lib import studio as studios
from lib.batches.running import Runner
from lib.domain.errors import StudioError
from lib.generation.presence import presence
from lib.generation.recovery import recovery_worker
from lib.i18n import words
from lib.settings import Settings, UnreadableSetting

log = logging.getLogger(__name__)

SIGN_EVERY_S = 5.0
"""Seconds between two signs of life to the app that started this process."""


def main(arguments: Sequence[str] | None = None) -> str | None:
    """Work until told to stop. Returns None, or the sentence that says what went wrong."""
    parser = argparse.ArgumentParser(prog="python -m lib.worker", description=__doc__)
    parser.add_argument("--started-by-app", action="store_true", help="end when standard input closes")
    options = parser.parse_args(arguments)
    logging.basicConfig(level=logging.INFO, format="%(levelname)s %(name)s: %(message)s")
    logging.getLogger("httpx2").setLevel(logging.WARNING)  # a line for each request to the model
    over = threading.Event()
    for number in (signal.SIGTERM, signal.SIGINT):
        signal.signal(number, lambda *_: over.set())
    if options.started_by_app:
        threading.Thread(target=_until_input_closes, args=(over,), daemon=True).start()
    try:
        _work(Settings.from_environment(), over, is_watched=options.started_by_app)
    except UnreadableSetting as error:
        return str(error)
    except StudioError as error:
        return words.error("en", error)
    return None


def _work(settings: Settings, over: threading.Event, *, is_watched: bool) -> None:
    with contextlib.ExitStack() as stack:
        studio = studios.build(settings)
        stack.callback(studio.close)
        stack.enter_context(presence(studio, "worker"))
        stack.enter_context(recovery_worker(studio))
        runner = Runner(studio)
        runner.run()
        stack.callback(runner.stop)
        log.info("ready: %d requests at once", settings.requests_at_once)
        while not over.wait(SIGN_EVERY_S):
            _give_sign(over, is_watched=is_watched)
        runner.close()
        log.info("stopping: %d rows under way", runner.under_way)


def _give_sign(over: threading.Event, *, is_watched: bool) -> None:
    """Tell the app that this process goes on."""
    if not is_watched:
        return
    try:
        sys.stdout.write(".\n")
        sys.stdout.flush()
    except OSError:  # the app is gone, and nobody reads
        over.set()


def _until_input_closes(over: threading.Event) -> None:
    while sys.stdin.buffer.read(1):
        pass
    over.set()


if __name__ == "__main__":
    sys.exit(main())
