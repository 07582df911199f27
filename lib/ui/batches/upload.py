"""The ways in which rows come: a file, rows that are pasted, or an empty table; and the template to download."""

from __future__ import annotations

import uuid
from dataclasses import dataclass

import streamlit as st

from lib.batches import columns, drafts, sheet_reader, template
from lib.batches.sheet_reader import Sheet
from lib.domain.batches.rows import MAX_ROWS
from lib.domain.errors import StudioError
from lib.studio import Studio
from lib.ui.core import feedback, url_state, words
from lib.ui.core.addresses import BatchesAddress
from lib.ui.core.words import say

SOURCE, REFUSED = "sheet_source", "sheet_refused"
"""In the session: the file that was read last; the upload that was refused, and why."""
UPLOAD, PASTED = "sheet_upload", "sheet_pasted"
"""Session keys of the two widgets."""


@dataclass(frozen=True)
class Source:
    """A file that was read, while its draft is open: another of its sheets may be chosen."""

    draft_id: uuid.UUID
    name: str
    data: bytes
    sheet: Sheet


def show(studio: Studio, tenant_id: str) -> None:
    """Draw the three ways in. A sheet that could be read is opened at once."""
    with st.container(border=True, key="batch_upload"):
        st.markdown(f"**{say('batches.new')}**")
        feedback.show_quietly(say("batches.what", most=MAX_ROWS))
        upload = st.file_uploader(
            say("batches.file"),
            type=list(sheet_reader.SUFFIXES),
            key=UPLOAD,
            max_upload_size=sheet_reader.MOST_FILE_MB,
            help=say("batches.file_help"),
        )
        if upload:
            _take_file(studio, tenant_id, upload.file_id, upload.name, upload.getvalue())
        with st.expander(say("batches.paste"), key="batch_paste"):
            st.text_area(say("batches.pasted"), key=PASTED, height=140, placeholder=say("batches.pasted_hint"))
            st.button(say("batches.take_pasted"), key="take_pasted", on_click=_take_pasted, args=(studio, tenant_id))
        with st.container(horizontal=True):
            st.download_button(
                say("batches.template"),
                data=lambda: template.workbook(words.language()),
                file_name=f"{say('batches.template_name')}.xlsx",
                mime=template.MEDIA_TYPE,
                key="batch_template",
                icon=":material/download:",
                on_click="ignore",
            )
            st.button(
                say("batches.blank"),
                key="batch_blank",
                icon=":material/grid_on:",
                on_click=_blank,
                args=(studio, tenant_id),
            )


def source_of(draft_id: uuid.UUID) -> Source | None:
    """The file of this draft, if this session has read it."""
    source: Source | None = st.session_state.get(SOURCE)
    return source if source and source.draft_id == draft_id else None


def drop_source() -> None:
    """The draft is left: its file is in the way now."""
    st.session_state.pop(SOURCE, None)


def choose_sheet(studio: Studio, tenant_id: str, source: Source, sheet: str) -> None:
    """Open another sheet of the workbook in the place of the one that is open; only from a callback."""
    with feedback.shown_later():
        other = sheet_reader.read(source.data, source.name, sheet)
        drafts.discard(studio, tenant_id, source.draft_id)
        _open(studio, tenant_id, source.name, source.data, other)


def take_first_row(studio: Studio, tenant_id: str, source: Source) -> None:
    """Open the sheet anew, with its first row as a row and not as headings; only from a callback."""
    with feedback.shown_later():
        drafts.discard(studio, tenant_id, source.draft_id)
        _open(studio, tenant_id, source.name, source.data, source.sheet, has_headings=False)


def defaults() -> dict[str, str]:
    """What empty cells of a new sheet hold until somebody says otherwise: what the form begins with."""
    return {
        "tone_style": say("tone.warm"),
        "gpt_prompt": say("form.gpt_prompt_default"),
        "language": words.language(),
    }


def _take_file(studio: Studio, tenant_id: str, file_id: str, name: str, data: bytes) -> None:
    refused, error = st.session_state.get(REFUSED, (None, None))
    if refused != file_id:
        try:
            with st.spinner(say("batches.reading")):
                _open(studio, tenant_id, name, data, sheet_reader.read(data, name))
        except StudioError as raised:
            st.session_state[REFUSED] = (file_id, raised)
            error = raised
        else:
            url_state.draw_again()
    if error:
        feedback.show_error(error)


def _take_pasted(studio: Studio, tenant_id: str) -> None:
    with feedback.shown_later():
        data = str(st.session_state[PASTED] or "").encode("utf-8", "ignore")
        sheet = sheet_reader.read(data)
        names = any(columns.names_fields(row) for row in sheet.rows[: columns.LOOKED_AT])
        _open(studio, tenant_id, "", data, sheet, has_headings=None if names else False)


def _open(
    studio: Studio, tenant_id: str, name: str, data: bytes, sheet: Sheet, *, has_headings: bool | None = None
) -> None:
    draft = drafts.create(studio, tenant_id, sheet, name, defaults=defaults(), has_headings=has_headings)
    st.session_state[SOURCE] = Source(draft.draft_id, name, data, sheet)
    BatchesAddress(draft=draft.draft_id).show()


def _blank(studio: Studio, tenant_id: str) -> None:
    with feedback.shown_later():
        headings = [words.field_name(field) for field in columns.FIELDS]
        draft = drafts.create_blank(studio, tenant_id, headings, defaults=defaults())
        BatchesAddress(draft=draft.draft_id).show()
