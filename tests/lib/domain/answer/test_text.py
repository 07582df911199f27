"""The caption is found in whatever a model writes around it, and half a caption is never taken for a whole one."""

from __future__ import annotations

import json
import time

import pytest

from lib.domain.answer.text import draft_in, read_text

COPY, TAGS = "갓 구운 통밀빵\n오늘도 천천히 익혔어요", ["#통밀빵", "#아침"]
OBJECT = json.dumps({"instagram_ad_copy": COPY, "hashtags": TAGS}, ensure_ascii=False)
DRAFT = json.dumps({"instagram_ad_copy": "초안입니다", "hashtags": ["#초안"]}, ensure_ascii=False)
TOO_LONG = json.dumps({"instagram_ad_copy": "가" * 2_201, "hashtags": []}, ensure_ascii=False)

WRAPPINGS = {
    "as it is": OBJECT,
    "with a byte order mark": "\ufeff" + OBJECT,
    "in a fence": f"```json\n{OBJECT}\n```",
    "in a fence with a remark": f"```json\n{OBJECT}\n```\n해시태그는 {{3}}개입니다.",
    "in two fences": f"```json\n{DRAFT}\n```\n고쳤어요\n```json\n{OBJECT}\n```",
    "after a remark with braces": f"다음은 {{brand}} 게시글입니다.\n{OBJECT}",
    "before a remark with braces": f"{OBJECT}\n\n참고: {{매장명}} 자리는 바꿔 주세요.",
    "before a remark with its name": f"{OBJECT}\ninstagram_ad_copy는 두 줄입니다.",
    "after a brace that never closes": f"Use {{ to open, said 5\" he.\n{OBJECT}",
    "twice": f"{OBJECT}\n{OBJECT}",
    "after a thought": f"<think>짧게 쓰자.</think>\n{OBJECT}",
    "after a thought with a draft": f"<think>초안 {DRAFT} 별로다.</think>\n{OBJECT}",
    "after a thought with a sketch": f'<think>형식은 {{"instagram_ad_copy": …, "hashtags": […]}}.</think>\n{OBJECT}',
    "after a thought that was opened elsewhere": f"음, {DRAFT}</think>{OBJECT}",
    "after a thought with half a draft": f'<think>{{"instagram_ad_copy": "반</think>{OBJECT}',
    "in a thought": f"<think>이걸로 하자: {OBJECT}</think>",
    "in a list": f"[{OBJECT}]",
    "last in a list": f"[{DRAFT}, {OBJECT}]",
    "in a list in an object": f'{{"captions": [{OBJECT}]}}',
    "in an object": f'{{"response": {OBJECT}}}',
    "in an object of arguments": json.dumps({"name": "answer", "arguments": OBJECT}),
    "as a string": json.dumps(OBJECT, ensure_ascii=False),
    "as a string with escapes": json.dumps(OBJECT),
    "as a string in a sentence": f"Here it is: {json.dumps(OBJECT)} Enjoy!",
    "as a string in a list": json.dumps([OBJECT]),
    "with a comma too many in the list": OBJECT.replace('"#아침"]', '"#아침",]'),
    "with a comma too many in the object": OBJECT[:-1] + ",\n}",
    "with a comment": OBJECT[:-1] + " // 끝\n}",
    "with comments": OBJECT.replace('"hashtags"', "/* tags: */ # yes\n\"hashtags\""),
    "with an escaped apostrophe": OBJECT.replace("갓 ", "갓\\' ").replace("갓\\'", "갓"),
    "in Python's spelling": str({"a": None, "b": True, "instagram_ad_copy": COPY, "hashtags": TAGS}),
    "with bare names": OBJECT.replace('"instagram_ad_copy"', "instagram_ad_copy").replace('"hashtags"', "hashtags"),
    "with other members before": '{"meta": {"n": 1}, "note": "a } b", ' + OBJECT[1:],
    "with the tags first": json.dumps({"hashtags": TAGS, "instagram_ad_copy": COPY}, ensure_ascii=False),
    "with raw line breaks": OBJECT.replace("\\n", "\n"),
    "before one that breaks the rules": f"{OBJECT}\n{TOO_LONG}",
    "before the form": f'{OBJECT}\n형식: {{"instagram_ad_copy": "...", "hashtags": ["..."]}}',
    "as a string of a string of a string": json.dumps(json.dumps(json.dumps(OBJECT))),
    "with typographic quotes": OBJECT.replace('"#아침"', "“#아침”").replace('"hashtags"', "“hashtags”"),
    "with names in capitals": OBJECT.replace("instagram_ad_copy", "Instagram_Ad_Copy").replace("hashtags", "Hashtags"),
    "with names in camel case": OBJECT.replace("instagram_ad_copy", "instagramAdCopy").replace("hashtags", "hashTags"),
    "with a blank in a name": OBJECT.replace("instagram_ad_copy", "instagram_ad_copy "),
    "with its lines in a list": json.dumps({"instagram_ad_copy": COPY.split("\n"), "hashtags": TAGS}),
    "with its text in an object": json.dumps({"instagram_ad_copy": {"text": COPY}, "hashtags": TAGS}),
    "without a comma": OBJECT.replace('", "hashtags"', '"\n "hashtags"'),
    "as HTML": OBJECT.replace('"', "&quot;"),
    "as Markdown": OBJECT.replace("_", "\\_"),
    "as HTML with numbers": OBJECT.replace('"', "&#34;"),
    "in the channels of gpt-oss": f"<|channel|>analysis<|message|>{DRAFT}<|end|>final<|message|>{OBJECT}<|return|>",
    "in a call in tags": f'<tool_call>{{"name": "answer", "arguments": {OBJECT}}}</tool_call>',
    "before the schema": f'{OBJECT}\n{{"properties": {{"instagram_ad_copy": {{"type": "string"}}}}}}',
    "with bold names": OBJECT.replace('"hashtags"', '**"hashtags"**'),
    "with the marks of other scripts": OBJECT.replace('": ', '"：').replace('", "hashtags', '"，"hashtags'),
    "with signs that nobody sees": OBJECT.replace('", "hash', '",\u200b\u00a0"hash'),
    "with closing quotes only": OBJECT.replace('"', "”"),
    "with German quotes": OBJECT.replace('"#아침"', "„#아침“"),
    "with backticks": OBJECT.replace(json.dumps(COPY, ensure_ascii=False), f"`{COPY}`"),
    "with three quotes": OBJECT.replace(json.dumps(COPY, ensure_ascii=False), f'"""{COPY}"""'),
    "with a text in pieces": OBJECT.replace("\\n", '\\n" + "'),
    "with a text in pieces side by side": OBJECT.replace("\\n", '\\n" "'),
    "with semicolons": OBJECT.replace('", "hashtags', '"; "hashtags'),
    "with equals signs": OBJECT.replace('": ', '" = '),
    "with arrows": OBJECT.replace('": ', '" => '),
    "with a tuple of tags": OBJECT.replace("[", "(").replace("]", ")"),
    "with a longer name": OBJECT.replace("instagram", "final_instagram").replace("hashtags", "hashtag_list"),
    "with its length": OBJECT[:-1] + ', "instagram_ad_copy_length": 20, "hashtag_count": 2}',
    "with its content in an object": json.dumps({"instagram_ad_copy": {"content": COPY}, "hashtags": TAGS}),
    "with tags as objects": json.dumps({"instagram_ad_copy": COPY, "hashtags": [{"tag": tag} for tag in TAGS]}),
    "with numbered tags": json.dumps({"instagram_ad_copy": COPY, "hashtags": dict(enumerate(TAGS))}),
    "with a list of lists of tags": json.dumps({"instagram_ad_copy": COPY, "hashtags": [TAGS]}),
    "with a list of tags as a text": json.dumps({"instagram_ad_copy": COPY, "hashtags": json.dumps(TAGS)}),
    "with the tags in another object": json.dumps({"caption": {"instagram_ad_copy": COPY}, "hashtags": TAGS}),
    "in two objects": json.dumps({"instagram_ad_copy": COPY}) + "\n" + json.dumps({"hashtags": TAGS}),
    "with half an escape": OBJECT.replace("갓 ", "갓\\u0020").replace("오늘도", "\\오늘도"),
}  # fmt: skip


