"""A webhook is signed, sent until it is accepted, and to public hosts only."""

from __future__ import annotations

import dataclasses
import json
import threading
import uuid
from collections.abc import Iterator
from http.server import BaseHTTPRequestHandler, HTTPServer
from typing import Any

import pytest
from standardwebhooks import Webhook

from lib.batches import steps, webhooks
from lib.batches.webhooks import secret_of, send_due
from lib.store.batches import batches
from lib.store.batches.batches import Batch
from lib.studio import Studio
from tests.conftest import RunSql
from tests.support.batching import batch_of


class Receiver:
    """A server on this machine that takes webhooks; ``status`` is what it answers."""

    def __init__(self) -> None:
        self.status, self.requests = 204, list[tuple[dict[str, str], bytes]]()
        receiver = self

        class Handler(BaseHTTPRequestHandler):
            def do_POST(self) -> None:
                body = self.rfile.read(int(self.headers["content-length"]))
                receiver.requests.append(({name.lower(): value for name, value in self.headers.items()}, body))
                self.send_response(receiver.status)
                self.send_header("location", "http://169.254.169.254/")
                self.end_headers()

            def log_message(self, *_args: Any) -> None:
                """Quiet."""

        self.server = HTTPServer(("127.0.0.1", 0), Handler)
        self.url = f"http://127.0.0.1:{self.server.server_address[1]}/hook"
        threading.Thread(target=self.server.serve_forever, args=(0.02,), daemon=True).start()


@pytest.fixture
def receiver() -> Iterator[Receiver]:
    running = Receiver()
    yield running
    running.server.shutdown()
    running.server.server_close()


@pytest.fixture
def local(studio: Studio) -> Studio:
    studio.settings = dataclasses.replace(studio.settings, local_webhooks=True)
    return studio


def ended(studio: Studio, as_owner: RunSql, url: str) -> uuid.UUID:
    batch_id = batch_of(studio, 2, webhook_url=url)
    as_owner("UPDATE studio_batch_rows SET status = CASE number WHEN 1 THEN 'written' ELSE 'failed' END")
    steps.finish(studio, "acme", batch_id)
    return batch_id


def read(studio: Studio, batch_id: uuid.UUID) -> Batch:
    with studio.database.tenant("acme") as db:
        return batches.get(db, "acme", batch_id)


def test_a_webhook_tells_how_the_batch_ended_and_its_signature_holds(
    local: Studio, as_owner: RunSql, receiver: Receiver
) -> None:
    batch_id = ended(local, as_owner, receiver.url)
    for _ in range(2):
        send_due(local, "acme", batch_id)
    [(headers, body)] = receiver.requests
    told = Webhook(secret_of(local.settings, "acme")).verify(body, headers)
    assert told["type"] == "batch.ended"
    assert told["data"]["batch_id"] == str(batch_id)
    assert told["data"]["rows"] == {"written": 1, "failed": 1}
    with pytest.raises(Exception, match="signature"):
        Webhook(secret_of(local.settings, "other")).verify(body, headers)
    batch = read(local, batch_id)
    assert (batch.webhook_tries, batch.webhook_error, batch.webhook_due_at) == (1, None, None)


def test_a_webhook_that_is_not_accepted_is_sent_again_with_the_same_id(
    local: Studio, as_owner: RunSql, receiver: Receiver
) -> None:
    receiver.status = 302  # where it leads is not followed
    batch_id = ended(local, as_owner, receiver.url)
    send_due(local, "acme", batch_id)
    batch = read(local, batch_id)
    assert (batch.webhook_tries, batch.webhook_error) == (1, "HTTP 302")
    assert batch.webhook_due_at
    receiver.status = 200
    as_owner("UPDATE studio_batches SET webhook_due_at = now()")
    send_due(local, "acme", batch_id)
    first, second = (headers["webhook-id"] for headers, _ in receiver.requests)
    assert first == second
    assert read(local, batch_id).webhook_due_at is None


def test_after_the_last_try_a_webhook_is_given_up(local: Studio, as_owner: RunSql, receiver: Receiver) -> None:
    receiver.status = 500
    batch_id = ended(local, as_owner, receiver.url)
    as_owner("UPDATE studio_batches SET webhook_tries = %s", len(webhooks.DELAYS_S))
    send_due(local, "acme", batch_id)
    assert read(local, batch_id).webhook_due_at is None


@pytest.mark.parametrize(
    "host",
    ["127.0.0.1", "localhost", "10.0.0.1", "169.254.169.254", "[::1]", "[::ffff:127.0.0.1]", "0.0.0.0", "[fd00::1]"],
)
def test_a_host_that_is_not_public_is_never_connected_to(studio: Studio, as_owner: RunSql, host: str) -> None:
    batch_id = ended(studio, as_owner, f"https://{host}:9/hook")
    send_due(studio, "acme", batch_id)
    error = read(studio, batch_id).webhook_error
    assert error
    assert "public internet" in error


def test_without_tls_nothing_is_sent(local: Studio, studio: Studio, as_owner: RunSql, receiver: Receiver) -> None:
    batch_id = ended(local, as_owner, receiver.url)
    studio.settings = dataclasses.replace(studio.settings, local_webhooks=False)
    send_due(studio, "acme", batch_id)
    assert receiver.requests == []
    assert read(studio, batch_id).webhook_error


def test_the_body_is_json_in_utf8(local: Studio, as_owner: RunSql, receiver: Receiver) -> None:
    send_due(local, "acme", ended(local, as_owner, receiver.url))
    [(headers, body)] = receiver.requests
    assert headers["content-type"] == "application/json"
    assert json.loads(body)["data"]["status"] == "done"
