"""The API as a program meets it: over HTTP, with the key of a tenant, on a whole Studio and a real PostgreSQL."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from typing import Any

import httpx2
import pytest

from lib import studio as studios
from lib.access import api_keys
from lib.studio import Studio
from tests.support.patience import PATIENCE_S
from tests.support.serving import serving_api

BRIEF = {
    "refined_ad_copy_eng": "Slow mornings, warm bread.",
    "tone_style": "따뜻하고 친근하게",
    "product_description": "저온에서 하루 숙성한 통밀 식빵",
    "store_information": "연남동 골목의 작은 빵집 '온기'",
    "gpt_prompt": "짧은 문장으로 줄을 나눠 써 주세요.",
}


@pytest.fixture(scope="session")
def address() -> Iterator[str]:
    with serving_api() as running:
        yield running


@pytest.fixture
def client_of(studio: Studio, address: str) -> Iterator[Callable[..., httpx2.Client]]:
    """Makes a client with a key of the tenant, or with none."""
    studios.use(studio)
    made: list[httpx2.Client] = []

    def client(tenant_id: str | None = "acme", **key: Any) -> httpx2.Client:
        headers = {}
        if tenant_id:
            headers["Authorization"] = f"Bearer {api_keys.create_key(studio, tenant_id, 'test', **key).text}"
        made.append(httpx2.Client(base_url=address, headers=headers, timeout=PATIENCE_S))
        return made[-1]

    yield client
    for one in made:
        one.close()
    studios.use(None)


@pytest.fixture
def client(client_of: Callable[..., httpx2.Client]) -> httpx2.Client:
    """With a key of acme that may do everything."""
    return client_of()