@pytest.mark.parametrize("text", WRAPPINGS.values(), ids=WRAPPINGS.keys())
def test_the_object_is_found_in_its_wrapping(text: str) -> None:
    for plain in (True, False):
        reading = read_text(text, plain=plain)
        assert reading.caption is not None
        assert (reading.caption.text, reading.caption.hashtags) == (COPY, ("통밀빵", "아침"))
        assert reading.whole


@pytest.mark.parametrize(
    ("text", "caption"),
    [
        ('{"instagram_ad_copy": "It\\\'s here", "hashtags": []}', "It's here"),
        ('{"instagram_ad_copy": "a \\\\\\\\ b", "hashtags": []}', "a \\\\ b"),
        ("{'instagram_ad_copy': 'say \"hi\" \\'now\\'', 'hashtags': []}", "say \"hi\" 'now'"),
        ('{"instagram_ad_copy": "https://a.kr // not a comment, # nor this /* or this */", "hashtags": [],}',
         "https://a.kr // not a comment, # nor this /* or this */"),
        ('{"instagram_ad_copy": "오늘 "갓" 구운 "빵"", "hashtags": []}', '오늘 "갓" 구운 "빵"'),
        ('{"instagram_ad_copy": "갓\\u12 구운", "hashtags": []}', "갓u12 구운"),
        ('{"instagram_ad_copy": "한 {중괄호} [대괄호], ,]", "hashtags": [],}', "한 {중괄호} [대괄호], ,]"),
    ],
)  # fmt: skip
def test_what_stands_inside_a_string_stays(text: str, caption: str) -> None:
    reading = read_text(text, plain=False)
    assert reading.caption is not None
    assert reading.caption.text == caption


