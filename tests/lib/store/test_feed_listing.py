"""What is listed, found and counted: every writer's rows, and only the tenant's own."""

from __future__ import annotations

import dataclasses
import datetime as dt
import importlib
import random
import re
import unicodedata
import uuid
from collections.abc import Callable, Iterator
from typing import Any

import pytest
from sqlalchemy.exc import ProgrammingError

from lib.domain.cursor import Cursor
from lib.domain.feed_filter import LIVE, FeedFilter, WeekHour, found_by
from lib.domain.hashtags import visible
from lib.domain.search.terms import term
from lib.store import feed_listing, feed_states, feeds
from lib.store.database import Database
from tests.conftest import InsertBySql
from tests.support.hashtags import CAPTIONS, FIELDS

AsOwner = Callable[..., list[tuple[Any, ...]]]
START = dt.datetime(2026, 11, 1, tzinfo=dt.UTC)


def found(
    database: Database, wanted: FeedFilter | None = None, tenant: str = "acme", **options: Any
) -> feed_listing.Page:
    with database.tenant(tenant) as db:
        return feed_listing.page(db, tenant, wanted or FeedFilter(status=LIVE), **options)


def ids(database: Database, tenant: str = "acme", **wanted: Any) -> list[uuid.UUID]:
    return [one.feed_id for one in found(database, FeedFilter(**wanted), tenant, limit=50).rows]


def counted(database: Database, tenant: str = "acme", **wanted: Any) -> int | None:
    with database.tenant(tenant) as db:
        return feed_listing.count(db, tenant, FeedFilter(**wanted))


# -- the list ---------------------------------------------------------------------------------------------------------


def test_rows_of_other_programs_are_listed_newest_first(database: Database, insert_by_sql: InsertBySql) -> None:
    made = [insert_by_sql(created_at=START + dt.timedelta(hours=hour)) for hour in range(5)]
    page = found(database)
    assert [one.feed_id for one in page.rows] == made[::-1]
    assert {(one.source, one.status, one.favourite, one.sample) for one in page.rows} == {(None, "draft", False, False)}
    assert (page.newer, page.older) == (None, None)


@pytest.mark.parametrize(("named", "told"), [("acme", 1), ("other", 0)])
def test_not_even_ids_are_found_for_a_team_that_the_transaction_has_not_named(
    database: Database, insert_by_sql: InsertBySql, named: str, told: int
) -> None:
    insert_by_sql()
    by_sql = "SELECT * FROM studio_find_feeds('acme', '{live}', '{}', NULL, NULL, NULL, NULL, NULL, NULL, false, 9)"
    with database.tenant(named) as db:
        assert len(db.exec_driver_sql(by_sql).all()) == told


def test_counts_in_the_raw_answer_alone_are_listed(database: Database, insert_by_sql: InsertBySql) -> None:
    insert_by_sql(token_usage=None, gpt_response_raw={"usage": {"input_tokens": 3, "output_tokens": 4}})
    [row] = found(database).rows
    assert row.token_usage == {"input_tokens": 3, "output_tokens": 4}


def test_another_tenants_rows_are_not_listed(database: Database, insert_by_sql: InsertBySql) -> None:
    insert_by_sql(tenant_id="other")
    assert found(database).rows == []
    with database.tenant("other") as db:  # naming a tenant is not being it
        assert feed_listing.page(db, "acme", FeedFilter()).rows == []
        assert feed_listing.count(db, "acme", FeedFilter()) == 0
    with database.directory() as db:
        assert feed_listing.page(db, "other", FeedFilter()).rows == []


def test_the_apps_role_cannot_read_what_feeds_are_found_by(database: Database, insert_by_sql: InsertBySql) -> None:
    insert_by_sql()
    with pytest.raises(ProgrammingError, match="permission denied"), database.tenant("acme") as db:
        db.exec_driver_sql("SELECT body FROM studio_feed_index")


