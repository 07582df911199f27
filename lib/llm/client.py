"""The one conversation with a chat model: a request goes out once, and its answer is safe before it is read.

The SDK's own retries are off: with its default a timeout or an HTML 502 was paid three times while one error was shown.
Whether to ask again is the use case's decision.
"""

from __future__ import annotations

import contextlib
import logging
import re
import ssl
import threading
import time
from collections import deque
from collections.abc import Callable, Generator, Iterator

import httpx2
import openai

from lib.demo.model import DemoModel
from lib.domain import errors
from lib.domain.brief import GenerationOptions
from lib.domain.completion import Answer
from lib.domain.exchange import Ending
from lib.domain.models import is_demo
from lib.domain.prompt import RESPONSE_FORMATS, Message
from lib.llm.batch_api import BatchApi
from lib.llm.spool import Entry
from lib.llm.streaming import JSON, Follower, Step, StopError, follow_chunks, kept_headers, travel
from lib.settings import Settings

log = logging.getLogger(__name__)

LOOK_UP_TIMEOUT_S = 10.0
"""How long to wait for an answer that OpenAI kept; it is looked for again later."""

_NOT_DELIVERED = (
    httpx2.ConnectError,
    httpx2.ConnectTimeout,
    httpx2.PoolTimeout,
    httpx2.ProxyError,
    httpx2.LocalProtocolError,
    httpx2.UnsupportedProtocol,
)


class Writer:
    """Asks the model named in the options: OpenAI or a compatible server, or the demo model inside this process.

    Safe to share between threads. Remembers, per model, which parameters and formats its server rejected.
    """

    def __init__(self, settings: Settings, demo: DemoModel) -> None:
        self._timeout_s = settings.timeout_s
        self._store = settings.openai_store
        self._key = settings.openai_api_key or ""
        self._demo = _Clients(lambda: _client(settings, transport=demo.transport))
        self._remote: _Clients | None = None
        if settings.has_model_endpoint:
            trusted = httpx2.create_ssl_context()
            self._remote = _Clients(lambda: _client(settings, trusted=trusted))
        self.batches = BatchApi(self._remote.lend if self._remote else None, self._without_key)
        self._rejected: dict[str, set[str]] = {}
        self._format: dict[str, int] = {}
        self._lock = threading.Lock()

    def require(self, model: str) -> None:
        """Raise before anything is recorded for a model that cannot be asked.

        ``NoKey`` without a key, ``WrongKey`` for one that no header can carry (a curly quote pasted
        along, a line break).
        """
        if is_demo(model):
            return
        if self._remote is None:
            raise errors.NoKey(model=model)
        if not re.fullmatch(r"[!-~]*", self._key):
            raise errors.WrongKey

    def body(self, messages: list[Message], options: GenerationOptions, *, stream: bool, reference: str = "") -> JSON:
        """The body to send: what the options say, less what this model has rejected before.

        Where OpenAI may keep the answer, it is kept under ``reference``, by which :meth:`look_up` finds it.

        Newer models take ``max_completion_tokens``, not ``max_tokens``, and a temperature only when it is wanted
        (OpenAI's API reference).
        """
        body: JSON = {"model": options.model, "messages": messages, "max_completion_tokens": options.max_tokens}
        if options.temperature is not None:
            body["temperature"] = options.temperature
        if stream:
            body |= {"stream": True, "stream_options": {"include_usage": True}}
        if self._store and reference and not is_demo(options.model):
            body |= {"store": True, "metadata": {"attempt_id": reference}}
        with self._lock:
            rejected = self._rejected.get(options.model, set())
            if "max_completion_tokens" in rejected:  # the older name of the same limit
                body["max_tokens"] = options.max_tokens
            for name in rejected:
                body.pop(name, None)
            response_format = RESPONSE_FORMATS[self._format.get(options.model, 0)]
        if response_format:
            body["response_format"] = response_format
        return body

    def learn(self, body: JSON, answer: Answer) -> bool:
        """Whether the server rejected just a parameter that can be left out; then it is left out from now on.

        A server that does not know the output format is asked with the next simpler one.
        """
        name, model = answer.rejected_parameter, body["model"]
        if name is None or name not in body:
            return False
        with self._lock:
            if name == "response_format":
                self._format[model] = RESPONSE_FORMATS.index(body[name]) + 1
            else:
                self._rejected.setdefault(model, set()).add(name)
        return True

    def ask(
        self, body: JSON, entry: Entry, *, on_content: Callable[[str], None], stop: threading.Event, reference: str
    ) -> None:
        """Send the request once and leave all that travelled in ``entry``; raises nothing that the network may do.

        A streamed request can be watched and stopped: ``on_content`` is told the answer's text piece by piece, and
        ``stop`` or the time-out end the listening at once. ``reference`` goes along as ``X-Client-Request-Id``, by
        which OpenAI finds the request.
        """
        clients = self._demo if is_demo(body["model"]) else self._remote
        if clients is None:
            raise errors.NoKey(model=body["model"])
        entry.sending()
        deadline = time.monotonic() + self._timeout_s
        try:
            with clients.lend() as client, contextlib.closing(self._steps(client, body, reference)) as steps:
                follow = Follower(on_content)
                for step in steps:
                    if isinstance(step, bytes):
                        piece = self._without_key_in(step)
                        entry.body(piece)
                        follow(piece)
                    elif step is not None:
                        entry.head(*step)
                    elif stop.is_set():
                        raise StopError
                    elif time.monotonic() > deadline:
                        raise httpx2.ReadTimeout(f"not finished after {self._timeout_s:g} s")
            entry.end("complete")
        except StopError:
            entry.end("stopped")
        except openai.APIStatusError as error:
            entry.head(error.status_code, kept_headers(error.response.headers))
            entry.body(self._without_key(error.response.text).encode())  # some gateways send back what they were sent
            entry.end("complete", type(error).__name__)
        except (openai.APIConnectionError, httpx2.HTTPError) as error:
            cause = (error.__cause__ if isinstance(error, openai.APIConnectionError) else None) or error
            ending: Ending = "not_delivered" if isinstance(cause, _NOT_DELIVERED) else "cut"
            entry.end(ending, type(cause).__name__, self._without_key(str(cause)))

    def look_up(self, request: JSON) -> JSON | None:
        """The chat.completion that OpenAI kept for a request whose answer never arrived; None where it has none.

        Raises nothing that the network may do: what cannot be found now may be found later.
        """
        if self._remote is None or "metadata" not in request:
            return None
        try:
            with self._remote.lend() as client:
                stored = client.with_options(timeout=LOOK_UP_TIMEOUT_S).chat.completions.list(
                    metadata=request["metadata"], limit=1
                )
                completions = [completion.to_dict(mode="json") for completion in stored.data]
        except (openai.OpenAIError, httpx2.HTTPError) as error:
            log.info("kept answers cannot be looked up: %s", type(error).__name__)
            return None
        # A server that does not know the filter answers with anybody's.
        return next((item for item in completions if item.get("metadata") == request["metadata"]), None)

    def _steps(self, client: openai.OpenAI, body: JSON, reference: str) -> Generator[Step, None, None]:
        steps = travel(client, body, reference)
        return follow_chunks(steps) if body.get("stream") else steps

    def _without_key(self, text: str) -> str:
        return text.replace(self._key, "***") if self._key else text

    def _without_key_in(self, piece: bytes) -> bytes:
        return piece.replace(self._key.encode(), b"***") if self._key else piece

    def close(self) -> None:
        """Close the connections."""
        for clients in (self._demo, self._remote):
            if clients is not None:
                clients.close()


