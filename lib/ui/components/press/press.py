"""Buttons whose presses are taken exactly once, with the words that were on the screen.

The browser (``outbox.js``) draws an id for each press and sends it with the team and the values that the fields show,
again and again until the server says that it has it. The server acts on the press alone, never on the session's
widgets: those may lag behind the screen, or begin anew after a lost connection.
"""

from __future__ import annotations

import secrets
import uuid
from collections.abc import Callable, Collection, Iterable, Mapping
from dataclasses import asdict, dataclass, field
from functools import partial
from pathlib import Path
from typing import Any

import streamlit as st

from lib.domain.errors import Invalid, PressOfAnotherTeam, Problem, StudioError
from lib.ui.core import feedback, session, words
from lib.ui.core.addresses import MAX_SHOWN
from lib.ui.core.interruption import uninterrupted

TAKEN, SESSION, GREETING = "presses_taken", "presses_session", "presses_greeting"
"""In the session: what came of each press, by id, the latest last; a name of the session itself; the name that the
browser gave to the message with which it greeted the server after a lost connection."""
MOST_TAKEN = 100
"""Presses that a session remembers."""


def _read(*names: str) -> str:
    return "\n".join((Path(__file__).parent / name).read_text("utf-8") for name in names)


# Streamlit sends a component's code with each of its elements, at each run. So the code is an element of its own, which
# is the same at each run and is sent once; isolate_styles is False, because the fields are in the page itself, for
# browser extensions and translation.
_code = st.components.v2.component(
    "feed_studio_press_code",
    js=_read("outbox.js", "fields.js", "watch.js", "press.js"),
    css=_read("press.css"),
    isolate_styles=False,
)
_component = st.components.v2.component("feed_studio_press", js=_read("element.js"), isolate_styles=False)


@dataclass(frozen=True)
class Press:
    """One press, as the browser sent it. ``values`` are a browser's: check them like any form."""

    press_id: uuid.UUID
    team: str
    action: str
    values: dict[str, Any]
    person: str | None = None
    """The name on the screen, which the press is signed with; None where the browser sent none."""

    def text(self, name: str) -> str:
        """The value as text; empty when the press carries none."""
        value = self.values.get(name)
        return _sendable(value) if isinstance(value, str) else ""

    def uuid(self, name: str, missing: Callable[[str], StudioError]) -> uuid.UUID:
        """The value as an id; raises the ``missing`` of the beginning of what it is instead."""
        try:
            return uuid.UUID(self.text(name).strip())
        except ValueError:
            raise missing(self.text(name)[:MAX_SHOWN]) from None


@dataclass(frozen=True)
class Typed:
    """What fields showed when the browser told of it last, by name; ``base`` is the version that they began from."""

    values: dict[str, str]
    base: str


@dataclass(frozen=True)
class Button:
    """A button; pressing it sends ``action`` with ``values``, and with those of the form that it belongs to.

    Four actions stay in the browser and act on the form: ``load`` fills it with the values, ``add`` puts them behind
    what it shows, ``clear`` empties it, and ``undo`` brings back what one of these replaced.
    """

    key: str
    action: str
    label: str
    values: Mapping[str, Any] = field(default_factory=dict)
    kind: str = "secondary"
    icon: str = ""
    help: str = ""
    busy: str = ""
    """Its label while what it asked for is being written."""
    text: str = ""
    """What the page says after it was pressed, where that can be undone."""
    disabled: bool = False
    form: str = ""
    """The key of the element that has the form; empty for the form of the button's own element, of this action."""
    needs_change: bool = False
    """Whether it can be pressed only while somebody has typed something that is not stored."""


@dataclass
class _Taken:
    """What came of a press. A person may press the same again while it is under way: ``times``.

    ``is_told``: a page has asked for the error, and says it where the press belongs.
    """

    press: Press
    times: int
    error: StudioError | None
    is_told: bool = False


def carry_code() -> None:
    """Put what draws the elements on the page; once in every run, before them."""
    _code(key="press_code")


Handler = Callable[[Press], None]
"""Acts on a press, and may act twice on the same one. Raises the ``StudioError`` with which it is refused."""


def show(
    key: str,
    team: str,
    buttons: Iterable[Button],
    *,
    handlers: Mapping[str, Handler] | None = None,
    form: Mapping[str, Any] | None = None,
    writing: Collection[uuid.UUID] = (),
    finished: Collection[uuid.UUID] = (),
    shown: Mapping[str, str] | None = None,
) -> None:
    """Draw the buttons, and the form above them.

    One element of a page has ``handlers``, by action, and takes the presses of all its elements; keep it outside of
    fragments, which a new session does not know. That one names the runs that are being ``writing`` and those known to
    be ``finished``: a run has the id of its press. ``shown`` is what an undo shows again.

    A form has a ``storage``, the name under which the browser keeps what is typed, an ``action`` and ``fields``. It may
    name those that the server ``listens`` to (:func:`typed`), the one whose text ``signs`` every press of the page, the
    ``row`` that its presses name among their values, the ``base``, which is the version of the texts that the fields
    show by themselves, and the ``steps`` from one version to the next that this person made.
    """
    handlers = handlers or {}
    result = _component(
        key=key,
        data={
            "key": key,
            "team": team,
            "session": st.session_state.setdefault(SESSION, secrets.token_hex(8)),
            "receives": list(handlers),
            "greeting": st.session_state.get(GREETING, "") if handlers else "",
            "buttons": [asdict(button) for button in buttons],
            "form": {**form, "heard": _heard(key)} if form else None,
            "shown": shown,
            "states": _states(writing, finished) if handlers else {},
            "problems": _problems(form.get("action", ""), form.get("row", {})) if form else None,
            "words": words.listed("press"),
        },
        on_pressed_change=partial(_on_pressed, key, handlers),
        on_typed_change=lambda: None,
    )
    if _take(result.pressed, handlers):  # a new session runs no callback for the first message
        st.rerun()


