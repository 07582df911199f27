"""What the generate page shows. Each run of the page reads it once and hands it to everything that draws.

Two reads of one run could disagree: the form would say that a caption is being written while the preview, which read
later, has it finished and asks for no further drawing.
"""

from __future__ import annotations

import time
import uuid
from dataclasses import dataclass, replace

import streamlit as st

from lib.domain.errors import DatabaseAway, RunNotFound, StudioError
from lib.domain.progress import Phase, Progress
from lib.store import feeds, generations
from lib.store.feeds import Feed
from lib.store.generations import Generation
from lib.studio import Studio
from lib.ui.core.addresses import GenerateAddress
from lib.ui.core.words import say

LAST_RUN = "last_run_shown"
"""In the session: the generations of the run shown last, for a page that is drawn while the database is away."""


@dataclass(frozen=True)
class Variant:
    """One generation of the run; ``progress`` is None unless this process is writing it."""

    generation: Generation
    progress: Progress | None = None
    phase: Phase = "done"
    """Read once: the thread that writes may move on at any moment."""

    @property
    def is_finished(self) -> bool:
        """Whether its outcome is stored."""
        return self.generation.finished_at is not None


@dataclass(frozen=True)
class Shown:
    """The run or the feed of the address, or neither; ``error`` says why it cannot be shown."""

    tenant_id: str
    run_id: uuid.UUID | None = None
    variants: tuple[Variant, ...] = ()
    feed: Feed | None = None
    made_by: Generation | None = None
    error: StudioError | None = None
    under_way: frozenset[uuid.UUID] = frozenset()
    """Every run, of any team, that this process was writing at that moment."""

    @property
    def address(self) -> dict[str, str] | None:
        """The parameters of an address that shows this again; None where nothing is shown."""
        if self.feed:
            return {"feed": str(self.feed.instagram_feed_id)}
        return {"run": str(self.run_id)} if self.run_id else None

    @property
    def running(self) -> list[Variant]:
        """The variants that this process is writing."""
        return [variant for variant in self.variants if variant.progress]

    @property
    def is_finished(self) -> bool:
        """Whether nothing of it can change by itself any more."""
        return all(variant.is_finished for variant in self.variants)


def read(studio: Studio, tenant_id: str) -> Shown:
    """What the address names, as it is now. An expected error is part of the result and not raised."""
    run_id, running = None, dict(studio.running)  # before the rows: what ends in between is finished in its row
    under_way = frozenset(progress.run_id for progress in running.values())
    try:
        address = GenerateAddress.read()
        feed_id, run_id = address.feed, address.run
        if feed_id:
            with studio.database.tenant(tenant_id) as db:
                feed = feeds.get(db, tenant_id, feed_id)
                made_by = generations.of_feed(db, tenant_id, feed_id)
            return Shown(tenant_id, feed=feed, made_by=made_by, under_way=under_way)
        if run_id:
            variants = _variants(_generations(studio, tenant_id, run_id), running)
            return Shown(tenant_id, run_id, variants, under_way=under_way)
    except StudioError as error:
        return Shown(tenant_id, run_id, error=error, under_way=under_way)
    return Shown(tenant_id, under_way=under_way)


class Watch:
    """What a fragment draws at each of its ticks: first what the page has just read, then what is read anew."""

    def __init__(self, studio: Studio, shown: Shown) -> None:
        self._studio, self._shown, self._is_fresh = studio, shown, True

    @property
    def is_finished(self) -> bool:
        """Whether the run was finished when it was read last."""
        return self._shown.is_finished

    def look(self) -> Shown:
        """The run as it is now. Reads its rows only when a generation is neither finished nor written here."""
        if not self._is_fresh:
            self._shown = self._read_again()
        self._is_fresh = False
        return self._shown

    def _read_again(self) -> Shown:
        shown, running = self._shown, dict(self._studio.running)
        rows = [variant.generation for variant in shown.variants]
        if shown.run_id and any(row.finished_at is None and row.generation_id not in running for row in rows):
            try:
                rows = _generations(self._studio, shown.tenant_id, shown.run_id)
            except StudioError as error:
                return replace(shown, error=error)
        return replace(shown, variants=_variants(rows, running), error=None)


def phase_line(variant: Variant, progress: Progress) -> str:
    """How far the generation is, and for how many seconds it has been written."""
    seconds = max(0, round((progress.resumes_at or 0) - time.monotonic()))
    phase = "storing" if variant.phase == "done" else variant.phase  # the thread is over, the row is not read yet
    text = say(f"result.{phase}", seconds=seconds, attempts=progress.attempts)
    return f"{text} · {say('result.elapsed', seconds=time.monotonic() - progress.started)}"


def _variants(rows: list[Generation], running: dict[uuid.UUID, Progress]) -> tuple[Variant, ...]:
    variants = []
    for row in rows:
        progress = running.get(row.generation_id) if row.finished_at is None else None
        variants.append(Variant(row, progress, progress.phase) if progress else Variant(row))
    return tuple(variants)


def _generations(studio: Studio, tenant_id: str, run_id: uuid.UUID) -> list[Generation]:
    """The run's generations; while the database is away, as this session read them last."""
    try:
        with studio.database.tenant(tenant_id) as db:
            rows = generations.of_run(db, tenant_id, run_id)
    except DatabaseAway:
        last: list[Generation] = st.session_state.get(LAST_RUN, [])
        if last and (last[0].tenant_id, last[0].run_id) == (tenant_id, run_id):
            return last
        raise
    if not rows:
        raise RunNotFound(run_id=run_id)
    st.session_state[LAST_RUN] = rows
    return rows
