"""Runs on every rerun, before the page: page config, language, tenant, page list. Inside pages/, so that no page can be
opened without it."""

import streamlit as st

from lib.ui.core.words import say
from lib.ui.shell import frame

frame.configure()
page = st.navigation(
    [
        st.Page(
            "generate.py",
            title=say("page.generate"),
            help=say("page.generate_help"),
            icon=":material/edit_square:",
            url_path="generate",
            default=True,
        ),
        st.Page(
            "batches.py",
            title=say("page.batches"),
            help=say("page.batches_help"),
            icon=":material/table_rows:",
            url_path="batches",
        ),
        st.Page(
            "history.py",
            title=say("page.history"),
            help=say("page.history_help"),
            icon=":material/history:",
            url_path="history",
        ),
        st.Page(
            "metrics.py",
            title=say("page.metrics"),
            help=say("page.metrics_help"),
            icon=":material/monitoring:",
            url_path="metrics",
        ),
        st.Page(
            "experiments.py",
            title=say("page.experiments"),
            help=say("page.experiments_help"),
            icon=":material/science:",
            url_path="experiments",
        ),
        st.Page(
            "jobs.py",
            title=say("page.jobs"),
            help=say("page.jobs_help"),
            icon=":material/account_tree:",
            url_path="jobs",
        ),
        st.Page(
            "keys.py",
            title=say("page.keys"),
            help=say("page.keys_help"),
            icon=":material/key:",
            url_path="keys",
        ),
    ]
)
wrong = frame.show(page.url_path)
page.run()
frame.end(wrong)
