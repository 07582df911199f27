"""The language that was asked for, one level of speech, no traces of code."""

import pytest

from lib.domain.findings import language


def codes(text: str, asked: str | None = "ko", **more: str) -> list[tuple[str, str]]:
    return [(finding.code, finding.text) for finding in language.check(text, asked, **more)]


@pytest.mark.parametrize(
    ("text", "mended", "kinds"),
    [
        ("**갓 구운** 빵", "갓 구운 빵", ("markdown",)),
        ("## 오늘의 빵\n식빵", "오늘의 빵\n식빵", ("markdown",)),
        ("빵\\n우유", "빵\n우유", ("code_break",)),
        ("빵 &amp; 우유 &#39;온기&#39;", "빵 & 우유 '온기'", ("html",)),
        ("빵<br>우유 <b>온기</b>", "빵\n우유 온기", ("html",)),
        ("```\n`갓 구운` 빵\n```", "갓 구운 빵\n", ("markdown",)),
        ("빵 5 * 3 = 15, * 별도\n* 하나\n- 둘 #식빵 A&B", "빵 5 * 3 = 15, * 별도\n* 하나\n- 둘 #식빵 A&B", ()),
        ("__새벽 4시__에 쪄요", "새벽 4시에 쪄요", ("markdown",)),
        ("__init__ snake_case_name", "init snake_case_name", ("markdown",)),
        ("> 예약은 프로필\n>> 문의는 DM\n>_< 5>3 -> 끝", "예약은 프로필\n문의는 DM\n>_< 5>3 -> 끝", ("markdown",)),
        ('빵 &rarr; \\"우유\\"<!-- 메모 --> R&D; &cafe;', '빵 → "우유" R&D; &cafe;', ("html",)),
        ("***특가*** *오늘만* 드려요", "특가 오늘만 드려요", ("markdown",)),
        (
            "2*3*4, 가격* 별도* *:. 신상 .:* ~~오픈~~ 와~~2개~~",
            "2*3*4, 가격* 별도* *:. 신상 .:* ~~오픈~~ 와~~2개~~",
            (),
        ),
    ],
)
def test_traces_of_code_are_mended_where_they_can_mean_one_thing_only(
    text: str, mended: str, kinds: tuple[str, ...]
) -> None:
    assert language.mended(text) == (mended, kinds)
    assert [code for code, _ in codes(mended)] == []


@pytest.mark.parametrize(
    ("text", "trace"),
    [
        ("~~9,000원~~ 6,500원", "~~9,000원~~"),
        ("메뉴 | 가격\n---|---\n라떼 | 5,000원", "---|---"),
        ("- [x] 라떼", "- [x]"),
    ],
)
def test_traces_that_may_mean_several_things_are_found_and_stay(text: str, trace: str) -> None:
    assert codes(text) == [("markdown", trace)]
    assert language.mended(text) == (text, ())


def test_a_caption_in_another_language_is_found() -> None:
    assert codes("This is an English caption that was written for you today")[0][0] == "other_language"
    assert codes("오늘은 정말 맛있는 빵이 나왔어요. 들러 주세요", "en")[0][0] == "other_language"
    assert codes("오늘은 정말 맛있는 빵이 나왔어요. 들러 주세요", None) == []


def test_half_a_caption_in_another_language_is_found_in_its_place() -> None:
    text = "오늘도 따뜻한 빵이 나왔어요.\n골목 끝 작은 빵집에서 만나요.\nCome and taste our new bread today, friends."
    assert codes(text) == [("other_sentence", "Come and taste our new bread today, friends.")]
    assert codes(text, brief="come and taste our new bread today, friends") == [], "the brief's own English line"


@pytest.mark.parametrize(
    ("text", "asked", "run"),
    [
        ("We bake 매일 아침 정성껏 구운 빵을 for you", "en", "매일 아침 정성껏 구운 빵을"),
        ("저희는 freshly baked bread every single morning 준비해요", "ko", "freshly baked bread every single morning"),
        ("오늘은 it's warm and we're so happy 문 열어요", "ko", "it's warm and we're so happy"),
    ],
)
def test_words_of_another_language_within_a_sentence_are_found(text: str, asked: str, run: str) -> None:
    assert codes(text, asked) == [("other_sentence", run)]
    assert codes(text, asked, brief=f"우리 {run} 이야기") == [], "the brief's own words"


@pytest.mark.parametrize(
    ("text", "asked"),
    [
        ("Slow Morning 통밀 식빵 NEW OPEN!", "ko"),
        ("“Life is short, eat dessert first.”\n오늘의 디저트는 몽블랑이에요", "ko"),
        ("Ongi Bakery\n따뜻한 식빵이 나왔어요", "ko"),
        ("Fresh 통밀 식빵 from Yeonnam-dong today", "en"),
    ],
)
def test_names_and_short_lines_in_another_language_are_none(text: str, asked: str) -> None:
    assert codes(text, asked) == []


