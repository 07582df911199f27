"""Files for OpenAI's Batch API: a line for each request that goes out, and for each result that comes back.

Sources: the guide *Batch API* and the reference of ``/v1/batches``; how results really look is in openai-openapi 302
(an error whose reason stands in ``response.body``), openai-python 2084 and litellm 33987.
"""

from __future__ import annotations

import json
import uuid
from collections.abc import Iterator
from dataclasses import dataclass
from typing import Any, Literal

from lib.domain.exchange import JSON, Exchange, loads
from lib.domain.pricing import BATCH

ENDPOINT: Literal["/v1/chat/completions"] = "/v1/chat/completions"
MAX_REQUESTS = 50_000
MAX_BYTES = 200_000_000

FileStatus = Literal["filling", "ready", "sent", "ended"]
"""Rows are still added; all are in it and nothing was created yet; OpenAI has its batch; every row has its end."""

EXPIRED, CANCELLED = "batch_expired", "batch_cancelled"
"""The codes of requests that were never executed, because the time was over or somebody cancelled their batch."""
QUEUE_FULL = "token_limit_exceeded"
"""The code of a batch that was not begun, because the organisation has too many tokens in the queue."""


def request_line(attempt_id: uuid.UUID, request: JSON) -> bytes:
    """One request as a line of the file."""
    line = {"custom_id": str(attempt_id), "method": "POST", "url": ENDPOINT, "body": request}
    return json.dumps(line, ensure_ascii=False).encode() + b"\n"


def result(line: bytes) -> tuple[uuid.UUID, Exchange] | None:
    """Whose result a line is, and what travelled; None for a line that cannot be attributed to a request."""
    value = loads(line)
    if not isinstance(value, dict):
        return None
    try:
        attempt_id = uuid.UUID(str(value.get("custom_id")))
    except ValueError:
        return None
    response, error = value.get("response"), value.get("error")
    if isinstance(response, dict) and (response.get("body") or not error):
        status = response.get("status_code")
        request_id = response.get("request_id")
        return attempt_id, Exchange(
            sent=True,
            status=status if isinstance(status, int) else 200,
            headers={"x-request-id": request_id} if isinstance(request_id, str) and request_id else {},
            body=_bytes(response.get("body")),
            ending="complete",
            service_tier=BATCH,
        )
    return attempt_id, rejected(error) if error else lost()


def rejected(error: Any, status: int = 200) -> Exchange:
    """What travelled for a request that has only an error in the place of a response.

    ``status`` 400: nothing was executed, because the file was refused.
    """
    return Exchange(sent=True, status=status, body=_bytes({"error": error}), ending="complete", service_tier=BATCH)


def lost() -> Exchange:
    """What travelled for a request of a completed batch that stands in no result: it may have been billed."""
    return Exchange(sent=True, ending="cut", service_tier=BATCH)


def _bytes(body: Any) -> bytes:
    return body.encode() if isinstance(body, str) else json.dumps(body, ensure_ascii=False).encode()


@dataclass(frozen=True)
class RemoteFile:
    """A file at OpenAI. Instants in seconds since 1970."""

    file_id: str
    expires_at: int | None = None


@dataclass(frozen=True)
class RemoteBatch:
    """A batch as OpenAI tells of it. Counts are None as long as it does not count."""

    remote_id: str
    status: str
    total: int | None
    completed: int | None
    failed: int | None
    output_file_id: str | None
    error_file_id: str | None
    errors: tuple[JSON, ...]
    """Why it failed before anything was executed: ``code``, ``message`` and perhaps the ``line``, from 1."""

    @property
    def is_over(self) -> bool:
        """Whether nothing of it will be executed any more."""
        return self.status in ("completed", "failed", "expired", "cancelled")

    @property
    def result_files(self) -> Iterator[str]:
        """The files that hold its results; some servers name one that is not there by an empty text."""
        yield from filter(None, (self.output_file_id, self.error_file_id))

    @classmethod
    def read(cls, value: JSON) -> RemoteBatch:
        """The batch in an answer of the Batch API."""
        counts = value.get("request_counts") or {}
        total, completed, failed = (counts.get(name) for name in ("total", "completed", "failed"))
        errors = (value.get("errors") or {}).get("data") or ()
        return cls(
            remote_id=str(value["id"]),
            status=str(value.get("status")),
            total=total or None,
            completed=completed if total else None,  # 0 of 0 until it is validated, and for some time after
            failed=failed if total else None,
            output_file_id=value.get("output_file_id") or None,
            error_file_id=value.get("error_file_id") or None,
            errors=tuple(error for error in errors if isinstance(error, dict)),
        )
