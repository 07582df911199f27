"""One feed, whole: the post, where it stands, what it was made from and what came back, and what to do with it."""

from __future__ import annotations

import contextlib
import itertools
import uuid
from collections.abc import Iterator
from dataclasses import dataclass, replace
from functools import partial

import streamlit as st

from lib.demo.samples import is_sample
from lib.domain.brief import INPUTS, GenerationOptions
from lib.domain.dimensions import DimensionValue
from lib.domain.errors import FeedNotFound
from lib.domain.feed_filter import STATUSES
from lib.feeds import deletion, workflow
from lib.store import feed_states, feed_versions, feeds, generations
from lib.store.feed_states import Move, State
from lib.store.feed_versions import Version
from lib.store.feeds import Feed
from lib.store.generations import Generation
from lib.studio import Studio
from lib.ui.components.press import press
from lib.ui.components.press.press import Button
from lib.ui.core import actions, experiments, feedback, format_dates, paging, url_state, words
from lib.ui.core.addresses import FEED, ExperimentsAddress, GenerateAddress
from lib.ui.core.words import say
from lib.ui.feed import acknowledgement, editor, facts, findings, links, loading, post, rewriting
from lib.ui.history import address, documents, listing, pager
from lib.ui.history import versions as version_list

REGENERATE, DELETE = "regenerate", "delete"
VERSIONS, MOVES = "versions_shown", "moves_shown"
"""Session keys, with the feed behind them: how many rows of the two lists are shown."""
ASKED = "deletion_asked"
"""Session key: the feed that somebody is about to delete."""
NOTE = "state_note"
"""Session key, with the feed behind it: the note for a change of status."""


@dataclass(frozen=True)
class _Detail:
    """What the page shows of a feed."""

    feed: Feed
    state: State
    moves: list[Move]
    versions: list[Version]
    made_by: Generation | None
    parent_is_there: bool
    children: list[Generation]


def show(studio: Studio, tenant_id: str, feed_id: uuid.UUID) -> None:
    """Draw the feed. Raises ``FeedNotFound``."""
    with studio.database.tenant(tenant_id) as db:
        feed, made_by = feeds.get(db, tenant_id, feed_id), generations.of_feed(db, tenant_id, feed_id)
        parent = made_by.parent_feed_id if made_by else None
        shown = _Detail(
            feed,
            feed_states.get(db, tenant_id, feed_id),
            feed_states.moves(db, tenant_id, feed_id, limit=paging.shown(MOVES, feed_id) + 1),
            feed_versions.of_feed(db, tenant_id, feed_id, limit=paging.shown(VERSIONS, feed_id) + 1),
            made_by,
            parent is not None and feeds.exists(db, tenant_id, parent),
            generations.children(db, tenant_id, feed_id),
        )
    _head(studio, shown)
    post, rest = st.columns([5, 7], gap="large")
    with post:
        st.fragment(_post)(studio, shown, itertools.count())
    with rest:
        _reuse(studio, shown)
        tabs = st.tabs([say(f"detail.{name}") for name in _TABS], key="detail_tabs")
        for tab, draw in zip(tabs, _TABS.values(), strict=True):
            with tab:
                draw(studio, shown)


def forget_question(unless_of: uuid.UUID | None = None) -> None:
    """Ask no longer whether to delete a feed, but the one that is shown."""
    if st.session_state.get(ASKED) != unless_of:
        st.session_state.pop(ASKED, None)


