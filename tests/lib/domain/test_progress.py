"""What a watcher sees while a caption is being written."""

from __future__ import annotations

import json
import threading
import uuid

import pytest

from lib.domain.progress import Progress

CONTENT = json.dumps({"instagram_ad_copy": '첫 줄\n"둘째" 줄', "hashtags": ["#식빵", "#연남동"]}, ensure_ascii=False)


@pytest.fixture
def progress() -> Progress:
    return Progress(uuid.uuid4())


def test_the_caption_grows_letter_by_letter_and_never_shows_json(progress: Progress) -> None:
    text_before = ""
    for letter in CONTENT:
        progress.add(letter)
        text, hashtags = progress.seen()
        assert '첫 줄\n"둘째" 줄'.startswith(text)
        assert len(text) >= len(text_before)
        assert all("#식빵".startswith(tag) or "#연남동".startswith(tag) for tag in hashtags)
        text_before = text
    assert progress.seen() == ('첫 줄\n"둘째" 줄', ["#식빵", "#연남동"])


def test_fenced_json_is_not_shown_as_text(progress: Progress) -> None:
    for letter in f"```json\n{CONTENT}":
        progress.add(letter)
        assert "`" not in progress.seen()[0]
    assert progress.seen()[0].startswith("첫 줄")


@pytest.mark.parametrize("content", ["오늘의 식빵 #식빵", "soon: bread", "no json"])
def test_plain_text_is_shown_as_it_is(progress: Progress, content: str) -> None:
    progress.add(content)
    assert progress.seen() == (content, [])


@pytest.mark.parametrize(
    ("content", "seen"),
    [
        ("", ("", [])),
        ("{not json}", ("", [])),
        ('{"instagram_ad_copy": 7, "hashtags": 3}', ("", [])),
        ('{"instagram_ad_copy": "글", "hashtags": "#a #b"}', ("글", ["#a #b"])),
        ('{"instagram_ad_copy": "글", "hashtags": [1, null, "#a"]}', ("글", ["#a"])),
        ('{"hashtags": null}', ("", [])),
        ("[1]", ("", [])),
    ],
)
def test_content_of_another_shape_is_no_error(progress: Progress, content: str, seen: tuple[str, list[str]]) -> None:
    progress.add(content)
    assert progress.seen() == seen


def test_another_attempt_begins_with_an_empty_page(progress: Progress) -> None:
    seen = [progress.phase]
    for _ in range(2):
        progress.begin_attempt()
        seen.append(progress.phase)
        assert progress.seen() == ("", [])
        progress.add(CONTENT)
        seen.append(progress.phase)
    assert seen == ["queued", "asking", "writing", "asking", "writing"]
    assert progress.attempts == 2
    progress.begin_attempt()
    assert progress.seen() == ("", [])


def test_a_pause_that_nobody_stops_ends_by_itself(progress: Progress) -> None:
    assert progress.wait(0.001, "rate_limited")
    assert progress.resumes_at is None
    assert progress.waits_for is None


def test_a_stop_ends_a_pause_and_the_watcher_sees_what_it_waits_for(progress: Progress) -> None:
    ended: list[bool] = []
    waiting = threading.Thread(target=lambda: ended.append(progress.wait(600, "rate_limited")))
    waiting.start()
    while progress.resumes_at is None:
        assert waiting.is_alive()
    assert (progress.phase, progress.waits_for) == ("waiting", "rate_limited")
    progress.stop()
    waiting.join(60)
    assert ended == [False]
    assert not progress.wait(600, "rate_limited"), "a stop before the pause counts as well"