@pytest.mark.parametrize("cut", [1, 3, 20, 40])
def test_half_an_object_is_shown_but_not_whole(cut: int) -> None:
    for text in (OBJECT[:-cut], f"<think>{DRAFT[:-5]}</think>{OBJECT[:-cut]}", f"```json\n{OBJECT[:-cut]}"):
        reading = read_text(text, plain=True)
        assert not reading.whole
        assert reading.caption is None or COPY.startswith(reading.caption.text)


def test_an_object_that_another_one_follows_is_not_known_to_be_the_last() -> None:
    assert read_text(OBJECT, plain=False).closed
    reading = read_text(f"{DRAFT} better: {OBJECT[:-10]}", plain=False)
    assert reading.whole
    assert not reading.closed


@pytest.mark.parametrize(
    ("text", "caption"),
    [
        ("오늘의 식빵\n\n#식빵", "오늘의 식빵\n\n#식빵"),
        ("```\n오늘의 식빵\n```", "오늘의 식빵"),
        ("<think>짧게.</think>\n오늘의 식빵", "오늘의 식빵"),
        ("오늘의 {매장명} 식빵", "오늘의 {매장명} 식빵"),
    ],
)
def test_prose_is_a_caption_where_no_format_was_asked_for(text: str, caption: str) -> None:
    reading = read_text(text, plain=True)
    assert reading.caption is not None
    assert (reading.caption.text, reading.whole, reading.closed) == (caption, True, False)
    assert read_text(text, plain=False).caption is None


@pytest.mark.parametrize(
    "text", ["", "{}", "[1]", '{"text": "x"}', "<think>never ends", '{"instagram_ad_copy": 7}', "{broken"]
)
def test_where_nothing_can_be_read_there_is_no_caption(text: str) -> None:
    assert read_text(text, plain=True).caption is None


@pytest.mark.parametrize(
    "text",
    ["가나다라 " * 2_000_000, '{"instagram_ad_copy"' * 20_000, "{" * 200_000,
     '"{\\"instagram_ad_copy' * 20_000, "<think>" * 50_000,
     '{"instagram_ad_copy": ' + "[" * 100_000, "{'instagram_ad_copy': '" + "\\'" * 100_000],
)  # fmt: skip
def test_hostile_text_is_read_in_bounded_time(text: str) -> None:
    began = time.process_time()
    read_text(text, plain=True)
    draft_in(text)
    assert time.process_time() - began < 10


def test_a_thought_is_not_shown_while_the_caption_is_written() -> None:
    text = f"<think>초안 {DRAFT}</think>\n{OBJECT}"
    seen = [draft_in(text[:end])[0] for end in range(len(text) + 1)]
    assert seen[-1] == COPY
    assert all(COPY.startswith(shown) for shown in seen)
