"""OpenAI's Batch API: files of requests go up, batches of them are made and watched, and their results come down."""

from __future__ import annotations

import contextlib
import threading
import time
from collections.abc import Callable, Iterator
from contextlib import AbstractContextManager
from typing import Any

import httpx2
import openai

from lib.domain import completion, errors
from lib.domain.batches.request_file import ENDPOINT, RemoteBatch, RemoteFile
from lib.domain.exchange import Exchange
from lib.domain.models import is_demo
from lib.llm.streaming import kept_headers

KNOWN_FOR_S = 600.0
"""Seconds for which it is remembered whether the server has a Batch API."""
REFERENCE = "request_file"
"""The name in a batch's metadata under which it is found again."""
CLOCKS_DIFFER_S = 3600
"""By how many seconds the server's clock may be behind ours."""

_ABSENT = (404, 405, 410, 501)


class BatchApi:
    """The Batch API of the model's server. Safe to share between threads; its methods raise ``StudioError``.

    ``lend`` lends a client; None: there is no such server.
    """

    def __init__(
        self, lend: Callable[[], AbstractContextManager[openai.OpenAI]] | None, without_key: Callable[[str], str]
    ) -> None:
        self._lend = lend
        self._without_key = without_key
        self._lock = threading.Lock()
        self._has_one: tuple[bool, float] | None = None
        """Whether the server has a Batch API, and until when that is taken as known."""

    def require(self, model: str) -> None:
        """Raise ``NoBatchApi`` where the model cannot be asked through one, or the error of the look at its server.

        What the server said is remembered for :data:`KNOWN_FOR_S`.
        """
        if is_demo(model):
            raise errors.NoBatchApi(model=model)
        with self._lock:
            if self._has_one is None or self._has_one[1] < time.monotonic():
                self._has_one = (self._look(), time.monotonic() + KNOWN_FOR_S)
            if not self._has_one[0]:
                raise errors.NoBatchApi(model=model)

    def _look(self) -> bool:
        with self._client() as client:
            try:
                # A server that answers every address with a page of its own has none either.
                return isinstance(client.batches.list(limit=1).to_dict().get("data"), list)
            except openai.APIStatusError as error:
                if error.status_code in _ABSENT:
                    return False
                raise
            except (ValueError, AttributeError, TypeError):
                return False

    def upload(self, name: str, content: bytes) -> RemoteFile:
        """Upload a file of requests."""
        with self._client() as client:
            file = client.files.create(file=(name, content, "application/jsonl"), purpose="batch")
        return _file(file)

    def find_upload(self, name: str, since: float) -> RemoteFile | None:
        """The file of this name, if one was uploaded since an instant (seconds since 1970)."""
        with self._client() as client:
            for file in client.files.list(purpose="batch", order="desc", limit=100):
                if file.filename == name:
                    return _file(file)
                if (file.created_at or 0) < since - CLOCKS_DIFFER_S:
                    break
        return None

    def create(self, input_file_id: str, reference: str) -> RemoteBatch:
        """Have the requests of an uploaded file executed within 24 hours; from here on they may be billed."""
        with self._client() as client:
            batch = client.batches.create(
                input_file_id=input_file_id,
                endpoint=ENDPOINT,
                completion_window="24h",
                metadata={REFERENCE: reference},
            )
        return RemoteBatch.read(batch.to_dict(mode="json"))

    def find(self, reference: str, since: float) -> RemoteBatch | None:
        """The batch that was made with this reference since an instant (seconds since 1970)."""
        with self._client() as client:
            for batch in client.batches.list(limit=100):
                if (batch.metadata or {}).get(REFERENCE) == reference:
                    return RemoteBatch.read(batch.to_dict(mode="json"))
                if (batch.created_at or 0) < since - CLOCKS_DIFFER_S:
                    break
        return None

    def get(self, remote_id: str) -> RemoteBatch:
        """A batch as it is now."""
        with self._client() as client:
            return RemoteBatch.read(client.batches.retrieve(remote_id).to_dict(mode="json"))

    def cancel(self, remote_id: str) -> None:
        """Let nothing more of a batch be executed; one that is over stays as it is."""
        with self._client() as client, contextlib.suppress(openai.ConflictError, openai.BadRequestError):
            client.batches.cancel(remote_id)

    def lines(self, file_id: str) -> list[bytes]:
        """The lines of a file of results; none where the server has it no more."""
        with self._client() as client, contextlib.suppress(openai.NotFoundError):
            return client.files.content(file_id).read().splitlines()
        return []

    def delete(self, file_id: str) -> None:
        """Delete a file; one that is not there counts as deleted."""
        with self._client() as client, contextlib.suppress(openai.NotFoundError):
            client.files.delete(file_id)

    @contextlib.contextmanager
    def _client(self) -> Iterator[openai.OpenAI]:
        """A client; what goes wrong while it is used is raised as the ``StudioError`` that it would be of a caption."""
        if self._lend is None:
            raise errors.NoKey(model="")
        try:
            with self._lend() as client:
                yield client
        except openai.APIStatusError as error:
            body = self._without_key(error.response.text).encode()
            headers = kept_headers(error.response.headers)
            exchange = Exchange(True, error.status_code, headers, body, "complete")
            raise completion.read(exchange, {}).error or errors.ModelFailed(detail=str(error.status_code)) from error
        except (openai.APIConnectionError, httpx2.HTTPError) as error:
            cause = error.__cause__ or error
            raise errors.ModelUnreachable(detail=self._without_key(str(cause)) or type(cause).__name__) from error


def _file(file: Any) -> RemoteFile:
    return RemoteFile(file.id, file.expires_at if isinstance(file.expires_at, int) else None)
