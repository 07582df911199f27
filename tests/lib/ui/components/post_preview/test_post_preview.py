"""What the browser is told of a post, and which uploads become a picture."""

from __future__ import annotations

import base64
import io
import random
from itertools import pairwise

import pytest
import streamlit as st
from PIL import Image

from lib.domain.caption import MAX_CHARACTERS, MAX_HASHTAGS, MAX_MENTIONS, Caption
from lib.ui.components.post_preview import post_preview
from lib.ui.components.post_preview.post_preview import Post, as_data, image_data_url

WORDS = {name: f"<{name}>" for name in post_preview.WORDS}


def counters(caption: Caption) -> dict[str, str]:
    """Level and text of each counter."""
    return {one["text"]: one["level"] for one in as_data(Post("me", caption), WORDS)["counters"]}


def joined(pieces: list[tuple[str, str]]) -> str:
    return "".join(text for _, text in pieces)


# -- the caption ----------------------------------------------------------------------------------------------------


def test_a_long_caption_is_folded_and_nothing_of_it_is_lost() -> None:
    caption = Caption.compose("첫 줄\n\n" + "가을 신메뉴가 나왔어요. " * 20, ["카페", "서울"])
    data = as_data(Post("seongsu.coffee", caption), WORDS)
    assert data["rest"]
    assert joined(data["shown"]) + joined(data["rest"]) == caption.assembled
    assert not joined(data["shown"])[-1].isspace()


def test_a_short_caption_is_not_folded() -> None:
    assert as_data(Post("me", Caption.compose("짧은 글", ["카페"])), WORDS)["rest"] == []


@pytest.mark.parametrize("state", ["writing", "empty"])
def test_nothing_is_folded_before_the_caption_is_done(state: post_preview.State) -> None:
    caption = Caption("가을 신메뉴가 나왔어요. " * 20, ())
    data = as_data(Post("me", caption, state=state), WORDS)
    assert (joined(data["shown"]), data["rest"]) == (caption.text, [])


def test_hashtags_and_mentions_are_told_apart_after_an_empty_line() -> None:
    data = as_data(Post("me", Caption.compose("오세요 @me", ["카페"])), WORDS)
    assert data["shown"] == [("text", "오세요 "), ("mention", "@me"), ("text", "\n\n"), ("hashtag", "#카페")]


def test_a_hashtag_that_the_fold_cuts_keeps_its_colour_on_both_sides() -> None:
    shown, rest = post_preview._split("a #hashtag b", 6)
    assert shown == [("text", "a "), ("hashtag", "#has")]
    assert rest == [("hashtag", "htag"), ("text", " b")]


def test_parked_hashtags_are_told_but_never_copied() -> None:
    data = as_data(Post("me", Caption.compose("글", [f"태그{n}" for n in "가나다라마바사"])), WORDS)
    assert data["parked"] == ["#태그바", "#태그사"]
    assert data["copy"]["tags"] == "#태그가 #태그나 #태그다 #태그라 #태그마"
    assert "태그바" not in data["copy"]["both"]


def test_a_word_that_the_caller_forgot_is_an_error() -> None:
    with pytest.raises(KeyError, match="more"):
        as_data(Post("me", Caption("글", ())), {name: text for name, text in WORDS.items() if name != "more"})


# -- the counters ---------------------------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("characters", "said", "level"),
    [
        (1_979, "", "ok"),
        (1_980, " · <near>", "near"),
        (MAX_CHARACTERS, " · <full>", "near"),
        (MAX_CHARACTERS + 1, " · <over>", "over"),
    ],
)
def test_characters_warn_from_ninety_percent_and_alarm_beyond_the_limit(characters: int, said: str, level: str) -> None:
    assert counters(Caption("가" * characters, ()))[f"<characters> {characters:,} / 2,200{said}"] == level


def test_characters_are_judged_by_utf16_units_and_shown_as_people_count() -> None:
    assert counters(Caption("🍂" * 1_101, ()))["<characters> 1,101 / 2,200 · <over> · <twice>"] == "over"


def test_a_sixth_hashtag_alarms_and_the_fifth_does_not() -> None:
    tags = [f"#tag{n}" for n in "abcdef"]
    assert counters(Caption.from_fields("글", " ".join(tags)))[f"<hashtags> 6 / {MAX_HASHTAGS} · <over>"] == "over"
    assert counters(Caption.from_fields("글", " ".join(tags[:5])))[f"<hashtags> 5 / {MAX_HASHTAGS}"] == "ok"


def test_mentions_are_counted_only_where_there_are_any() -> None:
    assert not any("<mentions>" in text for text in counters(Caption("글", ())))
    assert counters(Caption("@a " * 21, ()))[f"<mentions> 21 / {MAX_MENTIONS} · <over>"] == "over"


# -- the picture ----------------------------------------------------------------------------------------------------


def encoded(picture: Image.Image, kind: str = "PNG", **options: object) -> bytes:
    file = io.BytesIO()
    picture.save(file, kind, **options)
    return file.getvalue()


