"""Every revision leads to the same schema, and none depends on code that can change."""

from __future__ import annotations

import ast
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest
from alembic.config import Config
from alembic.script import ScriptDirectory
from sqlalchemy import create_engine

from lib.store import migrations
from lib.store.database import Database
from tests.conftest import Urls
from tests.support import catalogue

VERSIONS = sorted((Path(migrations.__file__).parent / "versions").glob("*.py"))
RELEASED = ["0001", "0002", "0003", "0004", "0005", "0006"]
MAY_IMPORT = {"pathlib", "alembic", "sqlalchemy", "lib.store"}
"""``lib.store`` for ``functions.load`` alone."""


@pytest.fixture
def owner(empty_database_urls: Urls) -> Iterator[Any]:
    engine = create_engine(empty_database_urls.owner)
    yield engine
    engine.dispose()


@pytest.mark.parametrize("released", RELEASED)
def test_a_database_of_each_released_revision_ends_in_the_schema_of_a_new_one(
    owner: Any, empty_database_urls: Urls, database_urls: Urls, released: str
) -> None:
    with owner.begin() as db:
        migrations.upgrade(db, released)
        assert migrations.revision(db) == released
    database = Database(empty_database_urls.app, empty_database_urls.owner)
    database.migrate()
    database.close()
    with owner.connect() as db:
        upgraded = catalogue.schema(db)
    new = create_engine(database_urls.owner)
    with new.connect() as db:
        assert upgraded == catalogue.schema(db)
    new.dispose()


def test_the_revisions_form_one_line() -> None:
    config = Config()
    config.set_main_option("script_location", str(VERSIONS[0].parent.parent))
    config.set_main_option("path_separator", "os")
    script = ScriptDirectory.from_config(config)
    line = [revision.revision for revision in script.walk_revisions()]
    assert sorted(line) == [path.name[:4] for path in VERSIONS]
    assert len(script.get_heads()) == 1


@pytest.mark.parametrize("path", VERSIONS, ids=lambda path: path.stem)
def test_a_revision_uses_no_code_that_can_change(path: Any) -> None:
    imports = set()
    for node in ast.walk(ast.parse(path.read_text(encoding="utf-8"))):
        if isinstance(node, ast.Import):
            imports |= {name.name for name in node.names}
        elif isinstance(node, ast.ImportFrom):
            imports.add(node.module or "")
            if node.module == "lib.store":
                assert [name.name for name in node.names] == ["functions"]
                assert path.stem[:4] not in RELEASED
    assert imports <= MAY_IMPORT


def test_feeds_whose_tags_are_read_anew_are_found_by_them(owner: Any) -> None:
    with owner.begin() as db:
        migrations.upgrade(db, "0009")
        # Revisions load the newest text of a function: the queue that this one writes to comes later.
        db.exec_driver_sql("ALTER TABLE instagram_feeds DISABLE TRIGGER studio_count_insert")
        db.exec_driver_sql(
            "INSERT INTO instagram_feeds (tenant_id, refined_ad_copy_eng, tone_style, product_description,"
            " store_information, gpt_prompt, instagram_ad_copy, hashtags)"
            " VALUES ('acme', '', '', '', '', '', '강남#맛집 ★', ''), ('acme', '', '', '', '', '', '글', '(#맛집)')"
        )
        by_tag = "SELECT count(*) FROM studio_feed_index WHERE facets @> ARRAY[studio_facet('acme', '#맛집')]"
        written = "SELECT xmin::text FROM studio_feed_index WHERE tenant_id = 'other'"
        assert db.exec_driver_sql(by_tag).scalar() == 1
    with owner.begin() as db:
        db.exec_driver_sql(
            "INSERT INTO instagram_feeds (tenant_id, refined_ad_copy_eng, tone_style, product_description,"
            " store_information, gpt_prompt, instagram_ad_copy, hashtags)"
            " VALUES ('other', '', '', '', '', '', '글', '#서울')"
        )
        before = db.exec_driver_sql(written).scalar()
    with owner.begin() as db:
        migrations.upgrade(db, "0010")
        assert db.exec_driver_sql(by_tag).scalar() == 2
        assert db.exec_driver_sql(written).scalar() == before, "and no other is written"


def test_new_feeds_that_wait_to_be_counted_are_read_once(owner: Any) -> None:
    with owner.begin() as db:
        migrations.upgrade(db, "0035")
        db.exec_driver_sql(
            "INSERT INTO studio_metric_changes (tenant_id, kind, row_id, is_new, model, tone, token_usage) VALUES"
            " ('acme', 'feed', gen_random_uuid(), true, ' gpt-4o ', '',"
            ' \'{"prompt_tokens": 7, "completion_tokens": 3}\'),'
            " ('acme', 'feed', gen_random_uuid(), true, NULL, NULL, '{\"prompt_tokens\": \"seven\"}'),"
            " ('acme', 'feed', gen_random_uuid(), false, NULL, NULL, NULL)"
        )
        migrations.upgrade(db, "0036")
        queue = "SELECT model, tone, prompt, cached, written, completion FROM studio_metric_changes ORDER BY entry"
        assert [tuple(row) for row in db.exec_driver_sql(queue)] == [
            ("gpt-4o", None, 7, 0, 0, 3),
            (None, None, None, 0, 0, None),
            (None, None, None, None, None, None),
        ]
