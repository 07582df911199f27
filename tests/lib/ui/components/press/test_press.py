"""The server's half of a press: each is acted on once, whatever arrives. The browser's half: tests/browser."""

from __future__ import annotations

import json
import uuid
from collections.abc import Iterator
from typing import Any

import pytest
from streamlit.runtime.state.session_state import STREAMLIT_INTERNAL_KEY_PREFIX
from streamlit.testing.v1 import AppTest

from lib import studio as studios
from lib.studio import Studio


def page() -> None:
    import streamlit as st

    from lib.domain.errors import InvalidBrief, KeyReused, Problem
    from lib.ui.components.press import press
    from lib.ui.components.press.press import Button
    from lib.ui.core import session

    done = st.session_state.setdefault("done", [])

    def write(pressed: press.Press) -> None:
        done.append(pressed)
        st.session_state.setdefault("people", []).append(session.person())
        if pressed.text("product") == "reused":
            raise KeyReused
        if pressed.text("product") == "":
            raise InvalidBrief([Problem("product", "missing")])
        if pressed.text("product") == "defect":
            raise LookupError

    field = {"name": "product", "kind": "text", "group": "brief", "label": "Product", "value": ""}
    press.show(
        "form",
        "my-team",
        [Button("go", "write", "Write")],
        handlers={"write": write},
        form={
            "action": "write",
            "fields": [field],
            "storage": "draft",
            "listens": ["product"],
            "row": st.session_state.get("row", {}),
        },
        writing=st.session_state.get("writing", []),
        finished=st.session_state.get("finished", []),
    )
    st.session_state["typed"] = press.typed("form", "draft")
    press.show("row", "my-team", [Button("shorter", "change", "Shorter", values={"feed_id": "1"})])


@pytest.fixture
def app(studio: Studio) -> Iterator[AppTest]:
    studios.use(studio)
    app = AppTest.from_function(page, default_timeout=30).run()
    assert not app.exception
    yield app
    studios.use(None)


def told(app: AppTest, key: str = "form") -> dict[str, Any]:
    """What the browser's half is told."""
    shown = next(one for one in app.get("bidi_component") if one.key == key)
    data: dict[str, Any] = json.loads(shown.proto.json)
    return data


def form_of(app: AppTest) -> dict[str, Any]:
    form: dict[str, Any] = told(app)["form"]
    return form


def send(app: AppTest, value: Any, event: str = "pressed") -> AppTest:
    taker = next(one for one in app.get("bidi_component") if one.key == "form")
    states = app._tree.get_widget_states()
    states.widgets.add(
        id=f"{STREAMLIT_INTERNAL_KEY_PREFIX}_{taker.proto.id}__events",
        json_trigger_value=json.dumps([{"event": event, "value": value}]),
    )
    return app._run(states)


def press(product: str = "bread", **changed: Any) -> dict[str, Any]:
    values = {"product": product}
    return {
        "id": str(uuid.uuid4()),
        "times": 1,
        "team": "my-team",
        "action": "write",
        "values": values,
        **changed,
    }


def state_of(app: AppTest, pressed: dict[str, Any]) -> str | None:
    state: str | None = told(app)["states"].get(pressed["id"], {}).get("state")
    return state


def test_only_the_element_with_handlers_takes_presses(app: AppTest) -> None:
    assert (told(app)["receives"], told(app, "row")["receives"]) == (["write"], [])
    assert told(app, "row")["states"] == {}


def test_a_press_is_acted_on_once_however_often_it_arrives(app: AppTest) -> None:
    pressed = press()
    for _ in range(3):
        send(app, [pressed])
    [done] = app.session_state["done"]
    assert (str(done.press_id), done.team, done.values) == (pressed["id"], "my-team", {"product": "bread"})
    assert state_of(app, pressed) == "done"


def test_a_person_may_press_the_same_again(app: AppTest) -> None:
    pressed = press()
    send(app, [pressed])
    send(app, [pressed | {"times": 2}])
    assert len(app.session_state["done"]) == 2
    assert told(app)["states"][pressed["id"]]["times"] == 2


def test_a_press_is_signed_with_the_name_on_the_screen_whatever_the_session_has_heard(app: AppTest) -> None:
    app.session_state["person"] = {"typed": {"values": {"person": "지수"}}}
    send(app, [press(person=" 민준 "), press(person=""), press(person=7), press(person="\ud800")])
    assert app.session_state["people"] == ["민준", None, "지수", "?"]


