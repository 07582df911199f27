"""Errors about experiments, judging and the prompt library."""

from __future__ import annotations

from lib.domain.errors.base import Invalid, StudioError


class InvalidExperiment(Invalid):
    """The definition of an experiment, a prompt or a result cannot be used; nothing was stored."""

    code = "invalid_experiment"


class ExperimentNotFound(StudioError):
    """The tenant has no experiment with this id."""

    code = "experiment_not_found"
    status = 404


class ExperimentClosed(StudioError):
    """The experiment is closed: it takes no votes, no captions and no other winner."""

    code = "experiment_closed"
    status = 409


class PairNotFound(StudioError):
    """The tenant has no pair with this id, or one of its captions was deleted."""

    code = "pair_not_found"
    status = 404


class PairClosed(StudioError):
    """The pair is closed: its votes stay as they are."""

    code = "pair_closed"
    status = 409


class PersonMissing(StudioError):
    """A vote needs the name of the person who gives it."""

    code = "person_missing"
    status = 422


class PromptNotFound(StudioError):
    """The team's library has no such version of a prompt."""

    code = "prompt_not_found"
    status = 404
