"""The public knowledge base: what everybody may read, search, and say of it (DE-7)."""

from __future__ import annotations

import re
from datetime import timedelta
from html.parser import HTMLParser
from urllib.parse import urlsplit
from uuid import uuid4

import pytest

from chassis.clock import MovableClock
from chassis.testing.client import ApiAnswer, ApiClient
from chassis.testing.tokens import ISSUER
from rapport.desk.events.v1 import article_events_pb2 as events
from services.desk.tests.builders import Desk, at_once, facts, good, lasting_app
from services.desk.tests.knowing import ARTICLES, SECTIONS, article, publish, published, write

FEEDBACK = "/v1/desk/article-feedback"
HTML = {"Accept": "text/html"}


def page_of(client: ApiClient, key: str = "") -> str:
    """The address of a tenant's public articles, or of one of them."""
    return f"/p/desk/{client.tenant_id}/articles" + (f"/{key}" if key else "")


def visit(desk: Desk, path: str, **query: str) -> ApiAnswer:
    """What somebody without a token sees."""
    return desk.anonymous().get(path, query_string=query or None, headers=HTML)


def visitor_in(answer: ApiAnswer) -> str:
    """The number that a page has given its visitor."""
    found = re.search(r'name="visitor" value="([^"]+)"', answer.text)
    assert found is not None
    return found[1]


def say(
    desk: Desk,
    path: str,
    visitor: str,
    helpful: str = "yes",
    *,
    comment: str = "",
    site: str = "same-origin",
) -> ApiAnswer:
    """Send the form of an article."""
    said = {"visitor": visitor, "helpful": helpful, "comment": comment}
    headers = {**HTML, "Sec-Fetch-Site": site}
    return desk.anonymous().send("POST", f"{path}/feedback", data=said, headers=headers)


def tags_in(html: str) -> list[tuple[str, list[tuple[str, str | None]]]]:
    """The tags of a page with their attributes, as a browser reads them."""
    found: list[tuple[str, list[tuple[str, str | None]]]] = []

    class Reader(HTMLParser):
        def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
            found.append((tag, attrs))

    Reader().feed(html)
    return found


def test_everybody_reads_public_articles_by_section_and_in_their_language(
    desk: Desk, app: ApiClient
) -> None:
    section = good(app.post(SECTIONS, {"key": "care", "name": {"en": "Care", "zh-Hant": "保養"}}))
    known = article(app, section_id=section["id"], body="# Rinse\n\nWith *water*.")
    write(app, known["id"], "zh-Hant", "清潔咖啡機")
    publish(app, known["id"])
    assert "Clean the machine" in visit(desk, page_of(app), lang="en").text
    chinese = visit(desk, page_of(app), lang="zh-Hant")
    assert "保養" in chinese.text
    assert "清潔咖啡機" in chinese.text
    page = visit(desk, page_of(app, known["key"]), lang="en")
    assert "<h2>Rinse</h2>" in page.text
    assert "<em>water</em>" in page.text
    assert page.headers["Content-Language"] == "en"


def test_what_is_not_public_is_not_there(desk: Desk, app: ApiClient) -> None:
    published(app, "inside", visibility="internal")
    published(app, "for-customers", visibility="customers", title="For customers")
    article(app, "draft")
    contents = visit(desk, page_of(app)).text
    assert "For customers" not in contents
    for key in ("inside", "for-customers", "draft", "nothing", "a" * 300, "%00"):
        assert visit(desk, page_of(app, key)).status_code == 404
    assert "For customers" not in visit(desk, page_of(app), q="customers").text


def test_an_article_for_customers_opens_by_its_link_alone(desk: Desk, app: ApiClient) -> None:
    known = published(app, visibility="customers")
    other = published(app, "other", visibility="customers")
    address = good(app.get(f"{ARTICLES}/{known['id']}/link"))["url"]
    assert address.startswith(ISSUER)
    link = urlsplit(address)
    assert visit(desk, f"{link.path}?{link.query}").status_code == 200
    assert visit(desk, f"{page_of(app, other['key'])}?{link.query}").status_code == 404
    for access in ("", "x", "00", "ä", link.query[-32:-1] + "g"):
        assert visit(desk, link.path, access=access).status_code == 404


def test_the_link_of_a_public_article_is_plain(app: ApiClient) -> None:
    known = published(app)
    address = good(app.get(f"{ARTICLES}/{known['id']}/link"))["url"]
    assert address == f"{ISSUER}{page_of(app, known['key'])}"


