"""A page with nothing but previews on it, driven by the query: ``?case=written&words=ko``."""

import streamlit as st

from lib.domain.caption import Caption
from lib.ui.components.post_preview import post_preview
from tests.support.browser.sample_posts import (
    ENGLISH,
    ENGLISH_TAGS,
    ENGLISH_TEXT,
    KOREAN,
    KOREAN_TAGS,
    KOREAN_TEXT,
    MARKUP,
)

case = st.query_params.get("case", "written")
korean = st.query_params.get("words", "ko") == "ko"
words = KOREAN if korean else ENGLISH
text, tags = (KOREAN_TEXT, KOREAN_TAGS) if korean else (ENGLISH_TEXT, ENGLISH_TAGS)
extra = ["브런치맛집", "서울여행"] if korean else ["brunch", "seoultrip"]
badge = "데모 모델이 쓴 글" if korean else "Written by the demo model"
account = "seongsu.coffee"

POSTS = {
    "written": post_preview.Post(account, Caption.compose(text, tags), badge=badge),
    "parked": post_preview.Post(account, Caption.compose(text, tags + extra)),
    "empty": post_preview.Post(account, Caption("", ()), state="empty"),
    "waiting": post_preview.Post(account, Caption("", ()), state="writing"),
    "writing": post_preview.Post(account, Caption(text[: len(text) // 2], ()), state="writing"),
    "over": post_preview.Post(account, Caption.from_fields(text + "\n" + "가" * 2_200, " ".join(tags + extra))),
    "near": post_preview.Post(account, Caption.compose(text + " @a" * 18 + "\n" + "가나 " * 600, tags)),
    "linked": post_preview.Post(account, Caption.compose("짧은 글", []), link="/?feed=1"),
    "short": post_preview.Post(account, Caption.compose("짧은 글", [])),
    "markup": post_preview.Post(
        "<b>계정</b>", Caption.from_fields(MARKUP, "#a"), image="https://example.invalid/b.png"
    ),
}

if case == "growing":
    if "written" not in st.session_state:
        st.session_state.written = 0
    st.toggle("Write", key="writes")
    if st.query_params.get("below"):
        st.container(height=900)

    @st.fragment(run_every=0.15 if st.session_state.writes else None)
    def grow() -> None:
        if st.session_state.writes:
            st.session_state.written += 12
        so_far = st.session_state.written
        caption = Caption.compose(text, tags)
        by = "run/1" if st.session_state.writes else None
        post = post_preview.Post(account, caption, written_by=by)
        if so_far < len(text):
            post = post_preview.Post(account, Caption(text[:so_far], ()), state="writing", written_by=by)
        post_preview.show(post, words, key="post")

    grow()
else:
    upload = None
    if case == "written" and st.query_params.get("picture"):
        upload = st.file_uploader("Picture", key="picture")
    post = POSTS[case]
    if upload is not None:
        post = post_preview.Post(
            post.account, post.caption, image=post_preview.image_data_url(upload.getvalue()), badge=badge
        )
    post_preview.show(post, words, key="post")
    st.button("Rerun", key="rerun")
