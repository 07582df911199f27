"""A page as a person uses it, without a browser: on a whole Studio and a real PostgreSQL."""

from __future__ import annotations

import dataclasses
import json
import re
import time
import uuid
from collections.abc import Callable
from dataclasses import dataclass
from types import SimpleNamespace
from typing import Any

from streamlit.proto.WidgetStates_pb2 import WidgetStates
from streamlit.runtime.state.session_state import STREAMLIT_INTERNAL_KEY_PREFIX
from streamlit.testing.v1 import AppTest

from lib.studio import Studio
from tests.support.patience import PATIENCE_S
from tests.support.project import ROOT

NAVIGATION = ROOT / "pages" / "_navigation.py"
TYPABLE = ("job", "links_job_1", "links_overlay_1")
"""Lists to which an id can be typed."""

MARKDOWN = ("markdown", "caption", "error", "warning", "info", "success", "title", "header", "subheader", "toast")
"""The elements of a page that read their text as Markdown."""


def _is(widget_key: str | None, key: str) -> bool:
    """Whether a widget is called so; the row that it is for stands behind an @."""
    return (widget_key or "").partition("@")[0] == key


@dataclass
class Draft:
    """What was typed into a form, by field, on top of which version, and what an undo brings back."""

    values: dict[str, str] = dataclasses.field(default_factory=dict)
    base: str = ""
    undoable: dict[str, str] | None = None


