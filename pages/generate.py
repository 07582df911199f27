"""The form that makes a caption of a brief, and beside it the post as it is being written."""

import streamlit as st

from lib import studio as studios
from lib.ui.core import session
from lib.ui.generate import brief_form, recent, result, shown

studio = studios.current()
tenant_id = session.tenant_id()

state = shown.read(studio, tenant_id)
form, preview = st.columns([11, 9], gap="large")
with form:
    brief_form.show(studio, tenant_id, state)
    recent.show(studio, tenant_id)
with preview:
    result.show(studio, state)
