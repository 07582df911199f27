"""Sample captions to look around in: invented, the same for the same seed, and marked so that every page can say so.

``lib.demo.samples.rows`` makes them, ``scripts.sample`` loads them. Only a tenant of their own may hold them, so that
they never count among somebody's real captions.
"""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any, Protocol

TENANT = "sample"
"""The tenant of ``make sample``; others of sample data begin with its name and a hyphen."""
MARK = "sample"
"""The key at the top of ``gpt_response_raw`` that is true in a sample row."""


class _Marked(Protocol):
    @property
    def gpt_response_raw(self) -> Any: ...


def is_sample(feed: _Marked) -> bool:
    """Whether a feed is sample data."""
    return isinstance(feed.gpt_response_raw, Mapping) and feed.gpt_response_raw.get(MARK) is True


def is_sample_tenant(tenant_id: str) -> bool:
    """Whether a tenant may hold sample data, and need not hold anything else."""
    return tenant_id == TENANT or tenant_id.startswith(f"{TENANT}-")