def test_pages_neither_skip_nor_repeat_while_others_insert(database: Database, insert_by_sql: InsertBySql) -> None:
    same = START  # many at one instant: the id decides
    made = {insert_by_sql(created_at=same if n % 3 else START + dt.timedelta(minutes=n)) for n in range(25)}
    seen, after = list[uuid.UUID](), None
    while True:
        page = found(database, after=after, limit=7)
        seen += [one.feed_id for one in page.rows]
        insert_by_sql(created_at=START + dt.timedelta(days=1))
        after = page.older
        if after is None:
            break
    assert len(seen) == len(set(seen))
    assert made <= set(seen)


def test_pages_lead_back_the_way_they_came(database: Database, insert_by_sql: InsertBySql) -> None:
    for n in range(10):
        insert_by_sql(created_at=START + dt.timedelta(minutes=n))
    first = found(database, limit=4)
    second = found(database, after=first.older, limit=4)
    third = found(database, after=second.older, limit=4)
    assert (first.newer, third.older) == (None, None)
    assert [len(page.rows) for page in (first, second, third)] == [4, 4, 2]
    assert found(database, before=third.newer, limit=4).rows == second.rows
    back = found(database, before=second.newer, limit=4)
    assert back.rows == first.rows
    assert (back.newer, back.older) == (None, first.older)


def test_a_row_without_a_date_comes_last_and_can_be_gone_past(database: Database, insert_by_sql: InsertBySql) -> None:
    undated = {insert_by_sql(created_at=None) for _ in range(3)}
    dated = insert_by_sql(created_at=START)
    first = found(database, limit=2)
    assert first.rows[0].feed_id == dated
    assert first.rows[1].created_at is None
    rest = found(database, after=first.older, limit=5).rows
    assert {first.rows[1].feed_id, *(one.feed_id for one in rest)} == undated
    assert ids(database, since=START - dt.timedelta(days=9_000)) == [dated]


def test_an_instant_that_no_calendar_holds_comes_last_and_stops_nobody(
    database: Database, insert_by_sql: InsertBySql
) -> None:
    dated = insert_by_sql(created_at=START)
    odd = {
        insert_by_sql(created_at=told) for told in ("infinity", "-infinity", "0044-03-15 BC", "9999-12-31 23:59:59+00")
    }
    first = found(database, limit=2)
    rest = found(database, after=first.older, limit=9).rows
    assert first.rows[0].feed_id == dated
    assert {one.feed_id for one in (*first.rows[1:], *rest)} == odd
    assert all(one.created_at is None for one in rest)
    with database.tenant("acme") as db:
        assert {one.created_at for one in feed_listing.feeds(db, "acme", FeedFilter())[0]} == {START, None}


def test_whole_rows_come_in_the_same_order(database: Database, insert_by_sql: InsertBySql) -> None:
    made = [insert_by_sql(created_at=START + dt.timedelta(hours=hour)) for hour in range(4)]
    with database.tenant("acme") as db:
        newest, following = feed_listing.feeds(db, "acme", FeedFilter(), limit=2)
        assert following == Cursor(newest[-1].created_at, newest[-1].instagram_feed_id)
        rest, end = feed_listing.feeds(db, "acme", FeedFilter(), after=following)
    assert end is None
    assert [one.instagram_feed_id for one in (*newest, *rest)] == made[::-1]


@pytest.mark.parametrize("most_bytes", [1, 7_000, 100_000])
@pytest.mark.parametrize("limit", [1, 2, 9])
def test_whole_rows_end_where_their_texts_are_enough_and_none_is_left_out(
    database: Database, insert_by_sql: InsertBySql, most_bytes: int, limit: int
) -> None:
    weeks = [START + dt.timedelta(weeks=week, minutes=minute) for week in range(3) for minute in range(3)]
    made = [insert_by_sql(created_at=at, gpt_prompt="가" * 1_000, tone_style="", gpt_response_raw={}) for at in weeks]
    hour = WeekHour(START.weekday(), 0, "UTC")
    wanted = FeedFilter(since=START, until=START + dt.timedelta(weeks=9), week_hour=hour)
    listed, sizes, after = [], [], None
    while True:
        with database.tenant("acme") as db:
            rows, after = feed_listing.feeds(
                db, "acme", wanted, after=after, limit=limit, most_bytes=most_bytes, with_answers=False
            )
        listed += [row.instagram_feed_id for row in rows]
        sizes.append(len(rows))
        if after is None:
            break
    assert listed == made[::-1]
    assert max(sizes) == min(limit, {1: 1, 7_000: 2, 100_000: 9}[most_bytes])