def decoded(url: str | None) -> Image.Image:
    assert url is not None
    head, _, body = url.partition(",")
    assert head == "data:image/jpeg;base64"
    return Image.open(io.BytesIO(base64.b64decode(body)))


@pytest.mark.parametrize("kind", post_preview.MAX_PIXELS)
def test_a_picture_becomes_a_jpeg_of_at_most_720_pixels(kind: str) -> None:
    picture = decoded(image_data_url(encoded(Image.new("RGB", (3_000, 1_500), "orange"), kind)))
    assert (picture.format, picture.size) == ("JPEG", (720, 360))


def test_a_small_picture_is_not_blown_up() -> None:
    assert decoded(image_data_url(encoded(Image.new("RGB", (40, 30))))).size == (40, 30)


def test_a_picture_taken_sideways_stands_upright_and_says_nothing_about_its_place() -> None:
    exif = Image.Exif()
    exif[0x0112] = 6  # Orientation: turn by 90 degrees, as telephones write it
    exif.get_ifd(0x8825)[1] = "N"  # GPSLatitudeRef
    picture = decoded(image_data_url(encoded(Image.new("RGB", (200, 100)), "JPEG", exif=exif)))
    assert picture.size == (100, 200)
    assert not picture.getexif()


@pytest.mark.parametrize("mode", ["RGBA", "LA", "P", "L", "1", "CMYK", "I;16"])
def test_every_kind_of_pixels_is_taken(mode: str) -> None:
    kind = "JPEG" if mode == "CMYK" else "PNG"
    assert decoded(image_data_url(encoded(Image.new(mode, (8, 8)), kind))).mode == "RGB"


def test_a_phones_file_of_two_pictures_shows_the_first() -> None:
    first, second = Image.new("RGB", (1_200, 1_500), "orange"), Image.new("RGB", (300, 375), "blue")
    picture = decoded(image_data_url(encoded(first, "MPO", save_all=True, append_images=[second])))
    assert picture.size == (576, 720)
    red, _, blue = picture.getpixel((5, 5))  # type: ignore[misc]
    assert red > blue


@pytest.mark.parametrize("brand", [b"heic", b"heix", b"mif1"])
def test_a_picture_of_an_iphone_is_recognised(brand: bytes) -> None:
    upload = b"\0\0\0\x18ftyp" + brand + b"\0" * 200
    assert image_data_url(upload) is None
    assert post_preview.is_heic(upload)
    assert not post_preview.is_heic(encoded(Image.new("RGB", (8, 8))))


def test_transparency_turns_white() -> None:
    clear = Image.new("RGBA", (8, 8), (255, 0, 0, 0))
    assert decoded(image_data_url(encoded(clear))).getpixel((4, 4)) == (255, 255, 255)


@pytest.mark.parametrize(
    "upload",
    [
        b"",
        b"not a picture",
        b"<svg xmlns='http://www.w3.org/2000/svg'><script>alert(1)</script></svg>",
        b"%PDF-1.7",
        encoded(Image.new("RGB", (64, 64)), "EPS"),
        encoded(Image.new("RGB", (64, 64)))[:-40],
    ],
    ids=["nothing", "text", "svg", "pdf", "eps", "cut"],
)
def test_what_is_no_picture_gives_none(upload: bytes) -> None:
    assert image_data_url(upload) is None


@pytest.mark.parametrize("side", [5_001, 10_000, 20_000], ids=["ours", "pillow-warns", "pillow-refuses"])
def test_a_picture_that_would_unpack_to_gigabytes_gives_none(side: int) -> None:
    bomb = encoded(Image.new("1", (side, side)), optimize=False, compress_level=1)
    assert len(bomb) < 1_000_000
    assert image_data_url(bomb) is None


def test_broken_files_give_a_picture_or_none_and_never_an_error() -> None:
    chance = random.Random(20261122)
    noise = Image.frombytes("RGB", (48, 48), chance.randbytes(48 * 48 * 3))
    read = 0
    for kind in post_preview.MAX_PIXELS:
        whole = encoded(noise, kind)
        for _ in range(150):
            broken = bytearray(whole)
            for _ in range(chance.randint(1, 8)):
                broken[chance.randrange(min(len(broken), 400))] = chance.randrange(256)
            read += image_data_url(bytes(broken)) is not None
    assert 0 < read < 150 * len(post_preview.MAX_PIXELS)


def test_a_picture_is_not_sent_with_every_piece_of_text(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(st, "session_state", {})
    url = "data:image/jpeg;base64,AAAA"
    writing = Post("me", Caption("글", ()), state="writing", image=url)
    sent = [post_preview._picture(writing, "key") for _ in range(10)]
    assert [one["url"] for one in sent if one] == [url] * 3 + [None] * 7
    assert all(a == b for a, b in pairwise(one["id"] for one in sent if one))
    done = post_preview._picture(Post("me", Caption("글", ()), image=url), "key")
    assert done is not None
    assert done["url"] == url