class Opened:
    """The page in one session of a browser."""

    def __init__(self, studio: Studio, page: str = "generate.py", **address: str) -> None:
        self.studio = studio
        self.drafts: dict[str, Draft] = {}
        """By storage: what the fields of the press component show where somebody typed. The browser keeps that."""
        self.app = AppTest.from_file(str(NAVIGATION), default_timeout=PATIENCE_S)
        if page != "generate.py":
            self.app.switch_page(page)
        for name, value in address.items():
            self.app.query_params[name] = value
        self.run()

    def run(self) -> Opened:
        return self._run(self.app._tree.get_widget_states())

    def _run(self, states: WidgetStates) -> Opened:
        """One message of the browser: what its widgets hold, and what was typed where the server listens."""
        for one, data in self._elements():
            form = data["form"]
            if form and form.get("listens") and (draft := self.drafts.get(form["storage"])):
                typed = {name: draft.values.get(name, self._own(form, name)) for name in form["listens"]}
                told = {"storage": form["storage"], "base": draft.base, "values": typed} if draft.values else None
                states.widgets.add(id=one.proto.id, json_value=json.dumps({"typed": told}))
        self.app._run(states)
        assert not self.app.exception
        for form in self.forms():
            self._take_steps(form)
        return self

    def _take_steps(self, form: dict[str, Any]) -> None:
        """As the browser does: a draft goes on from the newest of the person's own versions, or is what was stored."""
        draft = self.drafts.get(form["storage"])
        if draft is None or draft.base == form.get("base"):
            return
        reached, stored = draft.base, dict[str, str]()
        for step in form.get("steps", []):
            if step["before"] == reached:
                reached, stored = step["after"], stored | step["values"]
        if reached == form.get("base"):
            draft.base = reached
            draft.values = {name: text for name, text in draft.values.items() if stored.get(name) != text}

    def field(self, key: str) -> Any:
        """The widget with this key, whatever it is; also a field or a button of the press component."""
        kinds = (
            "text_area",
            "text_input",
            "selectbox",
            "number_input",
            "button_group",
            "button",
            "toggle",
            "date_input",
        )
        if key in self.form():
            field = self.form()[key]
            return SimpleNamespace(value=self._shown(key), label=field["label"])
        if key in self.press_buttons():
            button = self.press_buttons()[key]
            return SimpleNamespace(**button | {"disabled": self._is_disabled(button)})
        return next(one for kind in kinds for one in getattr(self.app, kind) if _is(one.key, key))

    def has(self, key: str) -> bool:
        return key in self.press_buttons() or any(_is(one.key, key) for one in self.app.button)

    def fill(self, **values: Any) -> Opened:
        """Type or choose; like a person's typing it reaches the page with the next press."""
        for key, value in values.items():
            if key in self.form():
                self._type(key, "" if value is None else str(value))
                continue
            field = self.field(key)
            if key in TYPABLE and value and field.format_func(value) not in field.options:
                field.options.append(value)  # AppTest 1.67 sends only what is listed, and people may type what is not
            field.set_value(value)
        return self

    def click(self, key: str) -> Opened:
        """Press the button, and see what the page shows then."""
        if key not in self.press_buttons():
            self.field(key).click()
            return self.run()
        button = self.press_buttons()[key]
        assert not self._is_disabled(button), f"{key} cannot be pressed"
        if button["action"] not in ("load", "add", "undo"):
            return self.send(self.pressed(key))
        self._act_in_the_browser(button)
        return self.run()

    def _elements(self) -> list[tuple[Any, dict[str, Any]]]:
        elements = [(one, json.loads(one.proto.json or "null")) for one in self.app.get("bidi_component")]
        return [(one, data) for one, data in elements if isinstance(data, dict) and "receives" in data]

    def components(self) -> list[dict[str, Any]]:
        """What the press components of the page are told."""
        return [data for _, data in self._elements()]

    def forms(self) -> list[dict[str, Any]]:
        """The forms of the press components."""
        return [data["form"] for data in self.components() if data["form"]]

    def form(self) -> dict[str, dict[str, Any]]:
        """The fields of the press components, by key."""
        return {field.get("key", field["name"]): field for form in self.forms() for field in form["fields"]}

    def _form_of(self, key: str) -> dict[str, Any]:
        return next(form for form in self.forms() for field in form["fields"] if field.get("key", field["name"]) == key)

    def _own(self, form: dict[str, Any], name: str) -> str:
        return str(next(field["value"] for field in form["fields"] if field["name"] == name))

    def _shown(self, key: str) -> str:
        form, name = self._form_of(key), self.form()[key]["name"]
        draft = self.drafts.get(form["storage"])
        return (draft.values if draft else {}).get(name, self._own(form, name))

    def _type(self, key: str, text: str) -> None:
        form, name = self._form_of(key), self.form()[key]["name"]
        draft = self.drafts.setdefault(form["storage"], Draft())
        if not draft.values:
            draft.base = form.get("base", "")
        draft.values[name] = text
        if "base" in form and text == self._own(form, name):
            del draft.values[name]

    def _form_for(self, button: dict[str, Any]) -> dict[str, Any] | None:
        """The form whose fields the button sends or fills."""
        if button["form"]:
            forms: dict[str, dict[str, Any]] = {data["key"]: data["form"] for data in self.components()}
            return forms[button["form"]]
        return next((form for form in self.forms() if form.get("action") == button["action"]), None)

    def _is_disabled(self, button: dict[str, Any]) -> bool:
        form = self._form_for(button)
        draft = self.drafts.get(form["storage"]) if form else None
        return bool(button["disabled"] or (button["needs_change"] and not (draft and draft.values)))

    def _act_in_the_browser(self, button: dict[str, Any]) -> None:
        form = self._form_for(button)
        assert form
        draft = self.drafts.setdefault(form["storage"], Draft())
        shown = {field["name"]: self._shown(field.get("key", field["name"])) for field in form["fields"]}
        values = draft.undoable or {} if button["action"] == "undo" else button["values"]
        if button["action"] == "add":
            values = {name: f"{shown[name]} {text}" for name, text in values.items()}
        else:
            draft.undoable = None if button["action"] == "undo" else shown
        for field in form["fields"]:
            if field["name"] in values:
                self._type(field.get("key", field["name"]), values[field["name"]])

    def problems(self) -> dict[str, str]:
        """What is said beside the fields of the press component, by field."""
        fields: dict[str, str] = self.component("brief")["problems"]["fields"]
        return fields

    def press_buttons(self) -> dict[str, dict[str, Any]]:
        """The buttons of the press components, by key."""
        return {button["key"]: button for data in self.components() for button in data["buttons"]}

    def pressed(self, key: str) -> dict[str, Any]:
        """What the browser sends when this button is pressed: each press has an id of its own."""
        button = self.press_buttons()[key]
        values, form = button["values"], self._form_for(button)
        if form:
            shown = {field["name"]: self._shown(field.get("key", field["name"])) for field in form["fields"]}
            draft = self.drafts.get(form["storage"])
            base = draft.base if draft and draft.values else form.get("base", "")
            values = shown | ({"base": base} if "base" in form else {}) | values
        team = self.components()[0]["team"]
        person = self._shown("person")
        told = {"team": team, "action": button["action"], "values": values, "person": person}
        return {"id": str(uuid.uuid4()), "times": 1, **told}

    def send(self, *presses: dict[str, Any]) -> Opened:
        """Let these presses arrive, as the browser sends them: in one message to the element that takes them."""
        takers = [one for one, data in self._elements() if data["receives"]]
        states = self.app._tree.get_widget_states()
        states.widgets.add(
            id=f"{STREAMLIT_INTERNAL_KEY_PREFIX}_{takers[0].proto.id}__events",
            json_trigger_value=json.dumps([{"event": "pressed", "value": list(presses)}]),
        )
        return self._run(states)

    def press(self, key: str) -> Opened:
        """Press the button and wait until what it began is over and shown."""
        self.click(key)
        return self.waited()

    def waited(self) -> Opened:
        """Wait until nothing is being written any more, and see what the page shows then."""
        until = time.monotonic() + PATIENCE_S
        while self.studio.running:
            assert time.monotonic() < until, "the generation does not end"
            time.sleep(0.005)
        return self.run()

    def read_in(self, language: str) -> Opened:
        return self.fill(lang=language).run()

    def values(self, *keys: str) -> dict[str, Any]:
        return {key: self.field(key).value for key in keys}

    def in_markdown(self) -> list[str]:
        """Every text of the page that is read as Markdown, as it is sent."""
        found: list[Any] = [one for kind in MARKDOWN for one in self.app.get(kind)]
        return [str(one.value) for one in found]

    def told(self, kind: str = "") -> str:
        """What a reader sees of those texts, or of those of one kind."""
        found: list[Any] = list(self.app.get(kind)) if kind else []
        sent = [str(one.value) for one in found] if kind else self.in_markdown()
        return "\n".join(re.sub(r"\\([!-/:-@\[-`{-~])", r"\1", text).replace("\u2060", "") for text in sent)

    def component(self, key: str) -> dict[str, Any]:
        """What the browser's half of a component of ours is told."""
        shown = next(one for one in self.app.get("bidi_component") if one.key == key)
        data: dict[str, Any] = json.loads(shown.proto.json)
        return data

    def post(self, number: int = 1) -> dict[str, Any]:
        """What the preview is told to show."""
        return self.component(f"post_{number}")

    def marked(self, key: str, *kinds: str) -> str:
        """A marked text, or what of it is marked so."""
        stretches = self.component(key)["stretches"]
        return "".join(text for kind, text in stretches if not kinds or kind in kinds)


OpenPage = Callable[..., Opened]
"""Opens a page in a new session, with these parameters in its address."""
