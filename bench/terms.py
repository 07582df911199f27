"""Sample rows with words of which it is known how often a search finds them, by their number of syllables.

Counted are rows whose caption, product, ad copy or store holds the word, also inside a longer one.
"""

from __future__ import annotations

from lib.demo.samples.rows import Rows
from lib.demo.samples.texts import Texts

FREQUENT_SHARE = 0.2
"""At least this share of any thousands of rows holds each word of :data:`FREQUENT`."""
MEDIUM_SHARE = 0.01
"""About this share holds each word of :data:`MEDIUM`, and each row at most one of them."""
RARE_EVERY = 200_000
"""One row in each so many holds a word of :data:`RARE`, the first within the first hundred: five in a million."""

FREQUENT = {1: "날", 2: "오늘", 3: "천천히", 5: "기다릴게요"}
MEDIUM = {1: "붓", 2: "자몽", 3: "무화과", 5: "캐모마일티"}
RARE = {1: "녘", 2: "너울", 3: "달무리", 5: "라벤더소금"}
ABSENT = {1: "뮹", 2: "곰솥", 3: "은여우", 5: "코끼리마늘"}

FREQUENT_TAG = "#오늘의기록"
"""The tag itself: captions also carry longer ones that begin like it. The shares are those of the words."""
MEDIUM_TAG = "#주말나들이"
RARE_TAG = "#골목지도"
ABSENT_TAG = "#은하수정거장"

SENTENCES: dict[str, tuple[str, ...]] = {
    "날": ("좋은 날에는 좋은 것을 나눠요.", "이런 날, 한 번쯤 있어도 되잖아요.", "특별하지 않은 날에 더 어울려요."),
    "오늘": ("오늘 하루도 수고 많으셨어요.", "오늘 준비한 수량은 여기까지예요.", "오늘만큼은 나를 먼저 챙겨요."),
    "천천히": ("서두르지 말고 천천히 둘러보세요.", "천천히, 그래서 더 오래 남아요.", "급할 것 없이 천천히 만들었어요."),
    "기다릴게요": ("늘 같은 자리에서 기다릴게요.", "불 켜 두고 기다릴게요.", "편한 시간에 오세요, 기다릴게요."),
    "붓": ("붓으로 한 획씩 그은 무늬예요.", "마지막은 가는 붓으로 마무리했어요."),
    "자몽": ("자몽 한 조각을 곁들였어요.", "자몽처럼 쌉싸름한 끝을 좋아해요."),
    "무화과": ("무화과가 익는 계절이에요.", "말린 무화과를 함께 담았어요."),
    "캐모마일티": ("따뜻한 캐모마일티를 함께 내어 드려요.", "캐모마일티 한 잔처럼 순해요."),
    "녘": ("동틀 녘에 문을 열어요.",),
    "너울": ("너울 치는 바다를 닮은 무늬예요.",),
    "달무리": ("달무리 지던 밤에 떠올린 이름이에요.",),
    "라벤더소금": ("라벤더소금을 한 꼬집 올렸어요.",),
}
"""The sentences that bring each word into a caption."""

_FREQUENT = [SENTENCES[word] for word in FREQUENT.values()]
_MEDIUM = [SENTENCES[word] for word in MEDIUM.values()]
_RARE = {10 + 10 * at: SENTENCES[word][0] for at, word in enumerate(RARE.values())}
_RARE_TAG_AT = 50


class SearchedRows(Rows):
    """Sample rows that hold the words and tags above as often as their shares say."""

    def more(self, number: int, drawn: int) -> tuple[list[str], Texts]:
        """The sentences and tags of one row that bring a searched word or tag into it."""
        sentences = [
            among[drawn % len(among)] for bit, among in enumerate(_FREQUENT) if (drawn >> (4 + 4 * bit)) & 15 < 4
        ]
        at = number % RARE_EVERY
        tags: Texts = ()
        if at in _RARE:
            sentences.append(_RARE[at])
        share = drawn % 100
        if share < len(_MEDIUM):
            among = _MEDIUM[share]
            sentences.append(among[(drawn >> 8) % len(among)])
        elif share < 30:
            tags = (FREQUENT_TAG,)
        elif share == 30:
            tags = (MEDIUM_TAG,)
        return sentences, (RARE_TAG,) if at == _RARE_TAG_AT else tags
