"""The API key of a request, its scope, its tenant, and how often it may call."""

from __future__ import annotations

import threading
import time
from collections import OrderedDict
from collections.abc import Awaitable, Callable
from typing import Annotated

from fastapi import Depends, Header, Request, Security
from fastapi.security import HTTPAuthorizationCredentials, HTTPBearer

from lib import studio as studios
from lib.access import api_keys
from lib.api import query
from lib.api.threads import run_in_db_thread
from lib.domain.errors import TenantNotFound, TooManyRequests
from lib.store.api_keys import ApiKey

MAX_RATES = 10_000
"""Keys whose rate is counted; the key that called longest ago starts over."""

_bearer = HTTPBearer(auto_error=False, description="An API key: fs_...", scheme_name="ApiKey")


def may(scope: str) -> Callable[..., Awaitable[ApiKey]]:
    """The dependency of a route that needs this scope; it returns the key of the call.

    Raises ``NotAuthenticated``, ``ScopeMissing``, ``TooManyRequests`` and, where the key is right, ``InvalidRequest``
    for a query parameter that the route does not know.
    """

    async def authenticated(
        request: Request, credentials: Annotated[HTTPAuthorizationCredentials | None, Security(_bearer)]
    ) -> ApiKey:
        studio = studios.current()
        text = credentials.credentials if credentials else None
        key = await run_in_db_thread(api_keys.authenticate, studio, text)
        api_keys.require_scope(key, scope)
        _rates.count(key.key_id, studio.settings.api_calls_a_minute)
        query.refuse_unknown(request)
        return key

    return authenticated


IdempotencyKey = Annotated[
    str | None,
    Header(
        alias="Idempotency-Key",
        pattern="^[!-~]{1,255}$",
        description="The same key and body get the same answer and are paid for once.",
    ),
]


def stored_key(idempotency_key: str | None) -> str | None:
    """The key as it is recorded: without the quotes of the IETF draft, and apart from the keys of the pages."""
    return "api:" + idempotency_key.strip('"') if idempotency_key else None


Reader = Annotated[ApiKey, Depends(may("read"))]
Writer = Annotated[ApiKey, Depends(may("write"))]


def require_tenant(key: ApiKey, tenant_id: str | None) -> str:
    """The key's tenant. Raises ``TenantNotFound`` where another one is named."""
    if tenant_id is not None and tenant_id != key.tenant_id:
        raise TenantNotFound(tenant_id=tenant_id)
    return key.tenant_id


class _Rates:
    """A token bucket for each key, refilled over a minute; each process counts for itself."""

    def __init__(self) -> None:
        self._buckets: OrderedDict[str, tuple[float, float]] = OrderedDict()
        self._lock = threading.Lock()

    def count(self, key_id: str, a_minute: int) -> None:
        """Count one call. Raises ``TooManyRequests`` where the bucket is empty."""
        now = time.monotonic()
        with self._lock:
            left, seen = self._buckets.pop(key_id, (float(a_minute), now))
            left = min(a_minute, left + (now - seen) * a_minute / 60)
            self._buckets[key_id] = (left - 1 if left >= 1 else left, now)
            if len(self._buckets) > MAX_RATES:
                self._buckets.popitem(last=False)
        if left < 1:
            raise TooManyRequests(seconds=max(1, round((1 - left) * 60 / a_minute)))


_rates = _Rates()
