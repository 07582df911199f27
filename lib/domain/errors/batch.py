"""Batches: those that cannot be made as they are, and those that are not there or over."""

from __future__ import annotations

from lib.domain.errors.base import Invalid, StudioError


class InvalidBatch(Invalid):
    """A batch, or a row of it, breaks a rule; nothing was stored and nothing is sent."""

    code = "invalid_batch"


class WebhookRefused(StudioError):
    """A webhook's ``host`` is not on the public internet, so it is not called."""

    code = "webhook_refused"


class BatchNotFound(StudioError):
    """The tenant has no batch with this id; a batch of another tenant is not found either."""

    code = "batch_not_found"
    status = 404


class BatchEnded(StudioError):
    """The batch is done or cancelled, so it can neither be paused nor go on."""

    code = "batch_ended"
    status = 409