class _Clients:
    """As many clients as there are requests under way, each lent to one at a time and kept with its connection.

    One client for all would have one pool of connections behind one lock, under which httpcore2 polls every idle
    connection: with 32 requests at once its threads spent a third of their time in line for it.
    """

    def __init__(self, make: Callable[[], openai.OpenAI]) -> None:
        self._make = make
        self._idle: deque[openai.OpenAI] = deque()

    @contextlib.contextmanager
    def lend(self) -> Iterator[openai.OpenAI]:
        """A client that nobody else uses meanwhile."""
        try:
            client = self._idle.pop()
        except IndexError:
            client = self._make()
        try:
            yield client
        finally:
            self._idle.append(client)

    def close(self) -> None:
        """Close those that are at home."""
        while self._idle:
            self._idle.pop().close()


def _client(
    settings: Settings, *, transport: httpx2.BaseTransport | None = None, trusted: ssl.SSLContext | None = None
) -> openai.OpenAI:
    """A client of OpenAI, or of the demo model behind its transport."""
    timeout = httpx2.Timeout(settings.timeout_s, connect=5.0, write=10.0)
    if transport:
        http_client = httpx2.Client(transport=transport)
        return openai.OpenAI(
            api_key="demo", base_url="http://demo.invalid/v1", timeout=timeout, max_retries=0, http_client=http_client
        )
    return openai.OpenAI(
        # A compatible server without keys still gets the header that the SDK insists on.
        api_key=settings.openai_api_key or "none",
        base_url=settings.openai_base_url,
        timeout=timeout,
        max_retries=0,
        http_client=openai.DefaultHttpxClient(verify=trusted or True),
    )
