"""The webhook of a batch that has ended: signed, sent again until it is accepted, and to public hosts only.

Form and signature are those of Standard Webhooks (github.com/standard-webhooks/standard-webhooks).
"""

from __future__ import annotations

import base64
import datetime as dt
import ipaddress
import json
import logging
import socket
import ssl
import time
import uuid
from collections.abc import Iterable
from contextlib import closing
from typing import Any
from urllib.parse import urlsplit

import httpcore2
from standardwebhooks import Webhook

from lib.access.api_keys import derived_secret
from lib.domain.errors import WebhookRefused
from lib.i18n import words
from lib.settings import Settings
from lib.store.batches import batches
from lib.store.batches.batches import Batch, Progress
from lib.studio import Studio

log = logging.getLogger(__name__)

TYPE = "batch.ended"
TIMEOUT_S = 15.0
"""For a whole try, however slowly the receiver answers."""
LEASE_S = 120.0
"""For so long nobody else sends a webhook that is being sent."""
DELAYS_S = (5.0, 300.0, 1800.0, 7200.0, 18_000.0, 36_000.0, 50_400.0, 72_000.0, 86_400.0)
"""Seconds between two tries, as the specification proposes them; after the last one it is given up."""
LONGEST_ERROR = 300


def secret_of(settings: Settings, tenant_id: str) -> str:
    """The secret that the tenant's webhooks are signed with, as ``whsec_...``. It is derived, and stored nowhere."""
    return "whsec_" + base64.b64encode(derived_secret(settings, f"webhooks of {tenant_id}")).decode()


def send_due(studio: Studio, tenant_id: str, batch_id: uuid.UUID) -> None:
    """Send the batch's webhook if it is due and nobody else sends it now, and record how that went.

    Its id is the same at every try, so that a receiver notices a second delivery. Raises ``BatchNotFound`` and
    ``DatabaseAway``.
    """
    with studio.database.tenant(tenant_id) as db:
        if not batches.lease_webhook(db, tenant_id, batch_id, LEASE_S):
            return
        batch = batches.get(db, tenant_id, batch_id)
        progress = batches.progress(db, tenant_id, [batch_id])[batch_id]
    error = _send(studio.settings, batch, progress)
    tries = batch.webhook_tries + 1
    delay_s = None if error is None or tries > len(DELAYS_S) else DELAYS_S[tries - 1]
    with studio.database.tenant(tenant_id) as db:
        batches.record_webhook(db, tenant_id, batch_id, tries, error, delay_s)
    log.info("the webhook of batch %s: %s", batch_id, error or "accepted")


def body(batch: Batch, progress: Progress) -> dict[str, Any]:
    """What a webhook says of a batch."""
    return {
        "type": TYPE,
        "timestamp": (batch.ended_at or batch.created_at).isoformat(),
        "data": {
            "batch_id": str(batch.batch_id),
            "tenant_id": batch.tenant_id,
            "status": batch.status,
            "rows": progress.rows,
            "spent_usd": float(batch.spent_usd),
        },
    }


def _send(settings: Settings, batch: Batch, progress: Progress) -> str | None:
    """Send it once; returns why it was not accepted, None where it was."""
    url = batch.webhook_url or ""
    content = json.dumps(body(batch, progress), ensure_ascii=False)
    message_id, now = f"batch_ended_{batch.batch_id}_{batch.ended_at:%Y%m%d%H%M%S}", dt.datetime.now(dt.UTC)
    headers: dict[bytes | str, bytes | str] = {
        "content-type": "application/json",
        "user-agent": "feed-studio",
        "webhook-id": message_id,
        "webhook-timestamp": str(int(now.timestamp())),
        "webhook-signature": Webhook(secret_of(settings, batch.tenant_id)).sign(message_id, now, content),
    }
    try:
        network = _PublicHosts(local=settings.local_webhooks)
        if not (urlsplit(url).scheme == "https" or settings.local_webhooks):
            raise WebhookRefused(host=url[:200])
        with (
            closing(httpcore2.ConnectionPool(network_backend=network)) as pool,
            pool.stream("POST", url, headers=headers, content=content.encode()) as got,
        ):
            return None if 200 <= got.status < 300 else f"HTTP {got.status}"
    except WebhookRefused as error:
        return words.error("en", error)[:LONGEST_ERROR]
    except (OSError, httpcore2.NetworkError, httpcore2.TimeoutException, httpcore2.ProtocolError, ValueError) as error:
        return f"{type(error).__name__}: {error}"[:LONGEST_ERROR]