def test_a_press_is_being_written_as_long_as_its_run_is(app: AppTest) -> None:
    pressed = press()
    app.session_state["writing"] = [uuid.UUID(pressed["id"])]
    send(app, [pressed])
    assert state_of(app, pressed) == "writing"
    app.session_state["finished"] = [uuid.UUID(pressed["id"])]  # stored, and its thread is ending
    app.run()
    assert state_of(app, pressed) == "done"
    app.session_state["writing"] = app.session_state["finished"] = []
    app.run()
    assert state_of(app, pressed) == "done"


def test_a_press_that_another_session_took_is_known_by_its_run(app: AppTest) -> None:
    writing, finished = uuid.uuid4(), uuid.uuid4()
    app.session_state["writing"], app.session_state["finished"] = [writing], [finished]
    app.run()
    assert told(app)["states"][str(writing)]["state"] == "writing"
    assert told(app)["states"][str(finished)]["state"] == "done"


def test_a_press_for_another_team_is_refused_before_its_handler(app: AppTest) -> None:
    pressed = press(team="rival")
    send(app, [pressed])
    assert app.session_state["done"] == []
    assert state_of(app, pressed) == "refused"


def test_what_is_wrong_with_a_field_is_said_until_a_press_is_taken(app: AppTest) -> None:
    pressed = press("")
    send(app, [pressed])
    assert told(app)["problems"] == {
        "press": f"{pressed['id']}/1",
        "fields": {"product": "비어 있어요. 내용을 적어 주세요."},
    }
    send(app, [press()])
    assert told(app)["problems"]["fields"] == {}


def test_a_refusal_is_no_end_for_the_presses_behind_it(app: AppTest) -> None:
    refused, taken = press("reused"), press()
    send(app, [refused, taken])
    assert (state_of(app, refused), state_of(app, taken)) == ("refused", "done")


def test_a_defect_in_a_handler_refuses_the_press_and_is_not_tried_for_ever(app: AppTest) -> None:
    pressed = press("defect")
    send(app, [pressed])
    assert app.exception or state_of(app, pressed) == "refused"
    app.run()
    send(app, [pressed])
    assert len(app.session_state["done"]) == 1
    assert state_of(app, pressed) == "refused"


@pytest.mark.parametrize(
    "message",
    [
        None, "words", {}, [None], [{}], [press(id="no id")], [press(values=[])], [press(times="often")],
        [press(action="delete")], [press(action=None)],
    ],
)  # fmt: skip
def test_what_is_no_press_is_passed_over(app: AppTest, message: Any) -> None:
    send(app, message)
    assert not app.exception
    assert app.session_state["done"] == []


def test_a_session_remembers_a_bounded_number_of_presses(app: AppTest) -> None:
    first = press()
    send(app, [first])
    send(app, [press() for _ in range(120)])
    assert len(told(app)["states"]) == 100
    assert state_of(app, first) is None


@pytest.mark.parametrize(
    ("told", "heard"),
    [
        ({"storage": "draft", "base": "v1", "values": {"product": "half \ud83d"}}, ({"product": "half ?"}, "v1")),
        ({"storage": "draft", "base": None, "values": {"product": "bread", "price": 7}}, ({"product": "bread"}, "")),
        ({"storage": "another team's", "base": "", "values": {"product": "bread"}}, None),
        ({"storage": "draft", "values": ["bread"]}, None),
        ("words", None),
        (None, None),
    ],
)
def test_the_server_hears_what_is_typed_into_this_form_and_no_other(app: AppTest, told: Any, heard: Any) -> None:
    element = next(one for one in app.get("bidi_component") if one.key == "form")
    states = app._tree.get_widget_states()
    states.widgets.add(id=element.proto.id, json_value=json.dumps({"typed": told}))
    app._run(states)
    typed = app.session_state["typed"]
    assert (typed and (typed.values, typed.base)) == heard
    assert form_of(app)["heard"] == told, "the browser tells again what the server does not know"


def test_a_refusal_belongs_to_the_row_of_its_press(app: AppTest) -> None:
    send(app, [press("", values={"product": "", "feed_id": "1"})])
    app.session_state["row"] = {"feed_id": "2"}
    app.run()
    assert told(app)["problems"]["fields"] == {}
    app.session_state["row"] = {"feed_id": "1"}
    app.run()
    assert "product" in told(app)["problems"]["fields"]
