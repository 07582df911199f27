"""OpenAI's Batch API beside the stand-in's chat completions: what it was sent, and every awkward end that it has.

It executes the requests of a batch when a test says how the batch ends, and bills those that it executes.
"""

from __future__ import annotations

import email
import email.policy
import hashlib
import itertools
import json
import threading
import time
import uuid
from collections.abc import Callable, Collection
from dataclasses import dataclass, field
from typing import Any
from urllib.parse import parse_qs, urlsplit

from lib.demo.model import DemoModel

JSON = dict[str, Any]


@dataclass
class BatchApi:
    """The files and batches of the server, by their ids; ``refuses`` may answer a request in its place."""

    files: dict[str, JSON] = field(default_factory=dict)
    contents: dict[str, bytes] = field(default_factory=dict)
    batches: dict[str, JSON] = field(default_factory=dict)
    executed: list[str] = field(default_factory=list)
    """The ``custom_id`` of each request that was executed, and billed."""
    requests: list[tuple[str, str]] = field(default_factory=list)
    """Method and path of each request, in their order."""
    refuses: Callable[[str, str], tuple[int, JSON] | None] = lambda method, path: None
    """By method and path: the answer instead of the usual one."""
    after: Callable[[str, str], None] = lambda method, path: None
    """Called with method and path when the server has done what was asked, before it answers."""
    _numbers: itertools.count[int] = field(default_factory=lambda: itertools.count(1))
    _lock: threading.Lock = field(default_factory=threading.Lock)

    # -- what tests do with it ----------------------------------------------------------------------------------------

    @property
    def last(self) -> str:
        """The id of the batch that was made last."""
        return list(self.batches)[-1]

    def lines(self, batch_id: str) -> list[JSON]:
        """The requests of a batch."""
        return [json.loads(line) for line in self.contents[self.batches[batch_id]["input_file_id"]].splitlines()]

    def count(self, method: str, path: str) -> int:
        """How many such requests came."""
        return self.requests.count((method, path))

    def run(self, batch_id: str, **changes: Any) -> None:
        """Let the batch be under way, counting nothing yet unless ``changes`` say so."""
        self.batches[batch_id] |= {"status": "in_progress"} | changes

    def complete(
        self,
        batch_id: str,
        *,
        status: str = "completed",
        failing: Collection[int] = (),
        missing: Collection[int] = (),
        broken: Callable[[JSON], JSON] | None = None,
        unfinished: str | None = None,
        no_file: str | None = None,
    ) -> None:
        """Execute the requests, and end the batch with ``status``.

        ``failing``: the requests (from 0) that fail, each as a line of the error file that ``broken`` makes of it;
        ``missing``: those that stand in no file, or, where ``unfinished`` is a code, in the error file with it.
        ``no_file``: what stands in the place of the name of a file that there is none of: null or an empty text.
        """
        written, wrong = [], []
        for number, line in enumerate(self.lines(batch_id)):
            custom_id = line["custom_id"]
            if number in missing:
                if unfinished:
                    error = {"code": unfinished, "message": "This request could not be executed."}
                    wrong.append(self._line(custom_id, None, error))
            elif number in failing:
                wrong.append((broken or failed_line)(line))
            else:
                self.executed.append(custom_id)
                written.append(self._line(custom_id, _answered(line["body"]), None))
        written.reverse()  # in no order that means anything
        counts = {"total": len(self.lines(batch_id)), "completed": len(written), "failed": len(wrong)}
        self.batches[batch_id] |= {
            "status": status,
            "output_file_id": self._results(written) or no_file,
            "error_file_id": self._results(wrong) or no_file,
            "request_counts": counts,
        }

    def fail(self, batch_id: str, *errors: JSON) -> None:
        """End the batch before anything of it was executed."""
        counts = {"total": 0, "completed": 0, "failed": 0}
        problems = {"object": "list", "data": list(errors)}
        self.batches[batch_id] |= {"status": "failed", "errors": problems, "request_counts": counts}

    def _line(self, custom_id: str, response: JSON | None, error: JSON | None) -> JSON:
        return {"id": f"batch_req_{next(self._numbers)}", "custom_id": custom_id, "response": response, "error": error}

    def _results(self, lines: list[JSON]) -> str | None:
        if not lines:
            return None
        content = b"".join(json.dumps(line).encode() + b"\n" for line in lines)
        return str(self._store("results.jsonl", "batch_output", content)["id"])

    def _store(self, name: str, purpose: str, content: bytes) -> JSON:
        file_id = f"file-{next(self._numbers)}"
        self.contents[file_id] = content
        self.files[file_id] = {
            "id": file_id, "object": "file", "bytes": len(content), "created_at": _now(), "filename": name,
            "purpose": purpose, "status": "processed", "expires_at": _now() + 30 * 86_400,
        }  # fmt: skip
        return self.files[file_id]

    # -- what the server does with a request --------------------------------------------------------------------------

    def answer(self, method: str, target: str, headers: Any, body: bytes) -> tuple[int, bytes] | None:
        """Status and body of the answer to a request; None for an address that is not of the Batch API."""
        path = urlsplit(target).path.removeprefix("/v1")
        first, *rest = path.strip("/").split("/")
        if first not in ("files", "batches"):
            return None
        with self._lock:
            self.requests.append((method, "/".join(["", first, *rest[1:]])))
            refusal = self.refuses(method, path)
            if refusal:
                return refusal[0], json.dumps(refusal[1]).encode()
            status, value = self._answer(method, first, rest, parse_qs(urlsplit(target).query), headers, body)
        self.after(method, path)
        return status, value if isinstance(value, bytes) else json.dumps(value).encode()

    def _answer(
        self, method: str, first: str, rest: list[str], query: Any, headers: Any, body: bytes
    ) -> tuple[int, JSON | bytes]:
        stored = self.files if first == "files" else self.batches
        if not rest and method == "GET":
            return 200, _page([*reversed(stored.values())], query)
        if not rest:
            return 200, self._upload(headers, body) if first == "files" else self._create(json.loads(body))
        if rest[0] not in stored:
            return 404, {"error": {"message": f"No such {first} object: {rest[0]}", "type": "invalid_request_error"}}
        if rest[1:] == ["content"]:
            return 200, self.contents[rest[0]]
        if rest[1:] == ["cancel"]:
            if stored[rest[0]]["status"] in ("completed", "failed", "expired", "cancelled"):
                return 409, {"error": {"message": "Cannot cancel a batch with this status."}}
            stored[rest[0]]["status"] = "cancelling"
        if method == "DELETE":
            del stored[rest[0]]
            return 200, {"id": rest[0], "object": "file", "deleted": True}
        return 200, stored[rest[0]]

    def _upload(self, headers: Any, body: bytes) -> JSON:
        head = f"Content-Type: {headers['content-type']}\r\n\r\n".encode()
        form = email.message_from_bytes(head + body, policy=email.policy.HTTP)
        parts: dict[Any, Any] = {
            part.get_param("name", header="content-disposition"): part for part in form.iter_parts()
        }
        content = parts["file"].get_payload(decode=True)
        return self._store(parts["file"].get_filename(), parts["purpose"].get_content().strip(), content)

    def _create(self, given: JSON) -> JSON:
        batch_id = f"batch_{next(self._numbers)}"
        self.batches[batch_id] = {
            "id": batch_id, "object": "batch", "created_at": _now(), "status": "validating", "errors": None,
            "output_file_id": None, "error_file_id": "", "expires_at": _now() + 86_400,
            "request_counts": {"total": 0, "completed": 0, "failed": 0},
        } | given  # fmt: skip
        return self.batches[batch_id]


