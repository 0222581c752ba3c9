"""Articles over REST: drafts, what is published, versions, and what nobody else sees (DE-7)."""

from __future__ import annotations

from datetime import timedelta
from uuid import uuid4

import pytest

from chassis.clock import MovableClock
from chassis.testing.client import ApiClient
from rapport.desk.events.v1 import article_events_pb2 as events
from services.desk.tests.builders import Desk, at_once, facts, good, lasting_app, places, refused
from services.desk.tests.knowing import (
    ARTICLES,
    SECTIONS,
    article,
    found,
    publish,
    published,
    write,
)


def read(client: ApiClient, article_id: str, language: str = "") -> dict[str, str]:
    """What readers see."""
    query = {"language": language} if language else {}
    return good(client.get(f"{ARTICLES}/{article_id}/published", query_string=query))


def test_listing_needs_a_token(desk: Desk) -> None:
    assert refused(desk.anonymous().get(ARTICLES)) == (401, "token_missing")


def test_who_may_write_may_not_publish(desk: Desk) -> None:
    editor = desk.app_client(desk.new_tenant(), "desk.articles.read", "desk.articles.write")
    draft = article(editor)
    assert editor.post(f"{ARTICLES}/{draft['id']}/publish").status_code == 403


def test_another_tenants_articles_are_invisible(desk: Desk, app: ApiClient) -> None:
    known = published(app)
    stranger = desk.app_client(desk.new_tenant())
    assert stranger.get(ARTICLES).json["items"] == []
    assert found(stranger, "machine") == []
    for path in ("", "/published", "/versions", "/versions/1", "/link"):
        assert stranger.get(f"{ARTICLES}/{known['id']}{path}").status_code == 404
    assert write(stranger, known["id"], "en", "Mine").status_code == 404


def test_a_draft_is_seen_by_no_reader_until_it_is_published(app: ApiClient) -> None:
    draft = article(app, body="Rinse it.")
    assert refused(app.get(f"{ARTICLES}/{draft['id']}/published")) == (404, "not_found")
    assert found(app, "machine") == []
    assert publish(app, draft["id"])["published_version"] == 1
    assert read(app, draft["id"])["html"] == "<p>Rinse it.</p>\n"
    assert found(app, "rinsing machines") == ["clean-the-machine"]


def test_what_readers_see_stays_until_the_next_time_it_is_published(app: ApiClient) -> None:
    known = published(app, body="Rinse it.")
    changed = good(write(app, known["id"], "en", "Descale the machine", "Use vinegar."))
    assert (changed["has_changes"], changed["published_version"]) == (True, 1)
    assert read(app, known["id"])["title"] == "Clean the machine"
    assert found(app, "vinegar") == []
    publish(app, known["id"])
    assert read(app, known["id"])["title"] == "Descale the machine"
    assert found(app, "vinegar") == ["clean-the-machine"]
    assert found(app, "rinse") == []


def test_publishing_what_has_not_changed_makes_no_new_version(app: ApiClient) -> None:
    known = published(app)
    assert publish(app, known["id"]) == known


def test_texts_of_before_are_restored_and_published_again(desk: Desk, app: ApiClient) -> None:
    known = published(app, body="First.")
    write(app, known["id"], "en", "Clean the machine", "Second.")
    publish(app, known["id"])
    restored = good(app.post(f"{ARTICLES}/{known['id']}/versions/1/restore"))
    assert restored["texts"]["en"]["body"] == "First."
    assert "Second." in read(app, known["id"])["html"]
    assert publish(app, known["id"])["published_version"] == 3
    assert "First." in read(app, known["id"])["html"]
    listed = good(app.get(f"{ARTICLES}/{known['id']}/versions"))["items"]
    assert [each["number"] for each in listed] == [3, 2, 1]
    second = good(app.get(f"{ARTICLES}/{known['id']}/versions/2"))
    assert second["texts"]["en"]["body"] == "Second."
    told = facts(desk, app, events.ArticleVersionRestored)
    assert [(each.article.article_id, each.restored) for each in told] == [(known["id"], 1)]


@pytest.mark.parametrize("number", [2, 0, 2**31, 10**30])
def test_a_version_that_there_is_not_is_not_found(app: ApiClient, number: int) -> None:
    known = published(app)
    path = f"{ARTICLES}/{known['id']}/versions/{number}"
    assert app.get(path).status_code == 404
    assert app.post(f"{path}/restore").status_code == 404


def test_readers_get_the_language_that_comes_nearest(app: ApiClient) -> None:
    known = article(app)
    assert write(app, known["id"], "zh-Hant", "清潔咖啡機").status_code == 200
    publish(app, known["id"])
    asked = {"zh-Hant": "zh-Hant", "zh-TW": "zh-Hant", "de": "en", "en-GB": "en", "": "en"}
    assert {each: read(app, known["id"], each)["language"] for each in asked} == asked


def test_the_language_that_others_fall_back_on_is_not_dropped(app: ApiClient) -> None:
    known = article(app)
    write(app, known["id"], "zh-Hant", "清潔咖啡機")
    texts = f"{ARTICLES}/{known['id']}/texts"
    assert refused(app.delete(f"{texts}/en")) == (409, "article_language_needed")
    assert refused(app.delete(f"{texts}/fr")) == (404, "not_found")
    assert good(app.delete(f"{texts}/zh-Hant"))["languages"] == ["en"]


@pytest.mark.parametrize("language", ["x", "EN", "en_GB", "e" * 40, "en%00", "zh-"])
def test_a_language_that_is_none_is_refused(app: ApiClient, language: str) -> None:
    known = article(app)
    answer = write(app, known["id"], language, "Title")
    assert answer.status_code in (404, 422)


