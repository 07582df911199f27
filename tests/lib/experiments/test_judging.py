"""Pairs are handed out blind, votes count once, and a closed pair stays closed."""

from __future__ import annotations

import uuid
from concurrent.futures import ThreadPoolExecutor

import pytest

from lib.domain import errors
from lib.domain.brief import Brief
from lib.experiments import judging, standings
from lib.feeds import deletion, editing
from lib.store import feeds
from lib.store.experiments import definitions
from lib.store.experiments import judging as store
from lib.studio import Studio
from tests.support.experimenting import experiment_of


def judge(studio: Studio, experiment_id: uuid.UUID, person: str, side: judging.Side = "left") -> uuid.UUID | None:
    """Have a person judge their next pair; its id, or None when there is none."""
    pair = judging.next_pair(studio, "acme", experiment_id, person)
    if pair:
        judging.vote(studio, "acme", pair.pair_id, person, side)
    return pair.pair_id if pair else None


def stored(studio: Studio, pair_id: uuid.UUID) -> store.Pair:
    with studio.database.tenant("acme") as db:
        return store.get(db, "acme", pair_id)


def test_a_voter_sees_two_captions_and_nothing_that_tells_them_apart(studio: Studio, brief: Brief) -> None:
    experiment_id = experiment_of(studio, brief)
    pair = judging.next_pair(studio, "acme", experiment_id, "하나")
    assert pair is not None
    assert set(vars(pair)) == {"pair_id", "left", "right"}
    assert pair.left != pair.right
    assert judging.next_pair(studio, "acme", experiment_id, "하나") == pair  # a reload shows the same sides


def test_the_side_is_drawn_for_each_voter() -> None:
    pair_id = uuid.uuid4()
    swapped = sum(judging.is_swapped(pair_id, f"person {number}") for number in range(400))
    assert 140 < swapped < 260


def test_a_vote_means_the_caption_that_was_on_that_side(studio: Studio, brief: Brief) -> None:
    experiment_id = experiment_of(studio, brief, briefs=8)
    for number in range(8):
        pair = judging.next_pair(studio, "acme", experiment_id, f"person {number}")
        assert pair is not None
        judging.vote(studio, "acme", pair.pair_id, f"person {number}", "left")
        closed = stored(studio, pair.pair_id)
        with studio.database.tenant("acme") as db:
            first, _ = store.texts(db, "acme", closed)
        assert closed.result == ("first" if pair.left == first else "second")


def test_new_pairs_come_before_second_votes(studio: Studio, brief: Brief) -> None:
    experiment_id = experiment_of(studio, brief, votes=3)
    seen = [judge(studio, experiment_id, person) for person in ("하나", "두리", "세나")]
    assert len(set(seen)) == 3
    assert judge(studio, experiment_id, "네오") in seen


def test_a_pair_is_closed_by_the_majority_of_its_votes_and_never_opened_again(studio: Studio, brief: Brief) -> None:
    experiment_id = experiment_of(studio, brief, briefs=1, votes=3)
    pair = judging.next_pair(studio, "acme", experiment_id, "하나")
    assert pair is not None
    for person, wanted in (("하나", "first"), ("두리", "first"), ("세나", "second")):
        side: judging.Side = "left" if (wanted == "first") != judging.is_swapped(pair.pair_id, person) else "right"
        assert judging.vote(studio, "acme", pair.pair_id, person, side)
    assert stored(studio, pair.pair_id).result == "first"
    assert not judging.vote(studio, "acme", pair.pair_id, "네오", "tie")  # late: stored, and does not count
    with pytest.raises(errors.PairClosed):
        judging.withdraw(studio, "acme", pair.pair_id, "하나")
    assert stored(studio, pair.pair_id).result == "first"


def test_a_person_has_one_vote_on_a_pair_also_when_two_tabs_race(studio: Studio, brief: Brief) -> None:
    experiment_id = experiment_of(studio, brief, briefs=1, votes=3)
    pair = judging.next_pair(studio, "acme", experiment_id, "하나")
    assert pair is not None
    with ThreadPoolExecutor(4) as threads:
        counted = list(threads.map(lambda _: judging.vote(studio, "acme", pair.pair_id, "하나", "left"), range(4)))
    assert counted.count(True) == 1
    assert stored(studio, pair.pair_id).result is None


