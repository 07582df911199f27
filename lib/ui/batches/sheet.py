"""A sheet before it is started: which column is what, what empty cells hold, the rows with what is wrong, the cost."""

from __future__ import annotations

import uuid
from typing import Any

import streamlit as st

from lib.batches import drafts
from lib.batches.columns import FIELDS, REFERENCE, SPONSORSHIP
from lib.batches.drafts import Draft
from lib.domain.brief import LANGUAGES, MAX_CHARS, MAX_VARIANTS, REQUIRED, SPONSORSHIPS
from lib.studio import Studio
from lib.ui.batches import grid, presses, start, upload
from lib.ui.core import actions, feedback, words
from lib.ui.core.addresses import BatchesAddress
from lib.ui.core.changes import when_changed
from lib.ui.core.words import say

DEFAULTED = (*(name for name in FIELDS if name not in ("job_id", "overlay_id", REFERENCE)),)
"""The fields whose empty cells can be given a value for all rows."""
NO_COLUMN = -1


def show(studio: Studio, tenant_id: str, draft_id: uuid.UUID) -> None:
    """Draw the draft. Raises ``DraftNotFound``."""
    draft = open_draft(studio, tenant_id, draft_id)
    with st.container(horizontal=True, vertical_alignment="center"):
        st.button(
            say("batches.back"),
            key="sheet_back",
            icon=":material/arrow_back:",
            type="tertiary",
            on_click=lambda: BatchesAddress().show(),
        )
        st.subheader(feedback.inert(draft.name or say("batches.unnamed")), anchor=False)
        with st.popover(say("batches.discard"), icon=":material/delete:", key="sheet_discard"):
            st.markdown(say("batches.discard_sure"))
            actions.button(
                say("batches.discard_now"),
                "discard_sheet",
                draft_id,
                type="primary",
                on_click=_discard,
                args=(studio, tenant_id, draft_id),
            )
    for note in draft.notes:
        st.info(say(f"batches.note_{note}"), icon=":material/shield:")
    _choose_source(studio, tenant_id, draft)
    unmapped = [field for field in REQUIRED if field in FIELDS and not _is_given(draft, field)]
    if unmapped:
        fields = ", ".join(map(words.field_name, unmapped))
        st.warning(say("batches.unmapped", fields=feedback.inert(fields)), icon=":material/view_column:")
    _columns(studio, draft, is_open=bool(unmapped))
    grid.show(studio, draft)
    start.show(studio, draft)


def open_draft(studio: Studio, tenant_id: str, draft_id: uuid.UUID) -> Draft:
    """The draft of the session, else that of the database. Raises ``DraftNotFound``."""
    draft: Draft | None = st.session_state.get(presses.OPEN)
    if draft is None or draft.draft_id != draft_id or draft.tenant_id != tenant_id:
        with st.spinner(say("batches.checking")):
            draft = st.session_state[presses.OPEN] = drafts.load(studio, tenant_id, draft_id)
    return draft


def _is_given(draft: Draft, field: str) -> bool:
    return field in draft.fields or bool(draft.defaults.get(field))


def _choose_source(studio: Studio, tenant_id: str, draft: Draft) -> None:
    """Another sheet of the workbook, or the first row as a row, as long as the session has the file."""
    source = upload.source_of(draft.draft_id)
    if source is None:
        return
    sheets = source.sheet.sheets
    if len(sheets) > 1:
        key = actions.row_key("sheet_of_book", draft.draft_id)
        st.session_state[key] = source.sheet.sheet or sheets[0]
        st.selectbox(
            say("batches.sheet"),
            sheets,
            key=key,
            format_func=str,
            on_change=when_changed(key, lambda: upload.choose_sheet(studio, tenant_id, source, st.session_state[key])),
        )
    if source.name and not any(draft.fields):
        st.button(
            say("batches.no_headings"),
            key="first_row_counts",
            on_click=upload.take_first_row,
            args=(studio, tenant_id, source),
        )