def test_who_may_read_it_changes_at_once(app: ApiClient) -> None:
    known = published(app)
    assert found(app, "machine", visibility="public") == ["clean-the-machine"]
    path = f"{ARTICLES}/{known['id']}"
    changed = good(app.patch(path, {"visibility": "internal", "tags": ["b", "a", "b"]}))
    assert (changed["tags"], changed["has_changes"]) == (["a", "b"], False)
    assert found(app, "machine", visibility="public") == []
    assert found(app, "machine", visibility="internal") == ["clean-the-machine"]


def test_an_archived_article_is_found_no_more_and_stays_as_it_is(app: ApiClient) -> None:
    known = published(app)
    path = f"{ARTICLES}/{known['id']}"
    assert good(app.post(f"{path}/archive"))["status"] == "archived"
    assert good(app.post(f"{path}/archive"))["status"] == "archived"
    assert found(app, "machine") == []
    assert app.get(f"{path}/published").status_code == 404
    assert refused(write(app, known["id"], "en", "Other")) == (409, "article_archived")
    assert refused(app.post(f"{path}/publish")) == (409, "article_archived")
    assert app.get(ARTICLES).json["items"] == []
    assert good(app.post(f"{path}/reopen"))["status"] == "draft"
    assert publish(app, known["id"])["published_version"] == 1
    assert found(app, "machine") == ["clean-the-machine"]


def test_a_key_is_there_once(app: ApiClient) -> None:
    article(app)
    said = {"key": "clean-the-machine", "language": "en", "title": "Again"}
    assert refused(app.post(ARTICLES, said)) == (409, "article_exists")


def test_two_who_publish_at_once_make_one_version(app: ApiClient) -> None:
    known = article(app)
    path = f"{ARTICLES}/{known['id']}/publish"
    assert at_once(lambda: app.post(path), lambda: app.post(path)) == [200, 200]
    assert len(good(app.get(f"{ARTICLES}/{known['id']}/versions"))["items"]) == 1


def test_who_has_an_outdated_version_changes_nothing(app: ApiClient) -> None:
    known = article(app)
    path = f"{ARTICLES}/{known['id']}/texts/en"
    old = {"If-Match": '"1"'}
    assert app.put(path, {"title": "One"}, headers=old).status_code == 200
    assert refused(app.put(path, {"title": "Two"}, headers=old)) == (412, "version_mismatch")


def test_lists_are_narrowed_by_tags_products_and_sections(app: ApiClient) -> None:
    section = good(app.post(SECTIONS, {"key": "care", "name": {"en": "Care"}}))
    article(app, "one", tags=["care"], product_skus=["X-100"], section_id=section["id"])
    article(app, "two", tags=["repair"])

    def keys(**query: str) -> list[str]:
        return [each["key"] for each in good(app.get(ARTICLES, query_string=query))["items"]]

    assert keys(tag="care") == ["one"]
    assert keys(**{"tag[in]": "care,repair", "sort": "key"}) == ["one", "two"]
    assert keys(product_sku="X-100") == ["one"]
    assert keys(section_id=section["id"]) == ["one"]
    assert keys(status="published") == []


def test_it_is_told_when_it_was_published_by_the_clock_of_then(
    timed: Desk, clock: MovableClock
) -> None:
    app = lasting_app(timed, clock)
    known = article(app)
    clock.move(timedelta(days=3))
    publish(app, known["id"])
    (told,) = facts(timed, app, events.ArticlePublished)
    assert told.published_at.ToDatetime() == clock.now().replace(tzinfo=None)
    assert (told.article.published_version, list(told.languages)) == (1, ["en"])


def test_a_section_that_is_in_use_stays(app: ApiClient) -> None:
    section = good(app.post(SECTIONS, {"key": "care", "name": {"en": "Care", "zh-Hant": "保養"}}))
    known = article(app, section_id=section["id"])
    path = f"{SECTIONS}/{section['id']}"
    assert refused(app.delete(path)) == (409, "section_in_use")
    good(app.patch(f"{ARTICLES}/{known['id']}", {"section_id": None}))
    assert app.delete(path).status_code == 204
    assert app.get(path).status_code == 404


def test_a_section_does_not_lie_within_itself(app: ApiClient) -> None:
    outer = good(app.post(SECTIONS, {"key": "outer", "name": {"en": "Outer"}}))["id"]
    inner = good(app.post(SECTIONS, {"key": "inner", "name": {"en": "Inner"}, "parent_id": outer}))[
        "id"
    ]
    answer = app.patch(f"{SECTIONS}/{outer}", {"parent_id": inner})
    assert places(answer) == [("/parent_id", "section_in_itself")]
    unknown = app.patch(f"{SECTIONS}/{outer}", {"parent_id": str(uuid4())})
    assert places(unknown) == [("/parent_id", "section_unknown")]


def test_two_who_move_sections_into_each_other_at_once_do_not_both_succeed(app: ApiClient) -> None:
    one, two = (
        good(app.post(SECTIONS, {"key": key, "name": {"en": key}}))["id"] for key in ("a", "b")
    )
    statuses = at_once(
        lambda: app.patch(f"{SECTIONS}/{one}", {"parent_id": two}),
        lambda: app.patch(f"{SECTIONS}/{two}", {"parent_id": one}),
    )
    assert statuses == [200, 422]


def test_an_internal_article_has_no_address_for_customers(app: ApiClient) -> None:
    known = published(app, visibility="internal")
    assert refused(app.get(f"{ARTICLES}/{known['id']}/link")) == (422, "article_internal")
