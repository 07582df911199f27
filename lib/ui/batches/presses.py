"""What each press of the page of batches does, from the values of the press alone."""

from __future__ import annotations

import uuid
from collections.abc import Callable
from decimal import Decimal, InvalidOperation
from functools import partial
from typing import Any

import streamlit as st

from lib.batches import control, creation, drafts, reviewing
from lib.batches import estimate as estimates
from lib.domain.errors import BatchNotFound, InvalidBatch, InvalidSettings, Problem
from lib.generation import pacing
from lib.store.batches import batches, review
from lib.store.traffic.limits import Limits
from lib.studio import Studio
from lib.ui.components.press.press import Handler, Press
from lib.ui.core import feedback, session, words
from lib.ui.core.addresses import MAX_SHOWN, BatchesAddress
from lib.ui.core.words import say

RUN, PAUSE, RESUME, CANCEL = "run_batch", "pause_batch", "resume_batch", "cancel_batch"
NAME_FIELD, LIMIT_FIELD = "batch_name", "limit_usd"
"""The fields of the forms."""
OPEN = "sheet_open"
"""In the session: the draft that is open."""
_MOST_USD = 10**9
MODEL_LIMITS, LIFT = "limit_model", "lift_limits"
RETRY, LIMIT, APPROVE_ALL = "retry_rows", "limit_batch", "approve_rows"


def handlers(studio: Studio) -> dict[str, Handler]:
    """The page's handlers by action. Each raises the ``StudioError`` with which the press is refused."""
    actions: dict[str, Callable[[Studio, Press], None]] = {
        RUN: run,
        PAUSE: lambda studio, press: _change(control.pause, studio, press),
        RESUME: lambda studio, press: _change(control.resume, studio, press),
        CANCEL: lambda studio, press: _change(control.cancel, studio, press),
        RETRY: retry,
        LIMIT: limit,
        APPROVE_ALL: approve_all,
        MODEL_LIMITS: limit_model,
        LIFT: lambda studio, press: pacing.set_limits(studio, press.team, Limits(press.text("model"))),
    }
    return {action: partial(handler, studio) for action, handler in actions.items()}


def of_view(address: BatchesAddress) -> tuple[str, ...]:
    """The actions whose buttons the page has, and of which it says why the last one was refused."""
    if address.batch:
        return (APPROVE_ALL,) if address.view else (PAUSE, RESUME, CANCEL, RETRY, LIMIT)
    return (RUN,) if address.draft else (MODEL_LIMITS, LIFT)


def form(action: str, storage: str, fields: list[dict[str, Any]]) -> dict[str, Any]:
    """A form whose values are what the browser shows at the press, see :mod:`lib.ui.components.press.press`."""
    common = {"kind": "text", "group": "main"}
    return {
        "storage": f"feed-studio.{storage}",
        "action": action,
        "fields": [common | field for field in fields],
        "about": say("form.about"),
    }


def limit_field(value: Decimal | None = None) -> dict[str, Any]:
    """The field of a cost limit."""
    return {
        "name": LIMIT_FIELD,
        "kind": "number",
        "label": words.field_name(LIMIT_FIELD),
        "value": "" if value is None else f"{value.normalize():f}",
        "hint": say("batches.no_limit"),
        "help": say("batches.limit_help"),
    }


def run(studio: Studio, press: Press) -> None:
    """Start the good rows of a sheet as a batch and show it; the rows with mistakes stay a sheet of their own."""
    key = f"page:{press.press_id}"
    with studio.database.tenant(press.team) as db:
        earlier = batches.by_key(db, press.team, key)
    if earlier is None:
        draft = drafts.load(studio, press.team, _id(press, "draft_id"))
        new = list(draft.requests())
        economy = press.text("economy") == "yes"
        estimate = estimates.estimate(studio, press.team, new, economy=economy)
        batch_id = creation.create(
            studio,
            press.team,
            new,
            source="page",
            name=press.text(NAME_FIELD),
            columns=draft.table.headings,
            limit_usd=_money(press.text(LIMIT_FIELD)),
            estimated_usd=estimate.cost_usd,
            idempotency_key=key,
            economy=economy,
        )
        drafts.keep_unfinished(studio, draft)
        st.session_state.pop(OPEN, None)
    else:
        batch_id = earlier.batch_id
    BatchesAddress(batch=batch_id).show()


def retry(studio: Studio, press: Press) -> None:
    """Have the failed rows of a batch written again."""
    batch_id = _id(press, "batch_id")
    count = control.retry_failed(studio, press.team, batch_id, unknown=press.text("unknown") == "yes")
    feedback.toast_later(say("batches.retried", count=count), icon=":material/refresh:")


def limit(studio: Studio, press: Press) -> None:
    """Give a batch another limit, or none."""
    control.raise_limit(studio, press.team, _id(press, "batch_id"), _money(press.text(LIMIT_FIELD)))


def limit_model(studio: Studio, press: Press) -> None:
    """Replace the team's limits for a model; what is left empty is without limit."""
    requests, tokens, at_once = (_number(name, press.text(name)) for name in pacing.LIMITS)
    pacing.set_limits(studio, press.team, Limits(press.text("model"), requests, tokens, at_once))
    feedback.toast_later(say("batches.limits_set", model=press.text("model")), icon=":material/check:")


def _number(name: str, text: str) -> int | None:
    try:
        return int(text.replace(",", "")) if text.strip() else None
    except ValueError:
        raise InvalidSettings([Problem(name, "no_number")]) from None


def approve_all(studio: Studio, press: Press) -> None:
    """Approve every caption of a batch that nobody has decided on."""
    batch_id = _id(press, "batch_id")
    count = reviewing.approve_all(studio, press.team, batch_id, person=session.person())
    feedback.toast_later(say("batches.approved", count=count), icon=":material/done_all:")
    with studio.database.tenant(press.team) as db:
        left = len(review.undecided(db, press.team, batch_id))
    if left:
        feedback.toast_later(say("batches.not_approved", count=left), icon=":material/flag:")


def _change(change: Callable[[Studio, str, uuid.UUID], object], studio: Studio, press: Press) -> None:
    change(studio, press.team, _id(press, "batch_id"))


def _id(press: Press, name: str) -> uuid.UUID:
    try:
        return uuid.UUID(press.text(name))
    except ValueError:
        raise BatchNotFound(batch_id=press.text(name)[:MAX_SHOWN]) from None


def _money(text: str) -> Decimal | None:
    text = text.strip().removeprefix("$").replace(",", "")
    try:
        amount = Decimal(text) if text else None
    except InvalidOperation:
        raise InvalidBatch([Problem(LIMIT_FIELD, "no_number")]) from None
    if amount is not None and not (amount.is_finite() and 0 < amount < _MOST_USD):
        raise InvalidBatch([Problem(LIMIT_FIELD, "not_positive")])
    return amount
