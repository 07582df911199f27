"""Editing a caption by hand, with Instagram's rules checked as it changes; nothing is lost, nothing overwritten.

What is typed is the browser's (:mod:`lib.ui.components.press.press`): it keeps the text with the version that it was
typed on top of, and sends both with the press of "Save".
"""

from __future__ import annotations

import hashlib
import uuid
from collections.abc import Mapping
from dataclasses import asdict, dataclass
from functools import partial
from typing import Any

import streamlit as st

from lib.domain import diff
from lib.domain.caption import Caption
from lib.domain.errors import FeedChanged, FeedNotFound, RunNotFound
from lib.domain.hashtags import proposals
from lib.feeds import answer, checking, editing
from lib.generation import outcome
from lib.store import feed_versions, feeds, generations
from lib.store.feeds import Feed
from lib.store.generations import Generation
from lib.studio import Studio
from lib.ui.components.marked_text import marked_text
from lib.ui.components.press import press
from lib.ui.components.press.press import Button, Handler, Press
from lib.ui.core import feedback, session
from lib.ui.core.addresses import GenerateAddress
from lib.ui.core.words import say

SAVE, SAVE_ANSWER = "save", "save_answer"
ACTIONS = (SAVE, SAVE_ANSWER)
"""What a page that shows the editor takes besides its own presses, with :func:`handlers`."""
TEXT, TAGS = "instagram_ad_copy", "hashtags"
STEPS = "editor_steps"
"""In the session: by feed, the versions that this person made of it, oldest first."""
MAX_STEPS = 20
OPENED = "editor_opened"
"""In the session: by number, the feed whose editor was opened because a draft of it came back."""


@dataclass(frozen=True)
class _Step:
    """From one version of a feed's texts to the next, by this person: saved with these ``values``, or restored."""

    before: str
    after: str
    values: Mapping[str, str]


def handlers(studio: Studio) -> dict[str, Handler]:
    """The handlers of the presses that this module draws, by action."""
    return {SAVE: partial(_save, studio), SAVE_ANSWER: partial(_save_answer, studio)}


def show(studio: Studio, feed: Feed, number: int) -> None:
    """Edit a stored feed. What somebody else saved meanwhile is shown beside, never overwritten in silence."""
    with st.expander(say("edit.title"), key=expander(number), on_change="rerun"):
        made = answer.made_of(feed)
        row = {"feed_id": str(feed.instagram_feed_id)}
        form = _form(feed.tenant_id, SAVE, row, feed.instagram_ad_copy, feed.hashtags, number)
        form |= {"base": version(feed), "steps": [asdict(step) for step in _steps(feed.instagram_feed_id)]}
        caption = _edited(feed.tenant_id, form, number, parked=made.parked if made else ())
        changed = caption != _stored(feed)
        with st.container():  # always there, so that nothing below it moves
            for field in (TAGS, TEXT):
                feedback.show_warnings(made.changes() if made and not changed else [], field)
        with st.container():  # always there, so that nothing below it moves
            if word := checking.disclosure_taken_away(feed, caption):
                st.markdown(f":orange[:material/warning: {feedback.inert(say('checked.takes_away', word=word))}]")
        began_from, restored = _began_from(feed, number)
        conflict = changed and began_from != version(feed)
        with st.container():  # always there: what comes and goes must not move the buttons
            if conflict:
                _theirs(studio, feed, caption, number)
            elif changed and restored:
                feedback.show_quietly(f":material/info: {say('edit.next_version')}")
            error = press.refusal([SAVE], **row)
            if error and not (isinstance(error, FeedChanged) and (conflict or not changed)):
                feedback.show_error(error)
        typed = press.typed(_key(number), form["storage"]) is not None
        buttons = [
            Button(
                f"save_{number}",
                SAVE,
                say("edit.save"),
                values=row,
                kind="primary",
                form=_key(number),
                needs_change=True,
                disabled=conflict or bool(caption.problems()) or (typed and not changed),
            )
        ]
        if made and (made.text, made.hashtag_field) != (caption.text, caption.hashtag_field):
            buttons.append(_load("edit.original", f"original_{number}", number, made.text, made.hashtag_field))
        buttons.append(
            Button(f"mine_back_{number}", "undo", say("edit.mine_back"), icon="undo", form=_key(number)),
        )
        press.show(f"save_{number}", feed.tenant_id, buttons)


def expander(number: int) -> str:
    """The session key of whether this editor is folded out."""
    return f"edit_{number}"


def show_unstored(generation: Generation, caption: Caption, number: int) -> None:
    """Edit an answer that could not be stored as it came, and store it without asking again."""
    tags = " ".join(f"#{tag}" for tag in (*caption.hashtags, *caption.parked))
    row = {"generation_id": str(generation.generation_id)}
    form = _form(generation.tenant_id, SAVE_ANSWER, row, caption.text, tags, number)
    edited = _edited(generation.tenant_id, form, number)
    if error := press.refusal([SAVE_ANSWER], **row):
        feedback.show_error(error)
    button = Button(
        f"save_{number}",
        SAVE_ANSWER,
        say("edit.save"),
        values=row,
        kind="primary",
        form=_key(number),
        disabled=bool(edited.problems()),
    )
    press.show(f"save_{number}", generation.tenant_id, [button])


