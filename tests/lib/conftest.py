"""A stored caption, for the tests of what is done with it."""

from __future__ import annotations

import pytest

from lib.domain.brief import Brief, GenerationOptions
from lib.store.feeds import Feed
from lib.studio import Studio
from tests.support import generating


@pytest.fixture
def feed(studio: Studio, brief: Brief) -> Feed:
    return generating.write(studio, brief, GenerationOptions("demo"), source="page")
