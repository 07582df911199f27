"""The one entrance: a caller can watch its submission, wait for it, or be called back; the same key is paid once."""

from __future__ import annotations

import queue
import threading
import uuid

import pytest

from lib.demo.model import DemoModel
from lib.domain.brief import Brief, GenerationOptions
from lib.domain.errors import NeedsFixing, Refused, ServerFull, StillWriting
from lib.generation.generate import execute
from lib.generation.submit import Submission, slot, submit
from lib.studio import Studio
from tests.support.generating import recorded, request, write
from tests.support.patience import PATIENCE_S


def told(submission: Submission) -> queue.Queue[Submission]:
    """What the callback of the submission was called with."""
    calls: queue.Queue[Submission] = queue.Queue()
    submission.add_done_callback(calls.put)
    return calls


@pytest.mark.parametrize("threads", ["page", "pipeline", None])
def test_a_new_request_is_executed_by_the_threads_that_it_names(studio: Studio, brief: Brief, threads: str) -> None:
    submission = submit(studio, request(brief, threads=threads))
    assert submission.is_new
    feed = submission.wait()
    assert feed.tenant_id == "acme"
    assert told(submission).get(timeout=PATIENCE_S).wait(0) == feed
    assert submission.progress is not None
    assert submission.progress.phase == "done"


def test_an_error_is_raised_by_every_wait_and_reaches_the_callback(studio: Studio, brief: Brief) -> None:
    submission = submit(studio, request(brief, GenerationOptions("demo-refused"), threads="page"))
    ended = told(submission).get(timeout=PATIENCE_S)
    for _ in range(2):
        with pytest.raises(Refused):
            ended.wait(0)


def test_a_repeated_request_watches_the_first_and_ends_with_it(studio: Studio, brief: Brief, demo: DemoModel) -> None:
    first = recorded(studio, brief, idempotency_key="k")
    second = submit(studio, request(brief, idempotency_key="k"))
    assert not second.is_new
    assert second.progress is first.progress
    with pytest.raises(StillWriting):
        second.wait(0)
    calls = told(second)
    feed = execute(studio, first)
    assert calls.get(timeout=PATIENCE_S).wait() == feed
    assert second.progress is None
    assert len(demo.requests) == 1


def test_a_repeated_request_is_told_how_the_first_one_failed(studio: Studio, brief: Brief) -> None:
    options = GenerationOptions("demo-over_limit")
    for _ in range(2):
        submission = submit(studio, request(brief, options, idempotency_key="k"))
        with pytest.raises(NeedsFixing):
            submission.wait()
        assert told(submission).get(timeout=PATIENCE_S) is submission


def test_a_bug_while_it_is_written_reaches_who_waits(
    studio: Studio, brief: Brief, monkeypatch: pytest.MonkeyPatch
) -> None:
    def broken(*_: object) -> None:
        raise ZeroDivisionError

    monkeypatch.setattr("lib.generation.generate.execute", broken)
    submission = submit(studio, request(brief, threads="page"))
    with pytest.raises(ZeroDivisionError):
        submission.wait()
    assert submission.prepared is not None
    submission.prepared.entry.discard()


def test_a_slot_is_free_again_before_anybody_hears_of_the_end(studio: Studio, brief: Brief) -> None:
    studio.pipeline_slots = threading.BoundedSemaphore(1)
    for _ in range(3):
        submit(studio, request(brief, threads="pipeline")).wait()
    with slot(studio), pytest.raises(ServerFull):
        submit(studio, request(brief, threads="pipeline"))


def test_a_repeated_request_holds_no_slot(studio: Studio, brief: Brief) -> None:
    studio.pipeline_slots = threading.BoundedSemaphore(1)
    feed = write(studio, brief, idempotency_key="k")
    for _ in range(2):
        assert submit(studio, request(brief, idempotency_key="k", threads="pipeline")).wait() == feed


def test_variants_share_their_run(studio: Studio, brief: Brief) -> None:
    run_id = uuid.uuid4()
    submissions = [submit(studio, request(brief, run_id=run_id, variant=number)) for number in (1, 2)]
    assert {one.generation.run_id for one in submissions if one.generation} == {run_id}