def unsaved(feed: Feed, number: int) -> Caption | None:
    """What somebody is making of the feed and has not saved; None where that is nothing."""
    typed = press.typed(_key(number), _storage(feed.tenant_id, str(feed.instagram_feed_id)))
    caption = _caption(typed.values) if typed else None
    if caption is None or caption == _stored(feed):
        return None
    opened: dict[int, uuid.UUID] = st.session_state.setdefault(OPENED, {})
    if opened.get(number) != feed.instagram_feed_id:  # a draft that came back is seen at once
        opened[number], st.session_state[expander(number)] = feed.instagram_feed_id, True
    return caption


def follow_restored(before: Feed, feed: Feed) -> None:
    """Go on from the version that this person has just restored: what they typed is no conflict with it.

    ``before`` is the feed before the restore. Only from a callback.
    """
    _take_step(version(before), feed, {})


# -- versions ---------------------------------------------------------------------------------------------------------


def version(feed: Feed) -> str:
    """A name for the feed's texts as they are: a row that was touched without another text hinders nobody."""
    texts = f"{feed.instagram_ad_copy}\0{feed.hashtags}"
    return hashlib.sha256(texts.encode("utf-8", "replace")).hexdigest()[:20]


def _began_from(feed: Feed, number: int) -> tuple[str, bool]:
    """The version that what is typed goes on from, this person's own steps included; whether they restored one."""
    typed = press.typed(_key(number), _storage(feed.tenant_id, str(feed.instagram_feed_id)))
    steps, now = _steps(feed.instagram_feed_id), version(feed)
    base = typed.base if typed else now
    restored = bool(steps) and steps[-1].after == now and not steps[-1].values
    return (now if _leads_to(now, base, steps) else base), restored


def _leads_to(version: str, base: str, steps: list[_Step]) -> bool:
    """Whether it was this person alone who made the version out of the base."""
    for step in steps if base != version else ():
        base = step.after if step.before == base else base
    return base == version


def _steps(feed_id: uuid.UUID) -> list[_Step]:
    steps: list[_Step] = st.session_state.get(STEPS, {}).get(feed_id, [])
    return steps


def _take_step(before: str, feed: Feed, values: Mapping[str, str]) -> None:
    steps = [*_steps(feed.instagram_feed_id), _Step(before, version(feed), values)]
    st.session_state.setdefault(STEPS, {})[feed.instagram_feed_id] = steps[-MAX_STEPS:]


# -- what is drawn ----------------------------------------------------------------------------------------------------


def _stored(feed: Feed) -> Caption:
    """The row as the fields show it: one that another program spelt in its own way is not an edit of anybody's."""
    return Caption.from_fields(feed.instagram_ad_copy, feed.hashtags)


def _caption(values: Mapping[str, str]) -> Caption:
    return Caption.from_fields(values.get(TEXT, ""), values.get(TAGS, ""))


def _key(number: int) -> str:
    return f"editor_{number}"


def _storage(tenant_id: str, row: str) -> str:
    return f"feed-studio.edit.{tenant_id}.{row}"


def _form(tenant_id: str, action: str, row: Mapping[str, str], text: str, tags: str, number: int) -> dict[str, Any]:
    common = {"group": "caption"}
    return {
        "storage": _storage(tenant_id, *row.values()),
        "action": action,
        "row": row,
        "listens": [TEXT, TAGS],
        "about": say("form.about"),
        "fields": [
            {
                **common,
                "name": TEXT,
                "key": f"edit_text_{number}",
                "kind": "area",
                "label": say("edit.text"),
                "value": text,
                "height": 260,
            },
            {
                **common,
                "name": TAGS,
                "key": f"edit_tags_{number}",
                "kind": "text",
                "label": say("edit.tags"),
                "value": tags,
                "help": say("edit.tags_help"),
            },
        ],
    }


def _edited(tenant_id: str, form: Mapping[str, Any], number: int, parked: tuple[str, ...] = ()) -> Caption:
    """The fields, and what they hold as a caption, with what is wrong with it below."""
    press.show(_key(number), tenant_id, [], form=form)
    typed = press.typed(_key(number), form["storage"])
    shown = typed.values if typed else {field["name"]: field["value"] for field in form["fields"]}
    caption = _caption(shown)
    problems, warnings = caption.problems(), caption.warnings()
    with st.container():
        for field in (TEXT, TAGS):
            feedback.show_problems(problems, field)
            feedback.show_warnings(warnings, field)
        if not problems and not warnings:
            feedback.show_quietly(f":material/check: {say('edit.good')}")
        _propose(tenant_id, shown[TAGS], caption, number)
        _offer(tenant_id, parked, caption, number)
    return caption