def _head(studio: Studio, shown: _Detail) -> None:
    feed_id = shown.feed.instagram_feed_id
    with st.container(horizontal=True, vertical_alignment="center", key="detail_head"):
        pager.offer_way_back(_back, feed_id)
        actions.button(
            say("feed_list.unfavour" if shown.state.favourite else "feed_list.favour"),
            "favour",
            feed_id,
            icon=":material/star:" if shown.state.favourite else ":material/star_border:",
            on_click=_favour,
            args=(studio, shown),
        )
        status = feedback.inert(words.named("status", shown.state.status))
        with st.popover(say("detail.state", status=status), icon=":material/flag:", key="state"):
            _state(studio, shown)
        if shown.state.status == "archived":
            actions.button(
                say("detail.unarchive"),
                "unarchive",
                feed_id,
                icon=":material/unarchive:",
                on_click=_move,
                args=(studio, shown, shown.moves[0].from_status if shown.moves else "draft"),
            )
        else:
            actions.button(
                say("history.archive"),
                "archive",
                feed_id,
                icon=":material/archive:",
                help=say("detail.archive_help"),
                on_click=_move,
                args=(studio, shown, "archived"),
            )
        actions.button(
            say("detail.delete"),
            "delete",
            feed_id,
            type="tertiary",
            icon=":material/delete_forever:",
            on_click=_ask_whether_to_delete,
            args=(feed_id,),
        )
    if st.session_state.get(ASKED) == feed_id:  # at each run until it is answered: one that follows at once closes it
        _confirm_deletion(shown.feed.tenant_id, feed_id)
    if is_sample(shown.feed):
        st.info(say("detail.sample"), icon=":material/science:")


def _post(studio: Studio, shown: _Detail, times: Iterator[int]) -> None:
    """The post and its editor: first with the row as the page read it, then, while somebody types, as it is by then."""
    feedback.show_toasts()
    feed = shown.feed
    if next(times) > 0:
        with studio.database.tenant(feed.tenant_id) as db:
            feed = feeds.get(db, feed.tenant_id, feed.instagram_feed_id)
    if len(feed.instagram_ad_copy) + len(feed.hashtags) <= documents.MAX_TEXT:
        unsaved = post.show_stored(feed, shown.made_by, 1)
        with st.container():  # always there: the editor that somebody begins to type in must not move
            if not unsaved:
                findings.show(studio, feed, 1)
        editor.show(studio, feed, 1)
        return
    beginning = feed.instagram_ad_copy[: documents.MAX_TEXT]
    post.show_stored(replace(feed, instagram_ad_copy=beginning, hashtags=""), shown.made_by, 1)
    feedback.show_quietly(say("detail.too_long"))
    documents.show_text(f"{feed.instagram_ad_copy}\n\n{feed.hashtags}", "caption", lambda _: None)


def _state(studio: Studio, shown: _Detail) -> None:
    feed_id = shown.feed.instagram_feed_id
    acknowledgement.show(shown.feed.tenant_id, partial(listing.move_acknowledged, studio))
    with st.container(key=NOTE):
        st.text_input(say("state.note"), key=actions.row_key(NOTE, feed_id), max_chars=workflow.MAX_NOTE)
    for status in STATUSES[:-1]:
        actions.button(
            say(f"status.{status}"),
            f"state_{status}",
            feed_id,
            width="stretch",
            disabled=not workflow.may_follow(shown.state.status, status),
            on_click=_move,
            args=(studio, shown, status),
        )


def _reuse(studio: Studio, shown: _Detail) -> None:
    with st.container(horizontal=True, key="reuse"):
        st.button(
            say("detail.new_brief"),
            key="new_from_this",
            icon=":material/replay:",
            on_click=_use_brief,
            args=(shown.feed,),
        )
        press.show(
            "regenerate",
            shown.feed.tenant_id,
            [
                Button(
                    "regenerate",
                    REGENERATE,
                    say("detail.regenerate"),
                    values={"feed_id": str(shown.feed.instagram_feed_id)},
                    icon="auto_awesome",
                    help=say("detail.regenerate_help"),
                )
            ],
            handlers={action: partial(_rewrite, studio) for action in (REGENERATE, findings.CHANGE)}
            | {DELETE: partial(_delete, studio)}
            | editor.handlers(studio)
            | version_list.handlers(studio),
        )
    if error := press.refusal([REGENERATE, findings.CHANGE]):
        feedback.show_error(error)


# -- the tabs ---------------------------------------------------------------------------------------------------------


