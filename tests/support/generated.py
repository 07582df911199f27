"""What a generation leaves on record."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import pytest

from lib.domain import errors
from lib.domain.brief import Brief, GenerationOptions
from lib.llm.spool import Spool
from lib.store import feeds
from lib.store.feeds import Feed
from lib.studio import Studio
from tests.support.generating import DEMO, write

Sql = Callable[..., list[tuple[Any, ...]]]


def ends(studio: Studio, brief: Brief, options: GenerationOptions = DEMO, **more: Any) -> errors.StudioError:
    with pytest.raises(errors.StudioError) as caught:
        write(studio, brief, options, **more)
    return caught.value


def stored(studio: Studio, tenant_id: str = "acme") -> list[Feed]:
    with studio.database.tenant(tenant_id) as db:
        return feeds.newest(db, tenant_id)


def left_in(spool: Spool) -> list[str]:
    return [path.name for path in spool.pending()]