class _PublicHosts(httpcore2.NetworkBackend):
    """Connects to addresses on the public internet only: what a name resolves to is checked when it is connected to.

    So neither a name of our own network nor one that resolves to something else the second time is reached. Redirects
    are not followed. ``local``: addresses of this machine may be reached too.
    """

    def __init__(self, *, local: bool) -> None:
        self._local = local
        self._ends_at = time.monotonic() + TIMEOUT_S
        self._network = httpcore2.SyncBackend()

    def connect_tcp(
        self,
        host: str,
        port: int,
        timeout: float | None = None,
        local_address: str | None = None,
        socket_options: Iterable[Any] | None = None,
    ) -> httpcore2.NetworkStream:
        """Connect to the first address of the host. Raises ``WebhookRefused`` where one of them is not public."""
        resolved = socket.getaddrinfo(host, port, type=socket.SOCK_STREAM)
        addresses = list(dict.fromkeys(str(entry[4][0]) for entry in resolved))
        if not addresses or not all(is_public(address) or self._is_local(address) for address in addresses):
            raise WebhookRefused(host=host)
        left_s = TIMEOUT_S if timeout is None else timeout
        stream = self._network.connect_tcp(addresses[0], port, left_s, local_address, socket_options)
        return _Bounded(stream, self._ends_at)

    def connect_unix_socket(self, *_args: Any, **_options: Any) -> httpcore2.NetworkStream:
        """Never: a webhook has an address on the network."""
        raise WebhookRefused(host="a socket of this machine")

    def sleep(self, seconds: float) -> None:
        """Wait, between two tries of the pool."""
        self._network.sleep(seconds)

    def _is_local(self, address: str) -> bool:
        return self._local and ipaddress.ip_address(address.partition("%")[0]).is_loopback


class _Bounded(httpcore2.NetworkStream):
    """A connection that is given up at an instant, also where the other side goes on sending a byte now and then."""

    def __init__(self, stream: httpcore2.NetworkStream, ends_at: float) -> None:
        self._stream, self._ends_at = stream, ends_at

    def read(self, max_bytes: int, timeout: float | None = None) -> bytes:
        """Read what there is. Raises ``ReadTimeout``."""
        return self._stream.read(max_bytes, self._left_s(timeout, httpcore2.ReadTimeout))

    def write(self, buffer: bytes, timeout: float | None = None) -> None:
        """Write all of it. Raises ``WriteTimeout``."""
        self._stream.write(buffer, self._left_s(timeout, httpcore2.WriteTimeout))

    def start_tls(
        self, ssl_context: ssl.SSLContext, server_hostname: str | None = None, timeout: float | None = None
    ) -> httpcore2.NetworkStream:
        """Go on encrypted. Raises ``ConnectTimeout``."""
        left_s = self._left_s(timeout, httpcore2.ConnectTimeout)
        return _Bounded(self._stream.start_tls(ssl_context, server_hostname, left_s), self._ends_at)

    def close(self) -> None:
        """Hang up."""
        self._stream.close()

    def get_extra_info(self, info: str) -> Any:
        """What the connection says of itself."""
        return self._stream.get_extra_info(info)

    def _left_s(self, timeout: float | None, timed_out: type[httpcore2.TimeoutException]) -> float:
        left_s = self._ends_at - time.monotonic()
        if left_s <= 0:
            raise timed_out(f"no answer within {TIMEOUT_S:g} s")
        return left_s if timeout is None else min(left_s, timeout)


_GLOBAL_UNICAST = ipaddress.IPv6Network("2000::/3")
"""All that IANA gives out to be reached on the internet; the rest of IPv6 is local, reserved or an IPv4 address."""
_NAT64 = ipaddress.IPv6Network("64:ff9b::/96")
"""IPv4 addresses as a network without IPv4 reaches them (RFC 6052)."""
_OF_PLATFORMS = tuple(map(ipaddress.IPv4Network, ("168.63.129.16", "192.0.0.0/24")))
"""Look public, and hold services of a cloud for the machine that asks: Azure's and Oracle's."""


def is_public(address: str) -> bool:
    """Whether an IP address is on the public internet, also where it is an IPv4 address in the form of IPv6."""
    ip = ipaddress.ip_address(address.partition("%")[0])
    if isinstance(ip, ipaddress.IPv6Address):
        if ip in _NAT64:
            embedded: ipaddress.IPv4Address | None = ipaddress.IPv4Address(int(ip) & 0xFFFF_FFFF)
        else:
            embedded = ip.ipv4_mapped or ip.sixtofour or (ip.teredo or (None, None))[1]
        if embedded is None:
            return ip in _GLOBAL_UNICAST and ip.is_global
        ip = embedded
    return ip.is_global and not ip.is_multicast and not any(ip in network for network in _OF_PLATFORMS)
