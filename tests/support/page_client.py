"""The generate page as the browser's half of it speaks: messages over Streamlit's WebSocket, without a browser."""

from __future__ import annotations

import json
import uuid
from collections.abc import Iterator
from contextlib import contextmanager
from typing import Any
from urllib.parse import urlencode

from streamlit.proto.BackMsg_pb2 import BackMsg
from streamlit.proto.ClientState_pb2 import ClientState
from streamlit.proto.ForwardMsg_pb2 import ForwardMsg
from streamlit.runtime.state.session_state import STREAMLIT_INTERNAL_KEY_PREFIX
from websockets.sync.client import ClientConnection, connect
from websockets.typing import Origin, Subprotocol

from tests.support.patience import PATIENCE_S


class PageClient:
    """One session of the page."""

    def __init__(self, socket: ClientConnection, team: str) -> None:
        self._socket, self._query = socket, urlencode({"tenant_id": team})
        self._team = team
        self._taker = ""
        self._shown: dict[str, str] = {}
        self._states: dict[str, dict[str, Any]] = {}
        self._send(ClientState(query_string=self._query))
        self._hear_run()

    def press_of(self, **typed: str) -> dict[str, Any]:
        """A press of "Write" as the browser draws it: it has its id before anybody has heard of it."""
        values = self._shown | typed
        return {"id": str(uuid.uuid4()), "times": 1, "team": self._team, "action": "write", "values": values}

    def send(self, press: dict[str, Any]) -> None:
        """Let the press arrive; does not wait for what comes of it."""
        state = ClientState(query_string=self._query)
        state.widget_states.widgets.add(
            id=f"{STREAMLIT_INTERNAL_KEY_PREFIX}_{self._taker}__events",
            json_trigger_value=json.dumps([{"event": "pressed", "value": [press]}]),
        )
        self._send(state)

    def deliver(self, press: dict[str, Any]) -> None:
        """Let the press arrive, and wait until the page has drawn what came of it."""
        self.send(press)
        self._hear_run()

    def state_of(self, press: dict[str, Any]) -> str | None:
        """What the page says of the press after its next run; None where it does not know it."""
        self._send(ClientState(query_string=self._query))
        self._hear_run()
        state: str | None = self._states.get(press["id"], {}).get("state")
        return state

    def _send(self, state: ClientState) -> None:
        self._socket.send(BackMsg(rerun_script=state).SerializeToString())

    def _hear_run(self) -> None:
        """Hear the server until a run of the whole page is over."""
        while True:
            message = ForwardMsg()
            message.ParseFromString(self._socket.recv(timeout=PATIENCE_S, decode=False))
            if message.WhichOneof("type") == "script_finished":
                return
            element = message.delta.new_element.bidi_component
            if element.json and isinstance(data := json.loads(element.json), dict) and data.get("receives"):
                self._taker, self._states = element.id, data["states"]
                self._shown = {field["name"]: field["value"] for field in data["form"]["fields"]}


@contextmanager
def opened_page(address: str, team: str) -> Iterator[PageClient]:
    """The page of a team in a session of its own."""
    stream = f"{address.replace('http', 'ws', 1)}/_stcore/stream"
    names, origin = [Subprotocol("streamlit")], Origin(address)
    with connect(stream, subprotocols=names, origin=origin, max_size=None) as socket:
        yield PageClient(socket, team)