# -- other programs' changes ------------------------------------------------------------------------------------------


def test_what_other_programs_change_and_delete_is_followed(
    database: Database, insert_by_sql: InsertBySql, as_owner: AsOwner
) -> None:
    one, two = insert_by_sql(instagram_ad_copy="딸기 라떼"), insert_by_sql(instagram_ad_copy="녹차 빙수")
    as_owner("UPDATE instagram_feeds SET instagram_ad_copy = '군고구마' WHERE instagram_feed_id = %s", one)
    assert ids(database, text="딸기") == []
    assert ids(database, text="고구마") == [one]
    as_owner("UPDATE instagram_feeds SET tenant_id = 'other' WHERE instagram_feed_id = %s", one)
    assert (ids(database, text="고구마"), ids(database, "other", text="고구마")) == ([], [one])
    as_owner("DELETE FROM instagram_feeds WHERE instagram_feed_id = %s", two)
    assert ids(database) == []
    as_owner("TRUNCATE instagram_feeds CASCADE")
    assert as_owner("SELECT count(*) FROM studio_feed_index") == [(0,)]


def test_many_rows_in_one_statement_are_all_found(
    database: Database, insert_by_sql: InsertBySql, as_owner: AsOwner
) -> None:
    insert_by_sql()
    as_owner(
        "INSERT INTO instagram_feeds (tenant_id, refined_ad_copy_eng, tone_style, product_description,"
        " store_information, gpt_prompt, instagram_ad_copy, hashtags)"
        " SELECT CASE WHEN n % 2 = 0 THEN 'acme' ELSE 'other' END, 'a', 't', 'p', 's', 'g', '글 ' || n, '#' || n"
        " FROM generate_series(1, 100) AS n"
    )
    assert (counted(database), counted(database, "other")) == (51, 50)
    assert len(ids(database, hashtag="42")) == 1


# -- search -----------------------------------------------------------------------------------------------------------

TEXTS = {
    "bread": {
        "instagram_ad_copy": "연남동 골목의 통밀식빵\n저온에서 하루 숙성했어요",
        "product_description": "통밀 식빵",
    },
    "latte": {"instagram_ad_copy": "ICE 라떼 500ml, 50% 할인!", "store_information": "성수동 Café Étoile"},
    "flower": {"instagram_ad_copy": "꽃 한 다발 'dahlia_no1' \"오늘만\"", "refined_ad_copy_eng": "Fresh Flowers"},
    "path": {"instagram_ad_copy": r"C:\temp 백슬래시 {중괄호} %s %(x)s :name"},
}


@pytest.fixture
def texts(insert_by_sql: InsertBySql) -> dict[str, uuid.UUID]:
    plain = {"product_description": "제품", "store_information": "가게", "refined_ad_copy_eng": "copy"}
    return {
        name: insert_by_sql(**(plain | columns), created_at=START + dt.timedelta(hours=place))
        for place, (name, columns) in enumerate(TEXTS.items())
    }


@pytest.mark.parametrize(
    ("words", "expected"),
    [
        ("빵", "bread"),  # one syllable, in the middle of a word
        ("밀식", "bread"),
        ("통밀식빵", "bread"),
        ("숙성했어요", "bread"),
        ("숙성 연남", "bread"),  # each word, in any order and in any place
        ("식빵 라떼", ""),
        ("라떼", "latte"),
        ("ice", "latte"),
        ("Ice 라", "latte"),
        ("500ML", "latte"),
        ("50%", "latte"),
        ("5_0", ""),
        ("a_no", "flower"),
        ("%", "latte path"),
        ("_", "flower"),
        ("'", "flower"),
        ('"오늘', "flower"),
        ("FLOWERS", "flower"),
        ("café", "latte"),
        ("étoile", "latte"),
        (r"C:\temp", "path"),
        ("{중괄호}", "path"),
        ("%s", "path"),
        ("%(x)s", "path"),
        (":name", "path"),
        ("없는말", ""),
        ("뷁", ""),
    ],
)
def test_any_part_of_a_word_is_found(
    database: Database, texts: dict[str, uuid.UUID], words: str, expected: str
) -> None:
    assert set(ids(database, text=words)) == {texts[name] for name in expected.split()}
    assert counted(database, text=words) == len(expected.split())