@pytest.mark.parametrize("text", ["맛있는的 빵", "빵 おいしい", "прият 빵", "นม 우유"])
def test_stray_scripts_are_found(text: str) -> None:
    assert [code for code, _ in codes(text)] == ["stray_script"]


@pytest.mark.parametrize("text", ["新메뉴", "(´・ω・`) 좋아요", "ㅋㅋㅋ 빵", "카페 café", "温 빵"])
def test_faces_and_signs_of_headlines_are_no_stray_scripts(text: str) -> None:
    assert codes(text, brief="温 빵집") == []


@pytest.mark.parametrize(
    ("text", "mark"),
    [
        ("오늘도 구웠어요. 맛있어요. 정말 좋습니다.", "정말 좋습니다"),
        ("오늘도 구웠어요. 같이 먹자!", "같이 먹자"),
        ("빵을 굽습니다. 매일 새벽 시작합니다. 놀러 와 줘", "놀러 와 줘"),
        ("오늘도 구웠어요. 곧 만나요. 기다릴게", "기다릴게"),
        ("오늘도 구웠어요. 새 메뉴도 만들었어!", "새 메뉴도 만들었어"),
    ],
)
def test_mixed_levels_of_speech_are_found(text: str, mark: str) -> None:
    assert codes(text) == [("mixed_speech", mark)]


@pytest.mark.parametrize(
    "text",
    [
        "안녕하세요! 감사합니다. 또 오세요.",
        "오늘 뭐 먹지? 이 집이에요.",
        "겨울이 왔다. 따뜻한 빵을 구웠어요.",
        "“먹어 봐”라고 말해 주세요.",
        "오늘의 재료는 털게\n바로 쪄 드려요.",
        "통밀 식빵\n500g\n연남동 골목",
        "정말 좋습니다. 맛있어요.",
        "통밀 식빵을 소개합니다. 고소해요. 부드러워요. 든든해요.",
        "빵을 굽습니다. 매일 굽습니다. 들러 주세요. 어떠세요?",
    ],
)
def test_what_may_stand_side_by_side_is_not_marked(text: str) -> None:
    assert codes(text) == []


def test_polite_speech_where_the_tone_asks_for_plain_speech_is_found() -> None:
    assert codes("오늘은 빵을 구웠어요.", tone="반말로 친근하게") == [("speech_not_asked", "오늘은 빵을 구웠어요")]
    assert codes("오늘은 빵을 구웠어. 놀러 와 줘!", tone="반말로 친근하게") == []
    assert codes("오늘은 빵을 구웠어요.", tone="반말 금지, 존댓말로") == []


@pytest.mark.parametrize(
    ("text", "tone", "level"),
    [
        ("왔어요. 추천해요.", "합쇼체로", "polite"),
        ("왔습니다. 좋습니다.", "해요체로 써 주세요", "formal"),
        ("왔습니다. 좋습니다.", "친근한 반말", "formal"),
    ],
)
def test_another_level_of_speech_than_asked_is_found(text: str, tone: str, level: str) -> None:
    (finding,) = language.check(text, "ko", tone=tone)
    assert (finding.code, finding.params["level"]) == ("speech_not_asked", level)


def test_a_request_and_a_question_are_in_polite_speech_too() -> None:
    assert codes("[공지] 오늘은 쉽니다. 내일 만나요!", tone="해요체") == []
    assert codes("빵입니다! 맛있죠?", tone="해요체") == []


def test_where_several_levels_of_speech_are_asked_for_each_is_right() -> None:
    assert codes("빵이 나왔어요. 맛있어요.", tone="해요체와 합쇼체를 섞어서") == []


@pytest.mark.parametrize(
    ("written", "meant"),
    [
        ("```라떼```", "라떼"),
        ("\\ud83c\\udf53 딸기", "🍓 딸기"),
        ("\\u2764 라떼 &hearts;", "❤ 라떼 ♥"),
        ("\\ud83c 딸기", "\\ud83c 딸기"),
    ],
)
def test_a_character_written_as_code_is_mended_and_no_word_is_lost(written: str, meant: str) -> None:
    assert language.mended(written)[0] == meant


def test_a_greek_letter_that_is_a_sign_is_no_stray_script() -> None:
    assert list(language.check("1+α 혜택이에요", "ko")) == []


def test_a_set_phrase_of_a_notice_is_no_other_level_of_speech() -> None:
    assert codes("오늘도 수고했어요. 내일은 쉽니다. 모레 봬요!") == []


