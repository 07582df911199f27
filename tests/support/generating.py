"""Captions for tests: a request with short defaults, executed in the test's own thread."""

from __future__ import annotations

from typing import Any, cast

from lib.domain.brief import Brief, GenerationOptions
from lib.generation.generate import Prepared
from lib.generation.submit import GenerationRequest, prepare, submit
from lib.store.feeds import Feed
from lib.studio import Studio

DEMO = GenerationOptions("demo")


def request(brief: Brief, options: GenerationOptions = DEMO, **more: Any) -> GenerationRequest:
    """A request of a test, not streamed, that its own thread executes."""
    return GenerationRequest(
        brief=brief, options=options, **cast(Any, {"source": "test", "stream": False, "threads": None} | more)
    )


def write(studio: Studio, brief: Brief, options: GenerationOptions = DEMO, **more: Any) -> Feed:
    """Write one caption, store it and return its feed, or raise how it ended."""
    return submit(studio, request(brief, options, **more)).wait()


def recorded(studio: Studio, brief: Brief, options: GenerationOptions = DEMO, **more: Any) -> Prepared:
    """A generation on record of which nothing has been sent yet."""
    prepared = prepare(studio, request(brief, options, **{"stream": True} | more)).prepared
    assert prepared is not None
    return prepared