SPELLINGS = {
    "spaced": "새로 나온 딸기 라떼 한 잔",
    "joined": "딸기라떼 한 잔, 6천9백 원",
    "tag": "오늘의 한 잔",
    "firm": "㈜온기가 구운 빵 6,900원",
    "wide": "ＬＡＴＴＥ ５００㎖ １＋１",
    "phone": "예약은 02-933-2828",
    "other": "달기만 한 라떼는 안녕",
}


@pytest.fixture
def spellings(insert_by_sql: InsertBySql) -> dict[str, uuid.UUID]:
    empty = {"product_description": "", "store_information": "", "refined_ad_copy_eng": ""}
    return {
        name: insert_by_sql(
            **empty,
            instagram_ad_copy=text,
            hashtags="#딸기라떼맛집" if name == "tag" else "",
            created_at=START + dt.timedelta(hours=place),
        )
        for place, (name, text) in enumerate(SPELLINGS.items())
    }


@pytest.mark.parametrize(
    ("words", "exact", "similar"),
    [
        ("딸기라떼", "tag joined", "spaced"), ("딸기 라떼", "tag joined spaced", ""),
        ("ㄸㄱㄹㄸ", "", "tag joined spaced"),
        ("ㄸㄱ", "", "tag joined spaced"), ("ㄸㄱ 한잔", "", "tag joined spaced"), ("라떼맛집", "tag", ""),
        ("6900", "", "firm joined"),
        ("6,900원", "firm", "joined"), ("6천9백원", "", "firm joined"), ("(주)온기", "firm", ""),
        ("㈜ 온기", "firm", ""),
        ("latte", "wide", ""), ("500ml", "wide", ""), ("1+1", "wide", ""), ("029332828", "", "phone"),
        ("새로나온", "", "spaced"),
        ("ㄸㄱㄹㄸㅎㅈ", "", "joined spaced"), ("#딸기라떼", "", ""), ("[#딸기라떼맛집]", "tag", ""),
        ("ㅋㅋㅋ", "", ""),
    ],
)  # fmt: skip
def test_other_spellings_are_found_after_the_words_themselves(
    database: Database, spellings: dict[str, uuid.UUID], words: str, exact: str, similar: str
) -> None:
    names = {feed_id: name for name, feed_id in spellings.items()}
    rows = found(database, FeedFilter(text=words), limit=50).rows
    told = [(names[row.feed_id], row.similar) for row in rows]
    assert told == [*((name, False) for name in exact.split()), *((name, True) for name in similar.split())]
    assert counted(database, text=words) == len(rows)


def test_pages_lead_from_the_words_to_their_other_spellings_and_back(
    database: Database, insert_by_sql: InsertBySql
) -> None:
    for place in range(9):  # exact and similar ones in turn
        text = "딸기라떼" if place % 2 else "딸기 라떼"
        insert_by_sql(instagram_ad_copy=text, created_at=START + dt.timedelta(hours=place % 7))
    wanted = FeedFilter(text="딸기라떼")
    whole = [row.feed_id for row in found(database, wanted, limit=50).rows]
    pages = [found(database, wanted, limit=2)]
    while pages[-1].older:
        pages.append(found(database, wanted, limit=2, after=Cursor.decode(pages[-1].older.encode())))
    assert [row.feed_id for page in pages for row in page.rows] == whole
    assert [row.similar for page in pages for row in page.rows] == [False] * 4 + [True] * 5
    back = [pages[-1]]
    while back[-1].newer:
        back.append(found(database, wanted, limit=2, before=back[-1].newer))
    assert [row.feed_id for page in back[::-1] for row in page.rows] == whole


