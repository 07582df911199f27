"""A caption as a post: what the preview is told to show. The preview itself: tests/browser/test_preview_shown.py."""

from __future__ import annotations

import json
from typing import Any

from streamlit.testing.v1 import AppTest

from tests.support.patience import PATIENCE_S


def page() -> None:
    import io

    import streamlit as st
    from PIL import Image

    from lib.domain.caption import Caption
    from lib.ui.feed import post

    class Upload:
        def __init__(self, file_id: str, content: bytes) -> None:
            self.file_id, self.getvalue = file_id, lambda: content

    if st.toggle("A picture"):
        written = io.BytesIO()
        Image.new("RGB", (4, 5)).save(written, "PNG")
        st.session_state[post.PICTURE] = Upload("1", written.getvalue())
    if st.toggle("No picture"):
        st.session_state[post.PICTURE] = Upload("2", b"no picture")
    for model in ("demo", "gpt-5"):
        post.show("한빛", Caption("글", ("태그",)), "done", key=model, model=model)


def shown(app: AppTest) -> list[dict[str, Any]]:
    return [json.loads(element.proto.json) for element in app.get("bidi_component")]


def test_a_post_is_the_teams_and_says_that_the_demo_model_wrote_it() -> None:
    demo, real = shown(AppTest.from_function(page, default_timeout=PATIENCE_S).run())
    assert demo["account"] == real["account"] == "한빛"
    assert demo["badge"]
    assert not real["badge"]
    assert not real["picture"]


def test_an_uploaded_picture_is_in_every_post_and_one_that_cannot_be_read_is_told() -> None:
    app = AppTest.from_function(page, default_timeout=PATIENCE_S).run()
    app.toggle[0].set_value(True).run()
    assert all(data["picture"] for data in shown(app))
    app.toggle[1].set_value(True).run()
    assert not any(data["picture"] for data in shown(app))
    assert app.warning
