"""The JSON objects of an answer's bytes, whole or in a stream, however a server frames them."""

from __future__ import annotations

import itertools
import json

import pytest
from hypothesis import given
from hypothesis import strategies as st

from lib.domain.exchange import EventReader, Exchange, events, is_finished, is_stream, loads, storable

STREAM = b'data: {"n": 1}\n\ndata: {"n": 2}\r\n\r\n: comment\n\ndata: [DONE]\n\n'


@given(st.lists(st.integers(0, len(STREAM)), max_size=8))
def test_a_stream_reads_the_same_wherever_its_bytes_are_cut(cuts: list[int]) -> None:
    reader = EventReader()
    places = [0, *sorted(cuts), len(STREAM)]
    pieces = [STREAM[begin:end] for begin, end in itertools.pairwise(places)]
    objects = [event for piece in pieces for event in reader.feed(piece)]
    assert [*objects, *reader.close()] == [{"n": 1}, {"n": 2}]


@pytest.mark.parametrize(
    ("body", "objects"),
    [
        (b'{"n": 1}\n{"n": 2}\n', [{"n": 1}, {"n": 2}]),
        (b'data: {"n": 1}\ndata: {"n": 2}', [{"n": 1}, {"n": 2}]),
        (b'data: {"n":\ndata: 1}\n\n', [{"n": 1}]),
        (b"event: error\ndata: out of memory\n\n", [{"error": "out of memory"}]),
        (b'event: error\ndata: {"message": "no"}\n\n', [{"error": {"message": "no"}}]),
        (b"data: nonsense\n\n", []),
        (b"", []),
    ],
)
def test_servers_frame_their_events_differently(body: bytes, objects: list[object]) -> None:
    assert list(events(body)) == objects


def test_a_stream_is_finished_by_its_last_event_and_a_body_by_its_end() -> None:
    stream = {"content-type": "text/event-stream"}
    assert is_finished(Exchange(body=STREAM, headers=stream, ending="complete"))
    assert not is_finished(Exchange(body=STREAM.replace(b"[DONE]", b""), headers=stream, ending="complete"))
    assert is_finished(Exchange(body=b"{}", ending="complete"))
    assert not is_finished(Exchange(body=b"{}", ending="cut"))
    assert is_stream(Exchange(body=STREAM))


@pytest.mark.parametrize("source", [b"", b"{", b"[" * 100_000, "nonsense"])
def test_what_is_no_json_is_none(source: bytes | str) -> None:
    assert loads(source) is None


def test_a_value_is_made_storable_at_any_depth() -> None:
    assert loads('{"a\\u0000": [NaN, "\\ud800", {"b": Infinity}]}') == {"a�": [None, "�", {"b": None}]}
    assert storable({"n": 1.5, "t": "글", "none": None}) == {"n": 1.5, "t": "글", "none": None}


VALUES = st.recursive(
    st.none() | st.booleans() | st.floats() | st.text(st.characters() | st.sampled_from("\0\ud800\udfff")),
    lambda inner: st.lists(inner, max_size=3) | st.dictionaries(st.text(max_size=3), inner, max_size=3),
    max_leaves=6,
)


@given(VALUES, st.booleans())
def test_what_is_read_is_storable_whatever_a_server_writes(value: object, escaped: bool) -> None:
    written = json.dumps(value, ensure_ascii=escaped)
    assert repr(loads(written)) == repr(storable(json.loads(written, strict=False)))


@pytest.mark.parametrize("number", ["1e400", "-2E+309", "9" * 250 + "e99", "9" * 400 + ".0"])
def test_a_number_beyond_a_double_is_unknown(number: str) -> None:
    assert loads(f'{{"n": {number}}}') == {"n": None}