def test_composed_and_decomposed_are_the_same(database: Database, insert_by_sql: InsertBySql) -> None:
    decomposed = insert_by_sql(instagram_ad_copy=unicodedata.normalize("NFD", "겨울 딸기"), hashtags="#딸기")
    assert ids(database, text=unicodedata.normalize("NFD", "딸기")) == ids(database, text="딸기") == [decomposed]
    assert ids(database, text=unicodedata.normalize("NFD", "#딸기")) == [decomposed]


def test_sql_and_search_read_the_tags_of_the_table(
    database: Database, insert_by_sql: InsertBySql, as_owner: AsOwner
) -> None:
    for text, field, tags in (
        *((text, "", tags) for text, tags in CAPTIONS.items()),
        *(("글", field, tags) for field, tags in FIELDS.items()),
    ):
        query = "SELECT studio_hashtags(studio_folded(%s), studio_folded(%s))"
        rows = {tag for (tag,) in as_owner(query, field, text)}
        assert rows == {visible(tag).lower() for tag in tags}, (text, field)
        feed_id = insert_by_sql(instagram_ad_copy=text, hashtags=field)
        for tag in tags:
            assert feed_id in ids(database, text=f"#{tag}"), (text, field)
            assert feed_id in ids(database, text=f'"#{tag}"'), "in quotes too"
            assert feed_id in ids(database, hashtag=tag), (text, field)


def test_a_hashtag_is_found_exactly(database: Database, insert_by_sql: InsertBySql) -> None:
    field = insert_by_sql(hashtags="#연남동카페 #Brunch", instagram_ad_copy="글")
    in_text = insert_by_sql(hashtags="", instagram_ad_copy="오늘은 #연남동, 내일은 #성수동! #a#b")
    loose = insert_by_sql(hashtags="연남동,주말", instagram_ad_copy="글")
    assert set(ids(database, text="#연남동")) == {in_text, loose}
    assert ids(database, text="#연남동카페") == [field]
    assert ids(database, hashtag="brunch") == ids(database, text="#BRUNCH") == [field]
    assert ids(database, text="#성수동") == ids(database, text="#b") == ids(database, text="#a #b") == [in_text]
    assert ids(database, text="#연남동 내일") == [in_text]
    assert ids(database, text="#연") == []


@pytest.mark.parametrize("newer", [False, True])
def test_each_way_of_searching_finds_what_a_scan_finds(database: Database, as_owner: AsOwner, newer: bool) -> None:
    """Frequent, rare, frequent only long ago, absent; in both directions, from the edge and from the middle."""
    as_owner(
        "INSERT INTO instagram_feeds (tenant_id, refined_ad_copy_eng, tone_style, product_description,"
        " store_information, gpt_prompt, instagram_ad_copy, hashtags, latency_ms, created_at)"
        " SELECT 'acme', '', CASE WHEN n % 7 = 0 THEN 'witty' ELSE 'warm' END, '', '', '',"
        " concat(n, ' 매일 ', CASE n % 1500 WHEN 0 THEN '드문말' WHEN 700 THEN '드 문말' WHEN 800 THEN '드문 문말' END,"
        " CASE WHEN n < 4200 OR n > 12000 THEN ' 성탄절' END),"
        " '', CASE WHEN n % 1500 = 0 THEN 9000 WHEN n < 4200 THEN 5000 ELSE 1000 END,"
        " timestamptz '2026-01-01 00:00+00' + n * interval '40 minutes'"
        " FROM generate_series(1, 13500) AS n"
    )
    rows = as_owner(
        "SELECT instagram_feed_id, created_at, instagram_ad_copy, tone_style, latency_ms FROM instagram_feeds"
        " ORDER BY created_at DESC"
    )
    middle = Cursor(rows[6000][1], uuid.UUID(rows[6000][0]))
    for word, tone, latency in (
        ("매일", None, None),
        ("드문말", None, None),
        ("성탄절", None, None),
        ("성탄", "witty", None),
        ("없는", None, None),
        ("9", "warm", None),
        ("", None, 1000.0),
        ("", None, 5000.0),
        ("", None, 9000.0),
        ("", None, 7000.0),
        ("", "witty", 5000.0),
        ("드문말", None, 9000.0),
    ):
        for place in (None, middle):
            if newer and place is None:
                continue
            of_filter = [row for row in rows if tone in (None, row[3]) and latency in (None, row[4])]
            hits = [
                uuid.UUID(row[0])
                for row in of_filter
                if word in row[2]
                and (place is None or (row[1] > middle.created_at if newer else row[1] < middle.created_at))
            ]
            similar = [uuid.UUID(row[0]) for row in of_filter if word == "드문말" and "드 문말" in row[2]]
            expected = hits[-30:] if newer else [*hits, *similar][:30]
            wanted = FeedFilter(
                text=word, tone=tone, latency_from_ms=latency, latency_to_ms=None if latency is None else latency + 1
            )
            page = found(database, wanted, limit=30, before=place if newer else None, after=None if newer else place)
            assert [one.feed_id for one in page.rows] == expected, (word, tone, latency, place)


