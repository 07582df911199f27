"""What the page of batches shows, by its address: a sheet, a batch, the review of a batch, or the list of all."""

from __future__ import annotations

import streamlit as st

from lib.domain.errors import StudioError
from lib.studio import Studio
from lib.ui.batches import batch, limits, listing, presses, review, sheet, upload
from lib.ui.components.press import press
from lib.ui.components.scroll_to_top import scroll_to_top
from lib.ui.core import feedback
from lib.ui.core.addresses import BatchesAddress
from lib.ui.core.words import say
from lib.ui.feed import editor


def show(studio: Studio, tenant_id: str) -> None:
    """Draw what the address names, and take the presses of the page."""
    handlers = presses.handlers(studio)
    press.show("batch_presses", tenant_id, [], handlers=handlers | editor.handlers(studio))
    try:
        address = BatchesAddress.read()
        if error := press.refusal(presses.of_view(address)):
            feedback.show_error(error)
        if not address.draft:
            upload.drop_source()
        scroll_to_top.watch(f"{address.batch}/{address.draft}/{address.view}")
        if address.batch and address.view == "review":
            review.show(studio, tenant_id, address.batch, address.row)
        elif address.batch:
            batch.show(studio, tenant_id, address.batch, address)
        elif address.draft:
            sheet.show(studio, tenant_id, address.draft)
        else:
            st.subheader(say("batches.title"), anchor=False)
            upload.show(studio, tenant_id)
            listing.show(studio, tenant_id, address)
            limits.show(studio, tenant_id)
    except StudioError as error:
        feedback.show_error(error)
        st.button(say("batches.back"), key="batches_again", on_click=lambda: BatchesAddress().show())