def typed(key: str, storage: str) -> Typed | None:
    """What somebody has typed into the fields that the form of this element listens to; None where that is nothing."""
    message = _heard(key)
    if not isinstance(message, dict) or message.get("storage") != storage:
        return None
    if not isinstance(message.get("values"), dict):
        return None
    values = {str(name): _sendable(value) for name, value in message["values"].items() if isinstance(value, str)}
    return Typed(values, str(message.get("base") or ""))


def refusal(actions: Collection[str], **values: str) -> StudioError | None:
    """Why the last press of these actions, with these among its values, was refused; None if it was not."""
    if taken := _last(actions, values):
        taken.is_told = True
        return taken.error
    return None


def leave_untold() -> bool:
    """Leave, for the frame to show, why a press was refused whose place has left the screen meanwhile; whether one was.

    Call it when the whole page is drawn.
    """
    was_untold = False
    for taken in _all_taken().values():
        if taken.error and not taken.is_told:
            taken.is_told = was_untold = True
            with feedback.shown_later():
                raise taken.error
    return was_untold


def field_errors(action: str, **values: str) -> list[Problem]:
    """What was wrong with the fields of the last press, if it was of this action, with these among its values."""
    last = next(reversed(_all_taken().values()), None)
    taken = _last([action], values) if last and last.press.action == action else None
    if taken is None or not isinstance(taken.error, Invalid):
        return []
    taken.is_told = True
    return taken.error.problems


def _last(actions: Collection[str], values: Mapping[str, str]) -> _Taken | None:
    """The last press of these actions with these among its values."""
    for taken in reversed(_all_taken().values()):
        if taken.press.action in actions and values.items() <= taken.press.values.items():
            return taken
    return None


def _on_pressed(key: str, handlers: Mapping[str, Handler]) -> None:
    _take((st.session_state.get(key) or {}).get("pressed"), handlers)


def _heard(key: str) -> Any:
    """The last message of the element's fields, as it came; it lasts as long as the element is on the page."""
    return (st.session_state.get(key) or {}).get("typed")


def _sendable(text: str) -> str:
    """The text without halves of surrogate pairs, which cannot be stored or sent to the page."""
    return text.encode("utf-8", "replace").decode("utf-8")


def _take(messages: Any, handlers: Mapping[str, Handler]) -> bool:
    """Act on the presses that this session has not acted on yet, and answer a greeting; whether it did any of that."""
    acted = False
    for message in messages if isinstance(messages, list) else ():
        greeting = str(message.get("greeting") or "")[:MAX_SHOWN] if isinstance(message, dict) else ""
        if greeting and greeting != st.session_state.get(GREETING):
            st.session_state[GREETING], acted = greeting, True
        press, times = _press_of(message)
        if press is None or press.action not in handlers:
            continue
        everything, press_id = _all_taken(), str(press.press_id)
        if press_id in everything and everything[press_id].times >= times:
            continue
        acted = True
        error: StudioError | None = None
        try:
            if press.team != session.tenant_id():
                raise PressOfAnotherTeam(team=press.team, session_team=session.tenant_id())
            with uninterrupted(), session.signed_by(press.person):
                handlers[press.action](press)
        except StudioError as raised:
            error = raised
        except Exception:  # a defect: not to be tried for ever
            everything[press_id] = _Taken(press, times, StudioError())
            raise
        everything.pop(press_id, None)  # the latest is the last
        everything[press_id] = _Taken(press, times, error)
        for oldest in list(everything)[:-MOST_TAKEN]:
            del everything[oldest]
    return acted


def _press_of(message: Any) -> tuple[Press | None, int]:
    if not isinstance(message, dict) or not isinstance(message.get("values"), dict):
        return None, 0
    try:
        press_id, times = uuid.UUID(str(message.get("id"))), int(message.get("times", 1))
    except (TypeError, ValueError):
        return None, 0
    person = message.get("person")
    signed = _sendable(person) if isinstance(person, str) else None
    return Press(press_id, str(message.get("team")), str(message.get("action")), message["values"], signed), times


def _all_taken() -> dict[str, _Taken]:
    taken: dict[str, _Taken] = st.session_state.setdefault(TAKEN, {})
    return taken


def _states(writing: Collection[uuid.UUID], finished: Collection[uuid.UUID]) -> dict[str, dict[str, Any]]:
    """What the browser is told of each press. One that another session took is known by its run alone.

    A run that is stored is over, though its thread may still be ending: nothing would draw the page for it again.
    """
    states = {str(run_id): {"state": "writing", "times": 0} for run_id in writing}
    states |= {str(run_id): {"state": "done", "times": 0} for run_id in finished}
    for press_id, taken in _all_taken().items():
        state = "refused" if taken.error else states.get(press_id, {}).get("state", "done")
        states[press_id] = {"state": state, "times": taken.times}
    return states


def _problems(action: str, row: Mapping[str, str]) -> dict[str, Any]:
    """What is wrong with each field of the form, in a sentence, and the name of the press that found it."""
    last = next(reversed(_all_taken()), "")
    return {
        "press": f"{last}/{_all_taken()[last].times}" if last else "",
        "fields": {problem.field: words.problem(problem) for problem in reversed(field_errors(action, **row))},
    }