def test_words_drawn_from_the_texts_are_found_where_they_stand(database: Database, insert_by_sql: InsertBySql) -> None:
    dice = random.Random(7)
    letters = "가나다라마바사아자차 카페빵꽃abc12!? \n"
    bodies = {}
    for _ in range(60):
        body = "".join(dice.choice(letters) for _ in range(dice.randint(5, 40)))
        bodies[
            insert_by_sql(
                instagram_ad_copy=body,
                hashtags="",
                product_description="",
                refined_ad_copy_eng="",
                store_information="",
            )
        ] = body
    for _ in range(120):
        body = dice.choice(list(bodies.values()))
        at = dice.randrange(len(body))
        words = body[at : at + dice.randint(1, 6)]
        if words.split():
            expected = {key for key, value in bodies.items() if all(word in value for word in words.split())}
            rows = found(database, FeedFilter(text=words), limit=60).rows
            assert {row.feed_id for row in rows if not row.similar} == expected, words
            terms = [term(word) for word in words.split()]
            spelled = {key for key, value in bodies.items() if all(re.search(one.mark, value) for one in terms)}
            assert {row.feed_id for row in rows} == spelled, words


# -- filters ----------------------------------------------------------------------------------------------------------


def test_each_filter_leaves_what_it_names(database: Database, insert_by_sql: InsertBySql, as_owner: AsOwner) -> None:
    job, overlay = (
        uuid.UUID(as_owner(f"INSERT INTO {table} RETURNING {key}")[0][0])
        for table, key in (
            ("jobs (tenant_id) VALUES ('acme')", "job_id"),
            ("overlay_layouts (layout) VALUES (NULL)", "overlay_id"),
        )
    )
    one = insert_by_sql(
        gpt_model_name="gpt-a",
        tone_style="차분하게",
        job_id=job,
        overlay_id=overlay,
        latency_ms=2000.0,
        created_at=START,
    )
    two = insert_by_sql(created_at=START + dt.timedelta(days=1), hashtags="#둘")
    named: list[dict[str, Any]] = [
        {"model": "gpt-a"},
        {"tone": "차분하게"},
        {"job_id": job},
        {"overlay_id": overlay},
        {"latency_from_ms": 2000.0, "latency_to_ms": 2000.1},
        {"until": START + dt.timedelta(days=1)},
        {"model": "gpt-a", "tone": "차분하게"},
    ]
    for wanted in named:
        assert ids(database, **wanted) == [one], wanted
        assert counted(database, **wanted) == 1, wanted
    for wanted in ({"model": "-"}, {"job_id": "-"}, {"hashtag": "둘"}, {"since": START + dt.timedelta(days=1)}):
        assert ids(database, **wanted) == [two], wanted
    assert ids(database, model="gpt-a", hashtag="둘") == []
    assert set(ids(database, source="pipeline", prompt_version="-")) == {one, two}
    assert ids(database, source="page") == []


