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
from lib.ui.core import session, words

TAKEN, SESSION = "presses_taken", "presses_session"
"""In the session: what came of each press, by id, the latest last; a name of the session itself."""
MOST_TAKEN = 100
"""Presses that a session remembers."""


def _read(*names: str) -> str:
    return "\n".join((Path(__file__).parent / name).read_text("utf-8") for name in names)


_component = st.components.v2.component(
    "feed_studio_press",
    js=_read("outbox.js", "fields.js", "press.js"),
    css=_read("press.css"),
    isolate_styles=False,  # the fields stand in the page itself, for browser extensions and translation
)


@dataclass(frozen=True)
class Press:
    """One press, as the browser sent it. ``values`` are a browser's: check them like any form."""

    press_id: uuid.UUID
    team: str
    action: str
    values: dict[str, Any]

    def text(self, name: str) -> str:
        """The value as text; empty when the press carries none."""
        value = self.values.get(name)
        return value if isinstance(value, str) else ""


@dataclass(frozen=True)
class Button:
    """A button; pressing it sends ``action`` with ``values``, and with those of the form that has this action."""

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


@dataclass(frozen=True)
class _Taken:
    """What came of a press. A person may press the same again while it is under way: ``times``."""

    action: str
    times: int
    error: StudioError | None


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
    on_typed: Callable[[str, str], None] = lambda _name, _value: None,
) -> None:
    """Draw the buttons, and the form above them.

    One element of a page has ``handlers``, by action, and takes the presses of all its elements; keep it outside of
    fragments, which a new session does not know. That one names the runs that are being ``writing`` and those known to
    be ``finished``: a run has the id of its press. ``shown`` is what an undo shows again; ``on_typed`` hears of the
    fields that tell their value.
    """
    handlers = handlers or {}
    result = _component(
        key=key,
        data={
            "key": key,
            "team": team,
            "session": st.session_state.setdefault(SESSION, secrets.token_hex(8)),
            "receives": list(handlers),
            "buttons": [asdict(button) for button in buttons],
            "form": form,
            "shown": shown,
            "states": _states(writing, finished) if handlers else {},
            "problems": _problems(form["action"]) if form else None,
            "words": words.listed("press"),
        },
        on_pressed_change=partial(_on_pressed, key, handlers),
        on_typed_change=partial(_on_typed, key, on_typed),
    )
    if _take(result.pressed, handlers):  # a new session runs no callback for the first message
        st.rerun()


def refusal(actions: Collection[str]) -> StudioError | None:
    """Why the last press of these actions was refused; None if it was not."""
    last = next((taken for taken in reversed(_all_taken().values()) if taken.action in actions), None)
    return last.error if last else None


def field_errors(action: str) -> list[Problem]:
    """What was wrong with the fields of the last press, if it was of this action."""
    last = next(reversed(_all_taken().values()), None)
    return last.error.problems if last and last.action == action and isinstance(last.error, Invalid) else []


def _on_pressed(key: str, handlers: Mapping[str, Handler]) -> None:
    _take(st.session_state[key].pressed, handlers)


def _on_typed(key: str, on_typed: Callable[[str, str], None]) -> None:
    typed = st.session_state[key].typed
    if isinstance(typed, dict) and isinstance(typed.get("name"), str) and isinstance(typed.get("value"), str):
        on_typed(typed["name"], typed["value"])


def _take(messages: Any, handlers: Mapping[str, Handler]) -> bool:
    """Act on the presses that this session has not acted on yet; whether it acted on any."""
    acted = False
    for message in messages if isinstance(messages, list) else ():
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
            handlers[press.action](press)
        except StudioError as raised:
            error = raised
        except Exception:  # a defect: not to be tried for ever
            everything[press_id] = _Taken(press.action, times, StudioError())
            raise
        # Where Streamlit ends the run within the handler, nothing is kept, and the browser sends the press again.
        everything.pop(press_id, None)  # the latest is the last
        everything[press_id] = _Taken(press.action, times, error)
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
    return Press(press_id, str(message.get("team")), str(message.get("action")), message["values"]), times


def _all_taken() -> dict[str, _Taken]:
    taken: dict[str, _Taken] = st.session_state.setdefault(TAKEN, {})
    return taken


def _states(writing: Collection[uuid.UUID], finished: Collection[uuid.UUID]) -> dict[str, dict[str, Any]]:
    """What the browser is told of each press. One that another session took is known by its run alone."""
    states = {str(run_id): {"state": "done", "times": 0} for run_id in finished}
    states |= {str(run_id): {"state": "writing", "times": 0} for run_id in writing}
    for press_id, taken in _all_taken().items():
        state = "refused" if taken.error else states.get(press_id, {}).get("state", "done")
        states[press_id] = {"state": state, "times": taken.times}
    return states


def _problems(action: str) -> dict[str, Any]:
    """What is wrong with each field of the form, in a sentence, and the name of the press that found it."""
    last = next(reversed(_all_taken()), "")
    return {
        "press": f"{last}/{_all_taken()[last].times}" if last else "",
        "fields": {problem.field: words.problem(problem) for problem in reversed(field_errors(action))},
    }