def _propose(tenant_id: str, tags: str, caption: Caption, number: int) -> None:
    """What each tag may become that Instagram would read as another one; the choice is the writer's."""
    for place, (written, _) in enumerate(caption.changed, start=1):
        buttons = []
        for choice, text in enumerate(proposals(written), start=1):
            instead = tags.replace(f"#{written}" if f"#{written}" in tags else written, f"#{text}")
            key = f"proposal_{number}_{place}_{choice}"
            buttons.append(Button(key, "load", f"#{text}", values={TAGS: instead}, form=_key(number)))
        press.show(f"proposals_{number}_{place}", tenant_id, buttons)


def _offer(tenant_id: str, parked: tuple[str, ...], caption: Caption, number: int) -> None:
    """The model's hashtags beyond the limit, each to be taken in with a press."""
    left = [tag for tag in parked if Caption.from_fields(caption.text, f"{caption.hashtag_field} #{tag}") != caption]
    if not left:
        return
    feedback.show_quietly(say("edit.parked"))
    buttons = [
        Button(f"parked_{number}_{place}", "add", f"#{tag}", values={TAGS: f"#{tag}"}, icon="add", form=_key(number))
        for place, tag in enumerate(left, start=1)
    ]
    press.show(f"parked_{number}", tenant_id, buttons)


def _theirs(studio: Studio, feed: Feed, caption: Caption, number: int) -> None:
    """What somebody else saved while this was edited, and the ways on: mine, theirs, or to go on typing."""
    with studio.database.tenant(feed.tenant_id) as db:
        newest = feed_versions.of_feed(db, feed.tenant_id, feed.instagram_feed_id, limit=1)
    if newest and newest[0].person:
        st.error(say("edit.changed_by", person=feedback.inert(newest[0].person)), icon=":material/error:")
    else:
        feedback.show_error(FeedChanged(feed_id=feed.instagram_feed_id))
    feedback.show_quietly(say("edit.theirs"))
    changes = diff.words(caption.assembled, _stored(feed).assembled)
    marked_text.show([(change.kind, change.text) for change in changes], key=f"theirs_{number}")
    over_this = {"feed_id": str(feed.instagram_feed_id), "over": version(feed)}
    press.show(
        f"theirs_{number}_buttons",
        feed.tenant_id,
        [
            Button(
                f"overwrite_{number}",
                SAVE,
                say("edit.overwrite"),
                values=over_this,
                form=_key(number),
                disabled=bool(caption.problems()),
            ),
            _load("edit.reload", f"take_theirs_{number}", number, feed.instagram_ad_copy, feed.hashtags, icon=""),
        ],
    )


def _load(name: str, key: str, number: int, text: str, tags: str, icon: str = "undo") -> Button:
    """Fills the fields in the browser; what they showed can be brought back there."""
    return Button(key, "load", say(name), values={TEXT: text, TAGS: tags}, icon=icon, form=_key(number))


# -- presses ----------------------------------------------------------------------------------------------------------


def _save(studio: Studio, pressed: Press) -> None:
    """Store what the fields showed, over the version that they began from or the one that the button names.

    This person may have saved another version meanwhile, and typed on before the page showed it. Raises ``FeedChanged``
    where somebody else did.

    The same press again finds its own text in the row.
    """
    texts = dict(zip((TEXT, TAGS), _texts(pressed), strict=True))
    with studio.database.tenant(pressed.team) as db:
        feed = feeds.get(db, pressed.team, pressed.uuid("feed_id", lambda text: FeedNotFound(feed_id=text)))
    base, now = pressed.text("base"), version(feed)
    if _caption(texts) != _stored(feed):
        if pressed.text("over") != now:
            if not _leads_to(now, base, _steps(feed.instagram_feed_id)):
                raise FeedChanged(feed_id=feed.instagram_feed_id)
            base = now
        feed = editing.edit(studio, feed, *texts.values(), person=session.person())
    _take_step(base, feed, texts)
    feedback.toast_later(say("edit.saved"), icon=":material/check:")


def _save_answer(studio: Studio, pressed: Press) -> None:
    """Store what somebody made of a paid answer that could not be stored as it came."""
    generation_id = pressed.uuid("generation_id", lambda text: RunNotFound(run_id=text))
    with studio.database.tenant(pressed.team) as db:
        generation = generations.get(db, pressed.team, generation_id)
    if generation is None:
        raise RunNotFound(run_id=generation_id)
    feed = outcome.store_fixed(studio, generation, *_texts(pressed))
    GenerateAddress(feed=feed.instagram_feed_id).show()
    feedback.toast_later(say("edit.saved"), icon=":material/check:")


def _texts(pressed: Press) -> tuple[str, str]:
    return pressed.text(TEXT), pressed.text(TAGS)