def test_what_must_not_be_there_is_left_out(database: Database, insert_by_sql: InsertBySql) -> None:
    long = "차분하게" * 80
    warm, calm, none = (insert_by_sql(tone_style=tone, gpt_model_name="o3") for tone in ("따뜻하게", long, ""))
    assert set(ids(database, none_of=("tone:따뜻하게",))) == {calm, none}
    assert set(ids(database, none_of=(f"tone:{found_by(long)}", "tone:-"))) == {warm}
    assert ids(database, none_of=("tone:따뜻하게", "model:o3")) == []
    assert ids(database, model="o3", none_of=("tone:-",), tone=long) == [calm]
    assert counted(database, none_of=("tone:-",)) == 2


def test_an_hour_of_the_week_is_listed_page_by_page(database: Database, insert_by_sql: InsertBySql) -> None:
    since, until = START, START + dt.timedelta(weeks=5)
    hour = WeekHour(6, 9, "Asia/Seoul")
    made = [insert_by_sql(created_at=START + dt.timedelta(hours=7 * number)) for number in range(100)]
    listed = {number: START + dt.timedelta(hours=7 * number) for number in range(100)}
    seoul = dt.timezone(dt.timedelta(hours=9))
    meant = [
        made[number]
        for number, at in listed.items()
        if (at.astimezone(seoul).weekday(), at.astimezone(seoul).hour) == (6, 9) and at < until
    ][::-1]
    assert len(meant) > 2
    wanted = FeedFilter(since=since, until=until, week_hour=hour)
    pages, after = list[feed_listing.Page](), None
    while not pages or pages[-1].older:
        pages.append(found(database, wanted, after=after, limit=2))
        after = pages[-1].older
    assert [one.feed_id for page in pages for one in page.rows] == meant
    back = found(database, wanted, before=pages[-1].newer, limit=2)
    assert [one.feed_id for one in back.rows] == [one.feed_id for one in pages[-2].rows]


def test_the_archived_are_left_out_unless_asked_for(database: Database, insert_by_sql: InsertBySql) -> None:
    kept, gone, liked = (insert_by_sql(created_at=START + dt.timedelta(hours=n)) for n in range(3))
    with database.tenant("acme") as db:
        feed_states.move(db, "acme", gone, "archived", person="지수")
        feed_states.set_favourite(db, "acme", liked, favourite=True)
    assert ids(database, status=LIVE) == [liked, kept]
    assert ids(database, status="archived") == [gone]
    assert ids(database) == [liked, gone, kept]
    assert ids(database, favourite=True, status="draft") == [liked]
    assert (counted(database, status=LIVE), counted(database), counted(database, status="draft")) == (2, 3, 2)
    with database.tenant("acme") as db:
        feed_states.move(db, "acme", gone, "posted")
        feed_states.set_favourite(db, "acme", liked, favourite=False)
    assert ids(database, status="posted") == [gone]
    assert ids(database, favourite=True) == []


def test_hits_of_a_search_are_counted_as_far_as_anybody_reads(
    database: Database, as_owner: AsOwner, monkeypatch: pytest.MonkeyPatch
) -> None:
    as_owner(
        "INSERT INTO instagram_feeds (tenant_id, refined_ad_copy_eng, tone_style, product_description,"
        " store_information, gpt_prompt, instagram_ad_copy, hashtags)"
        " SELECT 'acme', '', 't', '', '', '', '매일 ' || n, '' FROM generate_series(1, 30) AS n"
    )
    monkeypatch.setattr(feed_listing, "COUNTED", 29)
    assert counted(database, text="매일") is None
    monkeypatch.setattr(feed_listing, "COUNTED", 30)
    assert counted(database, text="매일") == 30


# -- a table that is adopted ------------------------------------------------------------------------------------------


@pytest.fixture
def unmigrated(empty_database_urls: Any) -> Iterator[Database]:
    database = Database(empty_database_urls.app, empty_database_urls.owner)
    yield database
    database.close()