def test_chinese_before_a_korean_ending_is_no_sign_of_a_menu() -> None:
    assert codes("大 사이즈, 小 사이즈예요") == []
    assert codes("라구 파스타는 정말 美味해요") == [("stray_script", "美味")]


@pytest.mark.parametrize("plain", ["이번 주말엔 꼭 와", "이 맛, 알지"])
def test_a_request_and_a_tag_question_in_plain_speech_stand_beside_polite_ones(plain: str) -> None:
    mark = "?" if plain.endswith("지") else "."
    assert codes(f"딸기가 왔어요. {plain}{mark} 기다릴게요!") == [("mixed_speech", plain)]
    assert codes("강아지? 휴지? 딸기가 왔어요. 기다릴게요!") == []


@pytest.mark.parametrize(
    ("text", "mark"),
    [
        ("매일 볶아요. 뒷맛이 깔끔하다. 산미는 낮아요.", "뒷맛이 깔끔하다"),
        ("딸기가 왔어요. 겨울엔 역시 붕어빵이다. 놀러 오세요.", "겨울엔 역시 붕어빵이다"),
        ("어제는 쉬었습니다. 오늘은 다시 연다. 많이 찾아 주십시오.", "오늘은 다시 연다"),
        ("추운 날엔 따뜻해. 라떼가 나왔어요. 기다릴게요.", "추운 날엔 따뜻해"),
        ("라떼가 나왔어요. 어서 와! 기다릴게요.", "어서 와"),
        ("라떼가 나왔어요. 많이 기다렸지? 기다릴게요.", "많이 기다렸지"),
        ("라떼가 나왔어요. 한 잔 마실래? 기다릴게요.", "한 잔 마실래"),
        ("라떼가 나왔어요. 이 맛 실화냐? 기다릴게요.", "이 맛 실화냐"),
        ("라떼가 나왔어요. 한 잔 하고 가렴. 기다릴게요.", "한 잔 하고 가렴"),
    ],
)
def test_a_narrative_or_plain_sentence_beside_polite_ones_is_found(text: str, mark: str) -> None:
    assert codes(text) == [("mixed_speech", mark)]


@pytest.mark.parametrize(
    "text",
    [
        "새벽에 문을 연다. 반죽을 치댄다. 오늘도 굽는다.\n지금 만나 보세요.",
        "새벽까지 튀겨요. 야식은 우리가 지킨다",
        "딸기를 골라요. 마음을 전하다. 온기 카페예요.",
        "온기예요. 부산 바다. 시원한 사이다. 아기 판다. 원두는 우간다. 만나요.",
        "딸기가 왔어요. 진짜 맛있다! 소리가 절로 나와요.",
        "작년엔 뭐라고 했더라… 올해는 진짜예요. 등록하세요.",
        "오늘은 라자냐? 강아지? 말린 빨래. 지중해. 값은 저렴. 다 준비했어요.",
    ],
)
def test_a_headline_a_slogan_an_exclamation_and_a_noun_are_no_other_level_of_speech(text: str) -> None:
    assert codes(text) == []


@pytest.mark.parametrize(
    "text",
    [
        "향이 좋아\n자꾸 찾게 돼요. 들러 주세요.",
        "정말 맛있어\n보여요. 들러 주세요.",
        "선물로 챙겨\n드려요. 말씀해 주세요.",
        "마음이 편안해\n자주 와요. 조용해요.",
    ],
)
def test_a_line_that_goes_on_in_the_next_is_no_other_level_of_speech(text: str) -> None:
    assert codes(text) == []
    assert codes(text.replace("\n", "\n\n")) == [("mixed_speech", text.partition("\n")[0])]


@pytest.mark.parametrize(
    ("text", "asked", "brief", "line"),
    [
        (
            "Warm bread today.\n📍 연남로 12, 매일 10시-21시, 월요일 휴무",
            "en",
            "연남로 12, 매일 10시-21시, 월요일 휴무",
            "월요일",
        ),
        (
            "식빵이 나왔어요.\nopen daily from ten, closed on Mondays",
            "ko",
            "open daily from ten, closed on Mondays",
            "daily",
        ),
    ],
)
def test_hours_and_days_off_are_told_in_the_language_of_the_caption(
    text: str, asked: str, brief: str, line: str
) -> None:
    ((code, found),) = codes(text, asked, brief=brief)
    assert code == "other_sentence"
    assert line in found


def test_an_address_and_a_name_of_the_brief_stay_as_they_are() -> None:
    brief = "서울 마포구 연남로 12 온기베이커리"
    assert codes(f"Warm bread today.\n📍 {brief}", "en", brief=brief) == []
