"""The address of a page: read into the page's dataclass, written from it, and made into links.

Each page declares a dataclass derived from :class:`Address` (:mod:`lib.ui.core.addresses`). This module alone reads and
writes ``st.query_params``.

A link or a reload shows the same again, because everything that a page shows is in its address. But every message of
the browser carries the address that the browser had when it sent the message: the second of two quick clicks would take
the page back to before the first. So a new address *leads* until the browser has sent a message that carries it, or
until the browser says that somebody went back or forward. What that message says of the widgets is of the page that
was left: where another one was drawn meanwhile, Streamlit takes it for a choice. So no callback of it leads anywhere.
"""

from __future__ import annotations

import dataclasses
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from functools import cache
from typing import Any, ClassVar, Self, get_type_hints

import streamlit as st
from streamlit.runtime.scriptrunner import get_script_run_ctx

from lib.ui.core import feedback, words

TENANT, LANGUAGE = "tenant_id", "lang"
"""The parameters of every page: the team, and the reader's language in upper case."""

_AHEAD, _DRAWING, _PAGE, _NEXT = "address_ahead", "address_drawing", "address_page", "address_next"
"""Session keys: the address that leads; whether the whole page is being drawn, and not a fragment alone; the path of
the page that was drawn last; the address that the next run opens."""


# -- an address as a dataclass ----------------------------------------------------------------------------------------


@dataclass(frozen=True)
class Params:
    """How a field of an address is written as parameters of these names; an annotation of the field.

    ``read`` takes the parameters that are there and may raise a ``StudioError``. A field that holds its default is not
    written. ``of_team`` are the names that are dropped when the team changes.
    """

    names: tuple[str, ...]
    read: Callable[[Mapping[str, str]], Any]
    write: Callable[[Any], Mapping[str, str]]
    of_team: tuple[str, ...] = ()


def param(
    name: str, read: Callable[[str], Any] = str, write: Callable[[Any], str] = str, *, of_team: bool = False
) -> Params:
    """:class:`Params` of a field that is written as one parameter."""
    return Params(
        (name,), lambda query: read(query[name]), lambda value: {name: write(value)}, (name,) if of_team else ()
    )


@dataclass(frozen=True)
class Address:
    """What a page shows, as its address says it. Every field is annotated with :class:`Params`."""

    path: ClassVar[str]
    """Of the page, as its address has it."""
    file: ClassVar[str]
    """Of the page, as ``st.page_link`` takes it."""

    @classmethod
    def read(cls) -> Self:
        """What the present address says. Raises the ``StudioError`` of a parameter that means nothing."""
        return cls.from_query({name: text for name in cls.names() if (text := value(name))})

    @classmethod
    def from_query(cls, query: Mapping[str, str]) -> Self:
        """What these parameters say; others are ignored. Raises the ``StudioError`` of one that means nothing."""
        named = cls._params().items()
        return cls(**{field: param.read(query) for field, param in named if any(map(query.get, param.names))})

    def to_query(self) -> dict[str, str]:
        """The parameters of all fields that differ from their defaults."""
        usual, query = type(self)(), dict[str, str]()
        for field, param in self._params().items():
            if getattr(self, field) != getattr(usual, field):
                query |= param.write(getattr(self, field))
        return query

    def link(self, tenant_id: str) -> dict[str, str]:
        """The parameters of a link to this: the team, the reader's language, and :meth:`to_query`."""
        return {TENANT: tenant_id, LANGUAGE: words.language().upper(), **self.to_query()}

    def show(self) -> None:
        """Show this from now on, on the present page; only from a callback."""
        show({**dict.fromkeys(self.names()), **self.to_query()})

    @classmethod
    def change(cls, **fields: Any) -> None:
        """Show these fields so from now on and leave the others as they are; only from a callback."""
        names = [name for field in fields for name in cls._params()[field].names]
        show({**dict.fromkeys(names), **dataclasses.replace(cls(), **fields).to_query()})

    @classmethod
    def names(cls) -> list[str]:
        """Every parameter of the page."""
        return [name for param in cls._params().values() for name in param.names]

    @classmethod
    @cache
    def _params(cls) -> dict[str, Params]:
        hints = get_type_hints(cls, include_extras=True)
        return {field.name: hints[field.name].__metadata__[0] for field in dataclasses.fields(cls)}


