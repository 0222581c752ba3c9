"""Search over articles: what is found, in which order, and by which index (DE-7)."""

from __future__ import annotations

from typing import Any
from uuid import UUID, uuid4

import psycopg
import pytest

from chassis.context import service_caller
from chassis.storage.scope import EVERYTHING
from chassis.testing.client import ApiClient
from chassis.testing.harness import TestDatabase
from desk.article_search import finding
from desk.article_search.queries import search
from services.desk.tests.builders import Desk, refused
from services.desk.tests.knowing import SEARCH, article, found, publish, published, write

MANY = 10_000


def test_searching_needs_a_token_and_a_permission(desk: Desk) -> None:
    query = {"q": "machine"}
    assert refused(desk.anonymous().get(SEARCH, query_string=query)) == (401, "token_missing")
    other = desk.app_client(desk.new_tenant(), "desk.assets.read")
    assert other.get(SEARCH, query_string=query).status_code == 403


@pytest.mark.parametrize("q", ["", "  ", "x" * 1_001, "\x00"])
def test_what_cannot_be_looked_for_is_refused(app: ApiClient, q: str) -> None:
    assert app.get(SEARCH, query_string={"q": q}).status_code == 400


def test_the_title_counts_more_than_the_body(app: ApiClient) -> None:
    published(app, "body", title="Care", body="Descale it now and then. " * 3)
    published(app, "title", title="Descale the boiler", body="Now and then.")
    assert found(app, "descaling") == ["title", "body"]


def test_a_rare_word_counts_more_than_a_frequent_one(app: ApiClient) -> None:
    for number in range(5):
        published(app, f"machine-{number}", title=f"Machine {number}")
    published(app, "gasket", title="Gasket")
    assert found(app, "machine gasket")[0] == "gasket"


def test_chinese_is_found_by_any_piece_of_a_sentence(app: ApiClient) -> None:
    published(app, "start", title="咖啡機無法開機怎麼辦", language="zh-Hant")
    published(app, "milk", title="如何清潔奶泡器", language="zh-Hant")
    assert found(app, "開機") == ["start"]
    assert found(app, "奶") == ["milk"]
    assert sorted(found(app, "開機 清潔")) == ["milk", "start"]
    assert found(app, "開關機械") == []


def test_half_of_the_words_have_to_be_there(app: ApiClient) -> None:
    published(app, "one", title="Descale the boiler with vinegar")
    published(app, "two", title="Vinegar")
    assert found(app, "descale boiler vinegar") == ["one"]


def test_one_article_is_found_once_in_the_language_that_fits(app: ApiClient) -> None:
    known = article(app, title="Milk frother")
    write(app, known["id"], "zh-Hant", "奶泡器 Milk frother frother frother")
    publish(app, known["id"])
    items = app.get(SEARCH, query_string={"q": "frother"}).json["items"]
    assert len(items) == 1
    assert found(app, "奶泡", language="zh") == ["clean-the-machine"]
    assert found(app, "奶泡", language="en") == []


def test_tags_and_products_are_found_as_well(app: ApiClient) -> None:
    published(app, tags=["limescale"], product_skus=["ZX-77"])
    assert found(app, "limescale") == ["clean-the-machine"]
    assert found(app, "zx-77") == ["clean-the-machine"]


def fill(database: TestDatabase, tenant_id: UUID, article_id: str) -> None:
    """Add many articles of one tenant, as the owner of the database does."""
    about = {"tenant_id": tenant_id, "article_id": article_id, "many": MANY}
    with psycopg.connect(database.admin_url) as connection:
        for statement in (_MORE_ARTICLES, _MORE_READINGS, _MORE_TERMS):
            connection.execute(statement, about)
        for table in ("articles", "article_readings", "article_terms"):
            connection.execute(f"ANALYZE {table}".encode())


_MORE_ARTICLES = """
    INSERT INTO articles SELECT (jsonb_populate_record(a, jsonb_build_object(
        'id', md5('a' || n || %(tenant_id)s::text)::uuid, 'key', 'k-' || n))).*
    FROM articles a, generate_series(1, %(many)s) n
    WHERE a.tenant_id = %(tenant_id)s AND a.id = %(article_id)s
"""
_MORE_READINGS = """
    INSERT INTO article_readings SELECT (jsonb_populate_record(r, jsonb_build_object(
        'article_id', md5('a' || n || %(tenant_id)s::text)::uuid, 'key', 'k-' || n,
        'length', 80 + n %% 40))).*
    FROM article_readings r, generate_series(1, %(many)s) n
    WHERE r.tenant_id = %(tenant_id)s AND r.article_id = %(article_id)s
"""
_MORE_TERMS = """
    INSERT INTO article_terms SELECT %(tenant_id)s, CASE WHEN w < 3 THEN 'common' || w
        ELSE 'word' || (n * w) %% 5000 END, md5('a' || n || %(tenant_id)s::text)::uuid, 'en',
        'public', 1 + n %% 3, 80 + n %% 40
    FROM generate_series(1, %(many)s) n, generate_series(1, 40) w ON CONFLICT DO NOTHING
"""


def test_among_many_articles_a_search_walks_along_the_index(
    desk: Desk, app: ApiClient, database: TestDatabase
) -> None:
    known = published(app, title="Descale the boiler")
    assert app.tenant_id is not None
    fill(database, app.tenant_id, known["id"])
    explained: list[str] = []
    statements: dict[str, tuple[str, Any]] = {}

    class Session:
        """Runs statements, and keeps what they were."""

        def __init__(self, own: Any) -> None:
            self._own = own

        @property
        def connection(self) -> Any:
            return self._own.connection

        def fetch(self, statement: str, parameters: Any) -> Any:
            statements[statement] = (statement, parameters)
            return self._own.fetch(statement, parameters)

    def look(reading: Any) -> list[dict[str, Any]]:
        reading.session = Session(reading.session)
        return search(reading, "descale word7 common1", ["public"])

    caller = service_caller("desk", app.tenant_id)
    assert desk.service.operations.read(caller, EVERYTHING, look)
    with psycopg.connect(database.runtime_url) as connection:
        connection.execute("SELECT set_config('app.tenant', %s, true)", [str(app.tenant_id)])
        for statement, parameters in statements.values():
            rows = connection.execute(f"EXPLAIN {statement}".encode(), parameters).fetchall()
            explained.append("\n".join(line for (line,) in rows))
    assert len(explained) == 3
    for plan in explained:
        assert "Seq Scan on article_terms" not in plan, plan
    assert "Seq Scan on article_readings" not in explained[2], explained[2]


def test_frequent_terms_are_left_out_where_rare_ones_have_found_enough() -> None:
    class Counted:
        """Tells in how many texts terms are."""

        caller = service_caller("desk", uuid4())

        @staticmethod
        def fetch_all(_statement: Any, _about: Any) -> list[dict[str, Any]]:
            counts = {"rare": 3, "some": 9_000, "often": 15_000, "nowhere": 0}
            return [{"term": term, "texts": texts} for term, texts in counts.items()]

    chosen = finding._rarest(Counted(), ["rare"])  # type: ignore[arg-type]  # noqa: SLF001
    assert chosen == [("rare", 3), ("some", 9_000)]