def _versions(_studio: Studio, shown: _Detail) -> None:
    feed_id = shown.feed.instagram_feed_id
    version_list.show(shown.feed, shown.versions, paging.shown(VERSIONS, feed_id))
    paging.offer_more(shown.versions, VERSIONS, feed_id)
    st.markdown(f"**{say('detail.moves')}**")
    if not shown.moves:
        feedback.show_quietly(say("detail.no_moves"))
    for move in paging.part(shown.moves, MOVES, feed_id):
        note = f" — {feedback.inert(move.note)}" if move.note else ""
        label = say(
            "detail.move",
            before=feedback.inert(words.named("status", move.from_status)),
            after=feedback.inert(words.named("status", move.to_status)),
            person=feedback.inert(move.person or say("detail.nobody")),
        )
        reason = f" · {say('checked.acknowledge')}: {feedback.inert(move.acknowledged)}" if move.acknowledged else ""
        feedback.show_quietly(f"{format_dates.short(move.created_at)} · {label}{note}{reason}")
    paging.offer_more(shown.moves, MOVES, feed_id)


def _brief(_studio: Studio, shown: _Detail) -> None:
    for name in INPUTS:
        st.markdown(f"**{words.field_name(name)}**")
        documents.show_text(getattr(shown.feed, name) or "—", name, st.text)


def _prompt(_studio: Studio, shown: _Detail) -> None:
    feed = shown.feed
    feedback.show_quietly(
        say(
            "detail.asked",
            model=feedback.inert(feed.gpt_model_name or say("result.unknown")),
            max_tokens=f"{feed.gpt_max_tokens:,}" if feed.gpt_max_tokens is not None else say("result.unknown"),
            temperature=feed.gpt_temperature if feed.gpt_temperature is not None else say("detail.usual"),
        )
    )
    if feed.gpt_prompt_used is None:
        feedback.show_quietly(say("detail.no_prompt"))
    else:
        documents.show_text(feed.gpt_prompt_used, "prompt", lambda text: st.code(text, language=None, wrap_lines=True))


def _response(studio: Studio, shown: _Detail) -> None:
    feed = shown.feed

    def whole() -> str:
        with studio.database.tenant(feed.tenant_id) as db:
            return feeds.raw_answer(db, feed.tenant_id, feed.instagram_feed_id)

    if feed.gpt_response_raw is None:
        feedback.show_quietly(say("detail.no_response"))
    else:
        documents.show_document(feed.gpt_response_raw, "answer", whole)
    if feed.token_usage is not None:
        st.markdown(f"**{say('detail.usage')}**")
        st.json(documents.shortened(feed.token_usage)[0])


def _related(studio: Studio, shown: _Detail) -> None:
    feed, made_by = shown.feed, shown.made_by
    st.markdown(f"**{say('detail.origin')}**")
    if made_by is None:
        feedback.show_quietly(say("detail.from_pipeline"))
    else:
        label = say(
            "detail.from_us",
            source=words.named("source", made_by.source),
            version=made_by.prompt_version,
            moment=format_dates.to_the_second(made_by.created_at),
        )
        feedback.show_quietly(feedback.inert(label))
        if mark := GenerationOptions.from_json(made_by.options).experiment:
            st.page_link(
                ExperimentsAddress.file,
                label=feedback.inert(experiments.label(DimensionValue.of(f"{mark.id}:{mark.variant}"))),
                icon=":material/science:",
                query_params=ExperimentsAddress(mark.id).link(feed.tenant_id),
            )
        if made_by.parent_feed_id:
            change = _change_name(made_by)
            if shown.parent_is_there:
                _feed_button(say("detail.parent", change=change), made_by.parent_feed_id, "parent")
            else:
                feedback.show_quietly(say("detail.parent_gone", change=change))
    st.fragment(links.show)(studio, feed, "detail")  # above what comes and goes with it, so that it keeps its place
    for name, value in (("job_id", feed.job_id), ("overlay_id", feed.overlay_id)):
        if value:
            with st.container(horizontal=True, vertical_alignment="center"):
                feedback.show_quietly(f"{words.field_name(name)} `{value}`")
                st.button(
                    say("detail.others_of_it"),
                    key=f"others_{name}",
                    type="tertiary",
                    on_click=address.show_only,
                    kwargs={name: value},
                )
    st.markdown(f"**{say('detail.made_of_it')}**")
    if not shown.children:
        feedback.show_quietly(say("detail.nothing_made"))
    for number, child in enumerate(shown.children, start=1):
        label = f"{format_dates.short(child.created_at)} · {_change_name(child)}"
        if child.instagram_feed_id:
            _feed_button(label, child.instagram_feed_id, f"child_{number}")
        else:
            feedback.show_quietly(f"{label} · {say('detail.child_failed')}")


