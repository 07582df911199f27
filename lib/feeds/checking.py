"""What a caption says beside its brief: computed for one, kept for the list, caught up on for what others wrote."""

from __future__ import annotations

import logging
import threading
import time
import uuid
from collections.abc import Collection, Sequence
from dataclasses import asdict
from typing import Any

from lib.domain.brief import INPUTS
from lib.domain.caption import Caption
from lib.domain.errors import StudioError
from lib.domain.findings import check, disclosure
from lib.domain.findings.fact import Finding
from lib.domain.prompt import wishes_in
from lib.store.feed_listing import KeptFeed
from lib.store.feeds import Feed
from lib.store.findings import findings as stored_findings
from lib.studio import Studio

log = logging.getLogger(__name__)

AT_ONCE = 1_000
"""Captions that are checked while somebody waits: about a second."""
AT_A_TIME = 200
"""Captions of one transaction."""

_catching_up: set[str] = set()
_lock = threading.Lock()


def findings_of(feed: Feed) -> list[Finding]:
    """The findings of a stored feed, whoever wrote it."""
    return check.check(
        _brief(feed),
        feed.instagram_ad_copy,
        feed.hashtags,
        prompt_used=feed.gpt_prompt_used,
        account=feed.tenant_id,
    )


def disclosure_findings(feed: Feed) -> list[Finding]:
    """The feed's findings about the disclosure of its sponsorship."""
    return [finding for finding in findings_of(feed) if finding.kind == "disclosure"]


def sponsorship_of(feed: Feed) -> str | None:
    """What is given for the post: as its prompt says, else as the words of its brief do."""
    return check.sponsorship_of(_brief(feed), feed.gpt_prompt_used)


def disclosure_taken_away(feed: Feed, caption: Caption) -> str | None:
    """The clear word that a sponsored feed would lose with the texts of the caption; None where it loses none."""
    before = Caption.from_fields(feed.instagram_ad_copy, feed.hashtags)
    return disclosure.taken_away(before, caption, sponsorship_of(feed), account=feed.tenant_id)


def with_disclosure(feed: Feed, text: str) -> str:
    """The text with the clear word in its first line, where the feed is sponsored and the text lacks it."""
    return disclosure.ensured(text, sponsorship_of(feed), wishes_in(feed.gpt_prompt_used).language)


def as_json(finding: Finding) -> dict[str, Any]:
    """The finding for a file or a program; ``start`` and ``end`` count code points of ``field``."""
    return {name: value for name, value in asdict(finding).items() if name != "params"} | {"params": finding.params}


def of_feeds(studio: Studio, tenant_id: str, feed_ids: Collection[uuid.UUID]) -> dict[uuid.UUID, list[dict[str, Any]]]:
    """The findings of these feeds as they are kept, by feed id; those that were not checked yet are checked now."""
    with studio.database.tenant(tenant_id) as db:
        stored = stored_findings.of_feeds(db, tenant_id, feed_ids)
        missing = set(feed_ids) - stored.keys()
        rows = stored_findings.unchecked(db, tenant_id, len(missing), among=missing) if missing else []
        return stored | _check(db, tenant_id, rows)


def of_rows(studio: Studio, tenant_id: str, rows: Collection[KeptFeed]) -> dict[uuid.UUID, Sequence[Any]]:
    """The findings of these rows, by feed id: as they are kept; those that were not checked yet are checked now."""
    stored = {row.instagram_feed_id: row.findings for row in rows if row.findings is not None}
    missing = [row for row in rows if row.findings is None]
    if not missing:
        return stored
    with studio.database.tenant(tenant_id) as db:
        return stored | _check(db, tenant_id, missing)


def catch_up(studio: Studio, tenant_id: str) -> int:
    """Check the newest feeds that were not checked since they changed; returns how many are left.

    Those are checked by a thread of this process, half of its time, so that pages do not wait for it. While it is at
    work, or where somebody is changing a feed just now, some may be left: ask again.
    """
    with studio.database.tenant(tenant_id) as db:
        if tenant_id not in _catching_up:
            _check(db, tenant_id, stored_findings.unchecked(db, tenant_id, AT_ONCE))
        left = stored_findings.count_unchecked(db, tenant_id)
    with _lock:
        if left and tenant_id not in _catching_up:
            _catching_up.add(tenant_id)
            threading.Thread(target=_go_on, args=(studio, tenant_id), name="checking", daemon=True).start()
    return left


def _go_on(studio: Studio, tenant_id: str) -> None:
    try:
        while True:
            started = time.monotonic()
            with studio.database.tenant(tenant_id) as db:
                rows = stored_findings.unchecked(db, tenant_id, AT_A_TIME)
                _check(db, tenant_id, rows)
            if len(rows) < AT_A_TIME:
                return
            time.sleep(time.monotonic() - started)
    except StudioError as error:
        log.warning("captions of %s wait to be checked: %s", tenant_id, error)
    finally:
        with _lock:
            _catching_up.discard(tenant_id)


def _check(db: Any, tenant_id: str, rows: Collection[Feed]) -> dict[uuid.UUID, list[dict[str, Any]]]:
    checked = [(feed, findings_of(feed)) for feed in rows]
    listed = {feed.instagram_feed_id: [as_json(finding) for finding in findings] for feed, findings in checked}
    stored_findings.store(
        db, tenant_id, [(feed, listed[feed.instagram_feed_id], check.kinds(findings)) for feed, findings in checked]
    )
    return listed


def _brief(feed: Feed) -> dict[str, str]:
    return {name: getattr(feed, name) for name in INPUTS}
