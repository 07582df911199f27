"""Whether a word in Latin letters and one in Hangul name the same thing: macaron and 마카롱, deposit and 보증금.

Many words of Korean shops are loans, whose consonants are heard alike in both writings; the others stand in a list.
"""

from __future__ import annotations

import re
import unicodedata
from functools import lru_cache

_WORDS = """
adult 성인 어른 대인 | child 어린이 소인 아동 | kid 어린이 소인 아이 | teen 청소년 | student 학생 | senior 경로
people 인원 정원 | person 인원 | guest 인원 정원 손님 | room 객실 방 | breakfast 조식 | lunch 점심 | dinner 저녁
parking 주차 | shipping 배송 배송비 | delivery 배송 배송비 배달 배달팁 | deposit 보증금 예약금
entry 입장료 입장 입장권 | admission 입장료 입장 입장권 | ticket 입장권 관람권 | pass 이용권 입장권
voucher 이용권 상품권 | bread 빵 식빵 | loaf 식빵 | strawberry 딸기 | apple 사과 | tangerine 귤 감귤
peach 복숭아 | potato 감자 | rice 쌀 밥 | beef 소고기 한우 | pork 돼지고기 | chicken 닭 | egg 달걀 계란
flower 꽃 | bouquet 꽃다발 | basket 바구니 꽃바구니 | tea 차 | artist 작가 | author 작가 | writer 작가
painter 화가 작가 | book 책 | seat 좌석 | stall 부스 | class 수업 강의 강좌 | lesson 수업 강습 | teacher 강사
instructor 강사 | trainer 강사 | haircut 커트 컷 | dye 염색 | coloring 염색 | bath 목욕 | grooming 미용
glove 장갑 | dress 원피스 | sock 양말 | shoe 신발 | soap 비누 | bottle 병 | noodle 국수 면 | soup 국 탕
dumpling 만두 | beer 맥주 | show 공연 | performance 공연 | song 곡 | photo 사진 | dog 강아지 소형견 | cat 고양이
session 수업 회 | day 일일권 | staff 직원 | dish 요리 | stone 스톤 | tree 나무 | plant 식물 화분 | refill 리필
oyster 굴 | shrimp 새우 | fish 생선 | cabbage 배추 | honey 꿀 | jam 잼 | oil 오일 기름 | salt 소금 | snack 간식
meal 끼 식사 | cushion 방석 | latte 라떼 | croissant 크루아상 크로와상 | tart 타르트 | booth 부스 | coat 코트
member 회원
tasting 시음
"""
_SAME = {
    latin: frozenset(hangul)
    for entry in re.split(r"[|\n]", _WORDS)
    if entry.strip()
    for latin, *hangul in [entry.split()]
}

_INITIALS = {
    letter: sound
    for sound, letters in (
        ("k", "ᄀᄁᄏ"), ("n", "ᄂ"), ("t", "ᄃᄄᄐ"), ("l", "ᄅ"), ("m", "ᄆ"),
        ("p", "ᄇᄈᄑ"), ("s", "ᄉᄊᄌᄍᄎ"), ("h", "ᄒ"),
    )
    for letter in letters
}  # fmt: skip
_FINALS = {
    letter: sound
    for sound, letters in (("k", "ᆨᆩᆿ"), ("n", "ᆫᆼ"), ("t", "ᆮᆺᆻᆽᆾᇀ"), ("l", "ᆯ"), ("m", "ᆷ"), ("p", "ᆸᇁ"))
    for letter in letters
}
_SPELLINGS = tuple(
    (re.compile(pattern), sound)
    for pattern, sound in (
        (r"(.)\1", r"\1"), ("ph", "p"), ("ch|sh|tch", "s"), ("ck|qu?", "k"), ("x", "ks"), ("dg", "s"), ("th", "t"),
        ("ng", "n"), ("c(?=[eiy])|g(?=e$)", "s"), ("[cg]", "k"), ("[jz]", "s"), ("[fvb]", "p"), ("d", "t"),
        ("r(?![aeiouy])", ""), ("r", "l"), ("(?<!^)h", ""), ("[^kntlmpsh]", ""),
    )
)  # fmt: skip


@lru_cache(maxsize=4096)
def same(word: str, other: str) -> bool:
    """Whether two words, one of them in Latin letters, name the same; 카페라떼 is a latte, and so are two lattes."""
    latin, hangul = (word.lower(), other) if word.isascii() else (other.lower(), word)
    if latin.isascii() and hangul.isascii():
        return not set(_singulars(latin)).isdisjoint(_singulars(hangul.lower()))
    if not latin.isascii():
        return False
    if any(
        hangul == each or (len(each) > 1 and hangul.endswith(each))
        for form in _singulars(latin)
        for each in _SAME.get(form, ())
    ):
        return True
    heard = _of_hangul(hangul)
    return any(
        heard == sounds or (len(sounds) > _SHORT and heard.endswith(sounds))
        for sounds in map(_of_latin, _singulars(latin))
        if len(sounds) >= _SHORT
    )


_SHORT = 2
"""So many consonants are few: a word that has no more must be the whole other word."""


def _singulars(word: str) -> list[str]:
    ends = ("ies", "y"), ("es", ""), ("s", "")
    return [word, *(word.removesuffix(end) + instead for end, instead in ends if word.endswith(end))]


@lru_cache(maxsize=2048)
def _of_hangul(word: str) -> str:
    """The consonants of a word in Hangul, those twice in a row once: 필라테스 is plts."""
    letters = unicodedata.normalize("NFD", word)
    return re.sub(r"(?<=[a-z])(?:ll)", "l", "".join(_heard(letters)))


def _heard(letters: str) -> list[str]:
    heard, final = list[str](), ""
    for letter in letters:
        if sound := _FINALS.get(letter):
            heard.append(sound)
            final = sound
        elif letter in _INITIALS:
            if _INITIALS[letter] != final:
                heard.append(_INITIALS[letter])
            final = ""
        elif letter == "ᄋ":
            final = ""
    return heard


@lru_cache(maxsize=2048)
def _of_latin(word: str) -> str:
    """The consonants of a word in Latin letters as Korean hears them: a latte is lt, a burger pk."""
    for spelling, sound in _SPELLINGS:
        word = spelling.sub(sound, word)
    return word