def failed_line(line: JSON, status: int = 400, **error: Any) -> JSON:
    """A request that failed as they really do: ``error`` is null, and the reason stands in the response's body."""
    reason = {
        "message": "max_tokens is too large",
        "type": "invalid_request_error",
        "param": "max_tokens",
        "code": None,
    }
    response = {"status_code": status, "request_id": "req_failed", "body": {"error": reason | error}}
    return {"id": "batch_req_failed", "custom_id": line["custom_id"], "response": response, "error": None}


def _answered(body: JSON) -> JSON:
    asked = body | {"model": "demo", "seed": int(hashlib.sha256(json.dumps(body).encode()).hexdigest()[:6], 16)}
    answer = json.loads(b"".join(DemoModel(pace=0).respond(asked).chunks)) | {"model": body["model"]}
    return {"status_code": 200, "request_id": f"req_{uuid.uuid4().hex}", "body": answer}


def _now() -> int:
    return int(time.time())


def _page(items: list[JSON], query: Any) -> JSON:
    """A page of a list, the newest first, from behind the item ``after``."""
    after = query.get("after", [None])[0]
    ids = [item["id"] for item in items]
    start = ids.index(after) + 1 if after in ids else 0
    size = int(query.get("limit", ["20"])[0])
    page = items[start : start + size]
    return {
        "object": "list", "data": page, "has_more": len(items) > start + size,
        "first_id": page[0]["id"] if page else None, "last_id": page[-1]["id"] if page else None,
    }  # fmt: skip