def _change_name(generation: Generation) -> str:
    return feedback.inert(words.named("result", generation.change)) if generation.change else say("detail.again")


def _feed_button(label: str, feed_id: uuid.UUID, key: str) -> None:
    st.button(
        label,
        key=key,
        type="tertiary",
        icon=":material/article:",
        on_click=address.open_feed,
        args=(feed_id,),
    )


_TABS = {"versions": _versions, "brief": _brief, "prompt": _prompt, "response": _response, "related": _related}


# -- for good ---------------------------------------------------------------------------------------------------------


def _confirm_deletion(tenant_id: str, feed_id: uuid.UUID) -> None:
    @st.dialog(say("detail.delete_title"), on_dismiss=forget_question)
    def ask() -> None:
        st.markdown(say("detail.delete_warning"))
        with st.container(horizontal=True):
            values = {"feed_id": str(feed_id)}
            press.show(
                "delete_yes",
                tenant_id,
                [Button("delete_yes", DELETE, say("detail.delete_yes"), values=values, kind="primary")],
            )
            st.button(say("detail.delete_no"), key="delete_no", on_click=_keep)

    ask()


# -- callbacks --------------------------------------------------------------------------------------------------------


def _back(feed_id: uuid.UUID) -> None:
    st.session_state[listing.LEFT] = feed_id
    address.open_feed(None)


def _favour(studio: Studio, shown: _Detail) -> None:
    with feedback.shown_later():
        actions.require_screen(shown.feed.tenant_id, shown.feed.instagram_feed_id)
        workflow.set_favourite(
            studio, shown.feed.tenant_id, shown.feed.instagram_feed_id, favourite=not shown.state.favourite
        )


def _move(studio: Studio, shown: _Detail, status: str) -> None:
    tenant_id, feed_id = shown.feed.tenant_id, shown.feed.instagram_feed_id
    with feedback.shown_later():
        actions.require_screen(tenant_id, feed_id)
        note = str(st.session_state.get(actions.row_key(NOTE, feed_id)) or "")
        if not listing.move(studio, tenant_id, [feed_id], status, note):
            return
        st.session_state[actions.row_key(NOTE, feed_id)] = ""  # the browser keeps a note that is not taken out of it
        if status == "archived":
            address.open_feed(None)  # there it can be undone


def _use_brief(feed: Feed) -> None:
    loading.use_again(facts.brief_of(feed).recorded())
    feedback.toast_later(say("result.brief_back"), icon=":material/replay:")
    url_state.open_page(GenerateAddress())


def _rewrite(studio: Studio, pressed: press.Press) -> None:
    """The same brief once more, or one passage, as a child of this feed; the generate page shows it being written."""
    rewriting.rewrite(studio, pressed)
    url_state.open_page(GenerateAddress(run=pressed.press_id))


def _ask_whether_to_delete(feed_id: uuid.UUID) -> None:
    st.session_state[ASKED] = feed_id


def _keep() -> None:
    forget_question()
    url_state.draw_again()


def _delete(studio: Studio, pressed: press.Press) -> None:
    """Delete the feed that was asked about; the same press again finds it gone."""
    forget_question()
    feed_id = pressed.uuid("feed_id", lambda text: FeedNotFound(feed_id=text))
    with contextlib.suppress(FeedNotFound):
        deletion.delete(studio, pressed.team, feed_id)
    feedback.toast_later(say("detail.deleted"), icon=":material/delete_forever:")
    if url_state.value(FEED) == str(feed_id):
        address.open_feed(None)
