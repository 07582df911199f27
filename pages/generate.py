"""The form that makes a caption of a brief, and beside it the post as it is being written."""

import streamlit as st

from lib import studio
from lib.ui import brief_form, frame, recent, result

here = studio.current()
tenant_id = frame.tenant_id()

form, preview = st.columns([11, 9], gap="large")
with form:
    brief_form.show(here, tenant_id)
    recent.show(here, tenant_id)
with preview:
    result.show(here, tenant_id)