def test_the_rows_of_an_adopted_table_are_found(unmigrated: Database, empty_database_urls: Any, sql_as: Any) -> None:
    sql_as(
        empty_database_urls.owner,
        "CREATE FUNCTION uuid_generate_v4() RETURNS uuid LANGUAGE sql AS 'SELECT gen_random_uuid()';"
        "CREATE TABLE jobs (job_id uuid PRIMARY KEY, tenant_id varchar(255));"
        "CREATE TABLE overlay_layouts (overlay_id uuid PRIMARY KEY)",
    )
    specification = importlib.import_module("lib.store.migrations.versions.0001_specification")
    sql_as(empty_database_urls.owner, "CREATE SEQUENCE instagram_feeds_pk_seq AS integer")
    sql_as(empty_database_urls.owner, specification.INSTAGRAM_FEEDS)
    sql_as(
        empty_database_urls.owner,
        "INSERT INTO instagram_feeds (tenant_id, refined_ad_copy_eng, tone_style, product_description,"
        " store_information, gpt_prompt, instagram_ad_copy, hashtags)"
        " SELECT 'acme', '', 't', '', '', '', '오래된 글 ' || n, '#옛날' FROM generate_series(1, 30) AS n",
    )
    unmigrated.migrate()
    assert counted(unmigrated, text="오래된") == counted(unmigrated, hashtag="옛날") == 30


def test_the_store_agrees_with_itself_about_what_is_whole(database: Database, insert_by_sql: InsertBySql) -> None:
    feed_id = insert_by_sql()
    with database.tenant("acme") as db:
        [whole], _ = feed_listing.feeds(db, "acme", FeedFilter())
        stored = feeds.get(db, "acme", feed_id)
    values = {field.name: getattr(stored, field.name) for field in dataclasses.fields(stored)}
    assert whole == feed_listing.KeptFeed(**values, status="draft", favourite=False, findings=None)


def test_there_is_to_choose_from_what_the_newest_have(database: Database, insert_by_sql: InsertBySql) -> None:
    decomposed = unicodedata.normalize("NFD", " 차분하게")
    for model, tone in (
        ("b", "차분하게"),
        ("b ", decomposed),
        ("a", "차분하게"),
        ("a", "유쾌하게"),
        ("a", "차분하게"),
        ("", "차분하게"),
    ):
        insert_by_sql(gpt_model_name=model, tone_style=tone)
    assert len(ids(database, tone="차분하게")) == 5
    assert len(ids(database, model="b")) == 2
    assert len(ids(database, model="-")) == 1
    insert_by_sql(tenant_id="other", gpt_model_name="theirs")
    with database.tenant("acme") as db:
        assert feed_listing.choices(db, "acme") == feed_listing.Choices(["a", "b", "-"], ["차분하게", "유쾌하게"])
    with database.tenant("new") as db:
        assert feed_listing.choices(db, "new") == feed_listing.Choices([], [])


def test_an_odd_row_takes_none_of_its_neighbours_with_it(
    database: Database, insert_by_sql: InsertBySql, as_owner: AsOwner
) -> None:
    for number in range(3):
        insert_by_sql(instagram_ad_copy=f"이웃 {number}")
    odd = insert_by_sql(instagram_ad_copy="가" * 3_000_000, tone_style="나" * 1_000_000)
    deep = '{"a": ' * 3_000 + "1" + "}" * 3_000
    as_owner(
        "UPDATE instagram_feeds SET gpt_response_raw = %s, token_usage = %s WHERE instagram_feed_id = %s",
        *(deep, deep, odd),
    )
    as_owner("INSERT INTO studio_feed_states VALUES ('acme', %s, 'frozen')", odd)
    rows = {row.feed_id: row for row in found(database, FeedFilter()).rows}
    assert len(rows) == 4
    assert (len(rows[odd].instagram_ad_copy), len(rows[odd].tone_style)) == (5_000, 5_000)
    assert rows[odd].status == "frozen"
    with database.tenant("acme") as db:
        whole = {row.instagram_feed_id: row for row in feed_listing.feeds(db, "acme", FeedFilter())[0]}
    assert len(whole[odd].instagram_ad_copy) == 3_000_000
    assert isinstance(whole[odd].gpt_response_raw, str)
