"""A form whose draft is kept, with everything around it that could lose it: tenants, languages, pages, reruns."""

import json
import time

import streamlit as st

from lib.ui.components.draft import draft

INSTRUCTION = {"ko": "따뜻하게 써 주세요", "en": "Write warmly"}


def use_preset() -> None:
    st.session_state.tone_style = st.session_state.preset


def form() -> None:
    language = st.session_state.get("language", "ko")
    scope = st.session_state.get("tenant_id", "bakery")
    if "slow" in st.query_params:
        time.sleep(1.5)
    fields = {"product_description": "", "tone_style": "", "gpt_prompt": INSTRUCTION[language]}
    draft.keep(fields, scope=scope)
    st.selectbox("Tenant", ["bakery", "cafe"], key="tenant_id")
    st.radio("Language", ["ko", "en"], key="language")
    st.pills("Preset", ["friendly\r\nand short", "formal"], key="preset", on_change=use_preset)
    st.text_area("상품" if language == "ko" else "Product", key="product_description", on_change="ignore")
    st.text_input("톤" if language == "ko" else "Tone", key="tone_style", on_change="ignore")
    st.text_area("지시" if language == "ko" else "Instruction", key="gpt_prompt", on_change="ignore", max_chars=500)
    st.button("Rerun", key="rerun")
    st.button("New brief", key="new", on_click=draft.forget, kwargs={"scope": scope})
    if st.button("Go elsewhere", key="leave"):
        st.switch_page(elsewhere)
    st.code(json.dumps({name: st.session_state[name] for name in fields}, ensure_ascii=False))
    st.text(f"run {time.monotonic_ns()}")


def other() -> None:
    st.button("Nothing", key="nothing")
    if st.button("Take a stored brief", key="reuse"):
        st.session_state.product_description = "from history"
        st.switch_page(writing)
    if st.button("Back", key="back"):
        st.switch_page(writing)


writing = st.Page(form, title="Form", url_path="form", default=True)
elsewhere = st.Page(other, title="Elsewhere", url_path="elsewhere")
st.navigation([writing, elsewhere]).run()