def test_a_name_in_other_letters_is_the_same_person(studio: Studio, brief: Brief) -> None:
    experiment_id = experiment_of(studio, brief, briefs=1, votes=3)
    pair_id = judge(studio, experiment_id, "Min Ji")
    assert pair_id is not None
    assert judging.next_pair(studio, "acme", experiment_id, "min  ji ") is None
    assert not judging.vote(studio, "acme", pair_id, "MIN JI", "left")
    assert judging.progress(studio, "acme", experiment_id, "min ji").judged == 1
    judging.withdraw(studio, "acme", pair_id, "min ji")
    assert judging.progress(studio, "acme", experiment_id, "Min Ji").judged == 0


def test_who_started_the_experiment_or_edited_a_caption_is_not_counted_on_it(studio: Studio, brief: Brief) -> None:
    experiment_id = experiment_of(studio, brief, briefs=1)
    pair = judging.next_pair(studio, "acme", experiment_id, "민지")
    assert pair is not None
    assert not judging.vote(studio, "acme", pair.pair_id, "민지", "left")
    before = judging.next_pair(studio, "acme", experiment_id, "하나")
    with studio.database.tenant("acme") as db:
        feed = feeds.get(db, "acme", stored(studio, pair.pair_id).first_feed_id)
    editing.edit(studio, feed, "고친 글", feed.hashtags, person="두리")
    assert not judging.vote(studio, "acme", pair.pair_id, "두리", "right")
    assert stored(studio, pair.pair_id).result is None
    assert judging.next_pair(studio, "acme", experiment_id, "하나") == before  # judged as it was written


def test_a_vote_can_be_taken_back_while_the_pair_is_open(studio: Studio, brief: Brief) -> None:
    experiment_id = experiment_of(studio, brief, briefs=1, votes=3)
    pair_id = judge(studio, experiment_id, "하나")
    assert pair_id is not None
    assert judging.progress(studio, "acme", experiment_id, "하나").judged == 1
    judging.withdraw(studio, "acme", pair_id, "하나")
    assert judging.progress(studio, "acme", experiment_id, "하나").judged == 0
    assert judge(studio, experiment_id, "하나") == pair_id


def test_reasons_are_stored_and_unknown_ones_are_not(studio: Studio, brief: Brief) -> None:
    experiment_id = experiment_of(studio, brief, briefs=1)
    pair = judging.next_pair(studio, "acme", experiment_id, "하나")
    assert pair is not None
    judging.vote(studio, "acme", pair.pair_id, "하나", "tie", ["clear", "=1+1"])
    with studio.database.tenant("acme") as db:
        [(_, person, choice, reasons, counts)] = store.votes(db, "acme", experiment_id)
    assert (person, choice, reasons, counts) == ("하나", "tie", ["clear"], True)


def test_nobody_votes_without_a_name_or_for_another_team(studio: Studio, brief: Brief) -> None:
    experiment_id = experiment_of(studio, brief, briefs=1)
    pair = judging.next_pair(studio, "acme", experiment_id, "하나")
    assert pair is not None
    with pytest.raises(errors.PersonMissing):
        judging.next_pair(studio, "acme", experiment_id, None)
    with pytest.raises(errors.PersonMissing):
        judging.vote(studio, "acme", pair.pair_id, "", "left")
    with pytest.raises(errors.ExperimentNotFound):
        judging.next_pair(studio, "globex", experiment_id, "하나")
    with pytest.raises(errors.PairNotFound):
        judging.vote(studio, "globex", pair.pair_id, "하나", "left")


def test_a_pair_whose_caption_was_deleted_is_not_handed_out(studio: Studio, brief: Brief) -> None:
    experiment_id = experiment_of(studio, brief, briefs=1)
    pair = judging.next_pair(studio, "acme", experiment_id, "하나")
    assert pair is not None
    deletion.delete(studio, "acme", stored(studio, pair.pair_id).second_feed_id)
    assert judging.next_pair(studio, "acme", experiment_id, "하나") is None


def test_a_closed_experiment_takes_no_votes(studio: Studio, brief: Brief) -> None:
    experiment_id = experiment_of(studio, brief, briefs=1)
    pair = judging.next_pair(studio, "acme", experiment_id, "하나")
    assert pair is not None
    with studio.database.tenant("acme") as db:
        definitions.close(db, "acme", experiment_id, None)
    with pytest.raises(errors.ExperimentClosed):
        judging.vote(studio, "acme", pair.pair_id, "하나", "left")
    with pytest.raises(errors.ExperimentClosed):
        judging.next_pair(studio, "acme", experiment_id, "하나")
    assert standings.read(studio, "acme", experiment_id).open == 1
