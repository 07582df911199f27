"""Words and captions in both languages, for the preview to show and its tests to look for."""

KOREAN = {
    "label": "인스타그램 게시물 미리보기",
    "empty": "브리프를 채우고 ‘캡션 쓰기’를 누르면 여기에 게시물이 보입니다.",
    "picture": "올린 사진",
    "more": "더 보기",
    "less": "접기",
    "folded_here": "점선까지 보입니다",
    "parked": "해시태그는 다섯 개까지라 이것들은 빼 두었습니다.",
    "characters": "글자",
    "hashtags": "해시태그",
    "mentions": "언급",
    "near": "한도에 가까움",
    "full": "한도에 닿음",
    "over": "한도 초과",
    "twice": "이모지는 2자",
    "copy_caption": "캡션 복사",
    "copy_tags": "해시태그 복사",
    "copy_both": "모두 복사",
    "copy_link": "링크 복사",
    "copied": "복사됨",
    "copy_failed": "복사하지 못했습니다. 글을 직접 선택해 복사해 주세요.",
}
ENGLISH = {
    "label": "Preview of the Instagram post",
    "empty": "Fill in the brief and press “Write caption”: the post appears here.",
    "picture": "Uploaded picture",
    "more": "more",
    "less": "less",
    "folded_here": "shown down to the dashes",
    "parked": "Instagram takes five hashtags, so these were set aside.",
    "characters": "Characters",
    "hashtags": "Hashtags",
    "mentions": "Mentions",
    "near": "close to the limit",
    "full": "at the limit",
    "over": "over the limit",
    "twice": "an emoji counts as two",
    "copy_caption": "Copy caption",
    "copy_tags": "Copy hashtags",
    "copy_both": "Copy both",
    "copy_link": "Copy link",
    "copied": "Copied",
    "copy_failed": "Copying did not work. Select the text and copy it yourself.",
}
KOREAN_TEXT = """가을이 한 모금 들어왔어요 🍂

성수동 골목에서 매일 아침 직접 볶은 원두로 내린 고구마 라떼. 달콤함은 밤고구마 그대로, 시럽은 넣지 않았습니다.
오늘 퇴근길, 따뜻한 한 잔으로 하루를 내려놓고 가세요. @seongsu.coffee 에서 기다릴게요.

📍 성수역 3번 출구에서 걸어서 4분"""
KOREAN_TAGS = ["성수카페", "고구마라떼", "가을신메뉴", "성수동데이트", "카페스타그램"]
ENGLISH_TEXT = """Autumn just walked in, and it ordered the sweet potato latte 🍂

Roasted this morning, poured slowly, and sweetened by nothing but the potato itself. Stop by on your way home: \
the window seat is yours and @seongsu.coffee keeps it warm.

Four minutes on foot from Seongsu station, exit 3."""
ENGLISH_TAGS = ["seongsucafe", "sweetpotatolatte", "autumnmenu", "seoulcoffee", "latteart"]

MARKUP = '<img src="https://example.invalid/a.png" onerror="document.title=\'pwned\'"> **bold** <b>b</b> &lt; #태그<i>'
