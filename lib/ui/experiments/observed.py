"""What happened after posting: counts typed in or imported, shown beside the votes without a verdict."""

from __future__ import annotations

import uuid
from typing import Any

import pandas as pd
import streamlit as st

from lib.batches import sheet_reader
from lib.experiments import observations
from lib.experiments.observations import COUNTS
from lib.store.experiments.feed_results import FeedResult
from lib.studio import Studio
from lib.ui.core import actions, feedback, numbers, session
from lib.ui.core.actions import row_key
from lib.ui.core.words import first_line, say

GRID, FILE = "observed_grid", "observed_file"
"""Session keys, with the experiment behind them: the grid of counts; the file to import."""
MAX_LINE = 60
"""Characters of a caption in the grid."""


def show(studio: Studio, tenant_id: str, experiment_id: uuid.UUID) -> None:
    """Draw the counts of the experiment's captions, and take what is typed or imported."""
    with st.expander(say("experiments.observed"), key="observed", on_change="rerun") as box:
        if not box.open:
            return
        feedback.show_quietly(say("experiments.observed_help"))
        rows = observations.captions(studio, tenant_id, experiment_id, observations.MOST_SHOWN)
        if not rows:
            feedback.show_quietly(say("experiments.no_pairs"))
            return
        _means(observations.by_variant(rows))
        frame = pd.DataFrame(
            {
                "caption": [first_line(caption.instagram_ad_copy, MAX_LINE) for caption, _ in rows],
                "variant": [caption.variant for caption, _ in rows],
                "permalink": pd.array([result.permalink or "" for _, result in rows], dtype="string"),
                **{name: pd.array([getattr(result, name) for _, result in rows], dtype="Int64") for name in COUNTS},
            }
        )
        edited = st.data_editor(
            frame,
            key=row_key(GRID, experiment_id),
            hide_index=True,
            placeholder=say("experiments.observed_unknown"),
            disabled=["caption", "variant"],
            column_config={
                "caption": st.column_config.TextColumn(say("experiments.observed_caption"), width="medium"),
                "variant": st.column_config.NumberColumn(say("experiments.observed_variant")),
                "permalink": st.column_config.TextColumn(say("experiments.observed_permalink")),
                **{
                    name: st.column_config.NumberColumn(say(f"experiments.observed_{name}"), min_value=0, step=1)
                    for name in COUNTS
                },
            },
        )
        if actions.button(say("experiments.observed_save"), "save_observed", experiment_id, type="primary"):
            with feedback.shown_to_user():
                actions.require_screen(tenant_id)
                results = [
                    FeedResult(caption.feed_id, permalink=_text(row["permalink"]), **_counts(row))
                    for (caption, _), (_, row) in zip(rows, edited.iterrows(), strict=True)
                ]
                stored = {result.feed_id: result for _, result in rows}
                changed = [each for each in results if _differs(each, stored[each.feed_id])]
                observations.record(studio, tenant_id, changed, person=session.person(), whole=True)
                feedback.toast_later(say("experiments.observed_saved", count=len(changed)), icon=":material/check:")
                st.rerun()
        with st.container(key=FILE):
            upload = st.file_uploader(
                say("experiments.observed_file"),
                type=list(sheet_reader.SUFFIXES),
                key=row_key(FILE, experiment_id),
                max_upload_size=sheet_reader.MOST_FILE_MB,
                help=say("experiments.observed_file_help"),
            )
        if upload and actions.button(say("experiments.observed_import"), "import_observed", experiment_id):
            with feedback.shown_to_user():
                actions.require_screen(tenant_id)
                sheet = sheet_reader.read(upload.getvalue(), upload.name)
                imported = observations.take(studio, tenant_id, experiment_id, sheet.rows, person=session.person())
                st.success(say("experiments.observed_taken", count=imported.taken))
                if imported.unmatched:
                    shown = ", ".join(map(str, imported.unmatched[:20]))
                    st.warning(say("experiments.observed_unmatched", count=len(imported.unmatched), lines=shown))


def _means(variants: list[observations.Observed]) -> None:
    unknown = say("value.unknown")
    rows = {
        say("experiments.variant", variant=each.variant): {
            say(f"experiments.observed_{name}"): unknown
            if (mean := each.means[name]) is None
            else say("experiments.observed_mean", mean=numbers.amount(round(mean)), count=each.covered[name])
            for name in COUNTS
        }
        for each in variants
    }
    st.table(pd.DataFrame(rows))


def _text(value: Any) -> str | None:
    return None if pd.isna(value) else str(value).strip() or None


def _counts(row: Any) -> dict[str, Any]:
    return {name: None if pd.isna(row[name]) else int(row[name]) for name in COUNTS}


def _differs(new: FeedResult, stored: FeedResult) -> bool:
    return any(getattr(new, name) != getattr(stored, name) for name in ("permalink", *COUNTS))
