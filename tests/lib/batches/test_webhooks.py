"""A webhook is signed, sent until it is accepted, and to public hosts only."""

from __future__ import annotations

import contextlib
import dataclasses
import json
import threading
import time
import uuid
from collections.abc import Iterator
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from typing import Any

import pytest
from standardwebhooks import Webhook

from lib.batches import running, steps, webhooks
from lib.batches.webhooks import secret_of, send_due
from lib.store.batches import batches
from lib.store.batches.batches import Batch
from lib.studio import Studio
from tests.conftest import RunSql
from tests.support.batching import batch_of
from tests.support.patience import PATIENCE_S


class Receiver:
    """A server on this machine that takes webhooks; ``status`` is what it answers, once ``may_answer``.

    Until then it sends a header now and then, so that nobody can say that it does not answer.
    """

    def __init__(self) -> None:
        self.status, self.requests = 204, list[tuple[dict[str, str], bytes]]()
        self.may_answer = threading.Event()
        self.may_answer.set()
        receiver = self

        class Handler(BaseHTTPRequestHandler):
            def do_POST(self) -> None:
                body = self.rfile.read(int(self.headers["content-length"]))
                receiver.requests.append(({name.lower(): value for name, value in self.headers.items()}, body))
                self.send_response(receiver.status)
                self.send_header("location", "http://169.254.169.254/")
                with contextlib.suppress(OSError):
                    while not receiver.may_answer.wait(0.02):
                        self.send_header("x-wait", "a little")
                        self.flush_headers()
                    self.end_headers()

            def log_message(self, *_args: Any) -> None:
                """Quiet."""

        self.server = ThreadingHTTPServer(("127.0.0.1", 0), Handler)
        self.url = f"http://127.0.0.1:{self.server.server_address[1]}/hook"
        threading.Thread(target=self.server.serve_forever, args=(0.02,), daemon=True).start()


@contextlib.contextmanager
def receiving() -> Iterator[Receiver]:
    receiver = Receiver()
    yield receiver
    receiver.may_answer.set()
    receiver.server.shutdown()
    receiver.server.server_close()


@pytest.fixture
def receiver() -> Iterator[Receiver]:
    with receiving() as receiver:
        yield receiver


@pytest.fixture
def local(studio: Studio) -> Studio:
    studio.settings = dataclasses.replace(studio.settings, local_webhooks=True)
    return studio


def ended(studio: Studio, as_owner: RunSql, url: str, tenant_id: str = "acme") -> uuid.UUID:
    batch_id = batch_of(studio, 2, tenant_id, webhook_url=url)
    as_owner("UPDATE studio_batch_rows SET status = CASE number WHEN 1 THEN 'written' ELSE 'failed' END")
    steps.finish(studio, tenant_id, batch_id)
    return batch_id


def read(studio: Studio, batch_id: uuid.UUID, tenant_id: str = "acme") -> Batch:
    with studio.database.tenant(tenant_id) as db:
        return batches.get(db, tenant_id, batch_id)


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


LOCAL = """
    127.0.0.1 10.0.0.1 172.16.0.1 192.168.0.1 169.254.169.254 100.100.100.200 0.0.0.0 192.0.0.192 198.18.0.1
    224.0.0.1 240.0.0.1 255.255.255.255 168.63.129.16
    :: ::1 ::127.0.0.1 ::ffff:127.0.0.1 ::ffff:169.254.169.254 ::ffff:0:10.0.0.1 64:ff9b::127.0.0.1
    64:ff9b::169.254.169.254 64:ff9b:1::10.0.0.1 2002:7f00:1:: 2002:a9fe:a9fe::1 2001:0:4136:e378:8000:63bf:80ff:fffe
    fd00::1 fd00:ec2::254 fe80::1 fe80::1%eth0 fec0::1 ff02::1 2001:db8::1 5f00::1 4000::1
"""


@pytest.mark.parametrize("address", LOCAL.split())
def test_an_address_that_is_not_on_the_internet_is_not_public_in_any_form(address: str) -> None:
    assert not webhooks.is_public(address)


@pytest.mark.parametrize(
    "address", ["1.1.1.1", "203.0.114.1", "2606:4700::1111", "::ffff:1.1.1.1", "64:ff9b::1.1.1.1", "2002:101:101::1"]
)
def test_an_address_on_the_internet_is_public(address: str) -> None:
    assert webhooks.is_public(address)


@pytest.mark.parametrize(
    "host",
    ["127.0.0.1", "localhost", "2130706433", "0x7f000001", "0177.0.0.1", "127.1", "[::ffff:127.0.0.1]"],
)
def test_a_host_that_is_not_public_is_never_connected_to(studio: Studio, as_owner: RunSql, host: str) -> None:
    batch_id = ended(studio, as_owner, "https://example.com/hook")
    as_owner("UPDATE studio_batches SET webhook_url = %s", f"HTTPS://{host}:9/hook")  # or where a name leads since
    send_due(studio, "acme", batch_id)
    error = read(studio, batch_id).webhook_error
    assert error
    assert "public internet" in error


def test_a_receiver_that_answers_slowly_for_ever_is_given_up(
    local: Studio, as_owner: RunSql, receiver: Receiver, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(webhooks, "TIMEOUT_S", 0.3)
    receiver.may_answer.clear()
    batch_id = ended(local, as_owner, receiver.url)
    send_due(local, "acme", batch_id)
    error = read(local, batch_id).webhook_error
    assert error
    assert "Timeout" in error


def test_a_slow_receiver_of_one_team_keeps_no_other_team_waiting(
    local: Studio, as_owner: RunSql, receiver: Receiver
) -> None:
    receiver.may_answer.clear()
    for _ in range(2 * running.WEBHOOKS_AT_ONCE):
        ended(local, as_owner, receiver.url)
    runner = running.Runner(local, 1)
    runner.run()
    with receiving() as quick:
        others = ended(local, as_owner, quick.url, "other")
        deadline = time.monotonic() + PATIENCE_S
        while read(local, others, "other").webhook_due_at:
            assert time.monotonic() < deadline
            time.sleep(0.02)
    assert len(receiver.requests) <= 1, "one of a team at once"
    receiver.may_answer.set()
    runner.stop()


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