def _columns(studio: Studio, draft: Draft, *, is_open: bool) -> None:
    """For each field: the column that it is, and what its empty cells hold."""
    with st.expander(say("batches.columns"), expanded=is_open, icon=":material/view_column:", key="sheet_columns"):
        feedback.show_quietly(say("batches.columns_help"))
        for field in FIELDS:
            name, column, default = st.columns([2, 3, 5], vertical_alignment="center")
            required = f" · {say('batches.required')}" if field in REQUIRED else ""
            name.markdown(f"**{words.field_name(field)}**{required}")
            with column:
                _column(studio, draft, field)
            with default:
                if field in DEFAULTED:
                    _default(studio, draft, field)


def _column(studio: Studio, draft: Draft, field: str) -> None:
    key = actions.row_key(f"column_{field}", draft.draft_id)
    st.session_state[key] = draft.fields.index(field) if field in draft.fields else NO_COLUMN
    headings = draft.table.headings
    labels = {NO_COLUMN: say("batches.no_column"), **dict(enumerate(headings))}
    st.selectbox(
        say("batches.column_of", field=words.field_name(field)),
        list(labels),
        key=key,
        format_func=labels.__getitem__,
        label_visibility="collapsed",
        on_change=when_changed(key, _map, studio, draft, field, key),
    )


def _default(studio: Studio, draft: Draft, field: str) -> None:
    key = actions.row_key(f"default_{field}", draft.draft_id)
    label = say("batches.default_of", field=words.field_name(field))
    value = draft.model if field == "model" else draft.defaults.get(field, "")
    st.session_state[key] = value
    change: dict[str, Any] = {
        "on_change": when_changed(key, _set_default, studio, draft, field, key),
        "label_visibility": "collapsed",
    }
    if field == "model":
        offered = list(dict.fromkeys([draft.model, *studio.settings.openai_models]))
        st.selectbox(label, offered, key=key, accept_new_options=True, format_func=str, **change)
    elif choices := _choices(field):
        st.selectbox(label, list(choices), key=key, format_func=choices.__getitem__, **change)
    else:
        st.text_input(label, key=key, placeholder=say("batches.default_hint"), max_chars=MAX_CHARS.get(field), **change)


def _choices(field: str) -> dict[str, str]:
    """The values of a field that has a few, each with its words; the first says that nothing is set."""
    if field == SPONSORSHIP:
        return {"": say("sponsorship.unsaid"), **{kind: say(f"sponsorship.{kind}") for kind in SPONSORSHIPS}}
    if field == "language":
        labels: dict[str, str] = {language: say(f"form.language_{language}") for language in LANGUAGES}
        return {"": say("batches.usual_value", value=labels[LANGUAGES[0]]), **labels}
    if field == "variants":
        counts = [str(count) for count in range(1, MAX_VARIANTS + 1)]
        return {"": say("batches.usual_value", value="1"), **dict(zip(counts, counts, strict=True))}
    return {}


# -- callbacks --------------------------------------------------------------------------------------------------------


def _map(studio: Studio, draft: Draft, field: str, key: str) -> None:
    with feedback.shown_later():
        place = st.session_state[key]
        fields: dict[int, str | None] = {}
        if field in draft.fields:
            fields[draft.fields.index(field)] = None
        if place != NO_COLUMN:
            fields[place] = field
        drafts.set_fields(studio, draft, fields)
        grid.look_again()


def _set_default(studio: Studio, draft: Draft, field: str, key: str) -> None:
    with feedback.shown_later():
        text = str(st.session_state[key] or "")
        if field == "model":
            drafts.set_defaults(studio, draft, {}, text.strip())
        else:
            drafts.set_defaults(studio, draft, {field: text})
        grid.look_again()


def _discard(studio: Studio, tenant_id: str, draft_id: uuid.UUID) -> None:
    with feedback.shown_later():
        actions.require_screen(tenant_id)
        drafts.discard(studio, tenant_id, draft_id)
        BatchesAddress().show()
