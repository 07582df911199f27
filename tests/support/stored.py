"""What the tables hold by now, and a brief as a person types it."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

Sql = Callable[..., list[tuple[Any, ...]]]
TYPED = {
    "product_description": "저온에서 하루 숙성한 통밀 식빵. 속이 편하고 고소해요.",
    "refined_ad_copy_eng": "Slow mornings, warm bread.",
    "tone_style": "차분하지만 다정하게",
    "store_information": "연남동 골목의 작은 빵집 '온기'",
    "gpt_prompt": "짧은 문장으로, 마지막 줄은 질문으로.",
}


def texts(as_owner: Sql, feed_id: Any) -> tuple[Any, ...]:
    return as_owner("SELECT instagram_ad_copy, hashtags FROM instagram_feeds WHERE instagram_feed_id = %s", feed_id)[0]


def feeds(as_owner: Sql, columns: str) -> list[tuple[Any, ...]]:
    return as_owner(f"SELECT {columns} FROM instagram_feeds ORDER BY pk")


def recorded(as_owner: Sql) -> int:
    return int(as_owner("SELECT count(*) FROM studio_generations")[0][0])