@pytest.mark.parametrize(
    "body",
    [
        "<script>alert(1)</script>",
        "[x](javascript:alert(1))",
        "![x](javascript:alert(1))",
        '<img src=x onerror="alert(1)">',
        "[x](data:text/html;base64,PHNjcmlwdD4=)",
        "`</code><script>alert(1)</script>`",
        '[x](https://example.com "a\\" onmouseover=\\"alert(1)")',
    ],
)
def test_what_editors_write_runs_nothing(desk: Desk, app: ApiClient, body: str) -> None:
    known = published(app, body=body)
    page = visit(desk, page_of(app, known["key"]))
    inside = page.text.split("<article", 1)[1].split("</article>", 1)[0]
    tags = tags_in(f"<article{inside}")
    assert "script" not in {tag for tag, _attributes in tags}
    attributes = [pair for _tag, pairs in tags for pair in pairs]
    assert not [name for name, _value in attributes if name.startswith("on")]
    addresses = [value for name, value in attributes if name in ("href", "src")]
    assert not [each for each in addresses if each and not each.startswith("https://")]
    assert "script-src" not in page.headers["Content-Security-Policy"]
    assert "default-src 'none'" in page.headers["Content-Security-Policy"]


def test_a_search_finds_and_says_when_it_does_not(desk: Desk, app: ApiClient) -> None:
    published(app, "one", title="Descale the boiler")
    published(app, "two", title="咖啡機無法開機")
    assert "Descale" in visit(desk, page_of(app), q="descaling").text
    assert "無法開機" in visit(desk, page_of(app), q="開機").text
    assert "Nothing was found" in visit(desk, page_of(app), q="zebra", lang="en").text
    quoted = visit(desk, page_of(app), q='"><script>x</script>')
    assert "<script>" not in quoted.text


def test_a_reader_says_once_whether_it_helped(desk: Desk, app: ApiClient) -> None:
    known = published(app)
    path = page_of(app, known["key"])
    visitor = visitor_in(visit(desk, path))
    answer = say(desk, path, visitor, "no", comment="Too short")
    assert answer.status_code == 303
    assert "Thank you" in visit(desk, answer.headers["Location"]).text
    assert say(desk, path, visitor, "yes").status_code == 303
    assert say(desk, path, visitor_in(visit(desk, path)), "yes").status_code == 303
    listed = good(app.get(FEEDBACK, query_string={"sort": "given_at"}))["items"]
    assert [(one["helpful"], one["comment"]) for one in listed] == [
        (False, "Too short"),
        (True, ""),
    ]
    told = facts(desk, app, events.ArticleFeedbackGiven)
    assert [(one.helpful, one.commented) for one in told] == [(False, True), (True, False)]
    assert good(app.get(f"{FEEDBACK}/{listed[0]['id']}"))["article_id"] == known["id"]


def test_one_reader_who_says_it_twice_at_once_is_heard_once(desk: Desk, app: ApiClient) -> None:
    known = published(app)
    path = page_of(app, known["key"])
    visitor = visitor_in(visit(desk, path))
    said = [lambda: say(desk, path, visitor)] * 2
    assert at_once(*said) == [303, 303]
    assert len(good(app.get(FEEDBACK))["items"]) == 1


def test_nobody_makes_up_readers_or_judges_from_elsewhere(desk: Desk, app: ApiClient) -> None:
    known = published(app)
    path = page_of(app, known["key"])
    assert say(desk, path, "made-up").status_code == 422
    visitor = visitor_in(visit(desk, path))
    assert say(desk, path, visitor, "perhaps").status_code == 422
    assert say(desk, path, visitor, site="cross-site").status_code == 403
    assert good(app.get(FEEDBACK))["items"] == []


def test_an_app_hands_on_what_its_readers_say(desk: Desk, app: ApiClient) -> None:
    known = published(app)
    path = f"{ARTICLES}/{known['id']}/feedback"
    said = {"visitor": "user-7", "helpful": True, "language": "en"}
    first = good(app.post(path, said))
    assert good(app.post(path, {**said, "helpful": False}))["id"] == first["id"]
    assert good(app.get(FEEDBACK, query_string={"helpful": "false"}))["items"] == []
    stranger = desk.app_client(desk.new_tenant())
    assert stranger.post(path, said).status_code == 404
    assert stranger.get(f"{FEEDBACK}/{first['id']}").status_code == 404


def test_feedback_has_the_time_of_its_day(timed: Desk, clock: MovableClock) -> None:
    app = lasting_app(timed, clock)
    known = published(app)
    path = f"{ARTICLES}/{known['id']}/feedback"
    good(app.post(path, {"visitor": "a", "helpful": True, "language": "en"}))
    since = (clock.now() + timedelta(hours=1)).isoformat()
    clock.move(timedelta(days=1))
    good(app.post(path, {"visitor": "b", "helpful": False, "language": "en"}))
    later = good(app.get(FEEDBACK, query_string={"given_at[gte]": since}))["items"]
    assert [each["helpful"] for each in later] == [False]


def test_a_tenant_that_there_is_not_has_nothing_to_read(desk: Desk) -> None:
    answer = visit(desk, f"/p/desk/{uuid4()}/articles", lang="en")
    assert "There is nothing to read yet" in answer.text