def drop_team() -> None:
    """Take out of the address what belongs to the present team; only from a callback."""
    show(
        {name: None for page in Address.__subclasses__() for param in page._params().values() for name in param.of_team}
    )


# -- the address of this session --------------------------------------------------------------------------------------


@dataclass
class _Ahead:
    """The parameters that lead (None: not in the address); ``fresh`` until the page was drawn with them."""

    values: dict[str, str | None]
    fresh: bool = True

    def is_in_the_address(self) -> bool:
        return all(st.query_params.get(name) == value for name, value in self.values.items())


def value(name: str) -> str | None:
    """The text of a parameter, as it leads or as the address has it; None where it is absent."""
    ahead: _Ahead | None = st.session_state.get(_AHEAD)
    return ahead.values[name] if ahead and name in ahead.values else st.query_params.get(name)


def carried(name: str) -> str | None:
    """The text of a parameter as the browser's last message carried it, or as this run has written it since."""
    return st.query_params.get(name)


def show(values: Mapping[str, str | None]) -> None:
    """Let these parameters lead; None takes one out of the address."""
    if _is_left():
        return
    ahead: _Ahead | None = st.session_state.get(_AHEAD)
    st.session_state[_AHEAD] = _Ahead({**(ahead.values if ahead else {}), **values})
    _put(st.session_state[_AHEAD].values)


def complete(values: Mapping[str, str]) -> None:
    """Write what every address says, wherever it is missing."""
    _put(values)


def open_page(address: Address) -> None:
    """Show this page next; only from a callback. ``st.switch_page`` is called by the run that follows."""
    if not _is_left():
        st.session_state[_NEXT] = address


def begin_run() -> None:
    """Decide whether the browser's address leads; first call of every full run, after the callbacks."""
    st.session_state[_DRAWING] = True
    ahead: _Ahead | None = st.session_state.get(_AHEAD)
    if ahead and not ahead.fresh and (ahead.is_in_the_address() or _went_back()):
        del st.session_state[_AHEAD]


def settle(page: str) -> None:
    """Let the address and what is shown agree; once in every full run, before the page.

    ``page`` is the path of the page that is about to be drawn.
    """
    target: Address | None = st.session_state.get(_NEXT)
    if target and target.path != page:
        st.switch_page(target.file)
    if st.session_state.get(_PAGE) != page:  # what the page before was about to show does not concern this one
        st.session_state.pop(_AHEAD, None)
        feedback.forget_shown_error()
        st.session_state[_PAGE] = page
    if target:
        del st.session_state[_NEXT]
        target.show()
    ahead: _Ahead | None = st.session_state.get(_AHEAD)
    if ahead:
        ahead.fresh = False
        _put(ahead.values)


def is_shown(address: type[Address]) -> bool:
    """Whether the page that is drawn, or was drawn last, is that of the address."""
    return bool(st.session_state.get(_PAGE) == address.path)


def drawn() -> None:
    """The whole page is drawn; what runs from here on is a fragment. Last call of every full run."""
    st.session_state[_DRAWING] = False


def tick() -> None:
    """A fragment runs because the browser asked for it; its message carried the address."""
    ahead: _Ahead | None = st.session_state.get(_AHEAD)
    if ahead and not st.session_state.get(_DRAWING) and ahead.is_in_the_address():
        del st.session_state[_AHEAD]


def draw_again() -> None:
    """Run the whole page again, from within a fragment or a callback; the browser has sent no message meanwhile."""
    ahead: _Ahead | None = st.session_state.get(_AHEAD)
    if ahead:
        ahead.fresh = True
    st.rerun()


def _put(values: Mapping[str, str | None]) -> None:
    """Write all of them at once: each write is a message to the browser, and could be a step of its way back."""
    present = st.query_params.to_dict()
    query = {name: text for name, text in {**present, **values}.items() if text is not None}
    if query != present:
        st.query_params.from_dict(query)


def _is_left() -> bool:
    """Whether a callback speaks of the page that somebody has just left by going back or forward."""
    context = get_script_run_ctx()
    return _went_back() and context is not None and not context.has_script_started


def _went_back() -> bool:
    """Whether this run was asked for by the browser's way back or forward (``isHistoryNavigation`` of its message)."""
    context = get_script_run_ctx()
    return context is not None and context.is_history_navigation
