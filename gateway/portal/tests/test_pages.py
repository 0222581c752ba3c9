"""The documentation site, page by page."""

from __future__ import annotations

import re
from html import unescape
from html.parser import HTMLParser
from pathlib import Path
from urllib.parse import urlsplit

import pytest
from flask.testing import FlaskClient

from portal import pages
from portal.catalogue import Catalogue
from portal.texts import LANGUAGES, texts_for

from .documents import document
from .fetches import FakeFetch

HTML = {"Accept": "text/html"}
PAGES = [
    "/docs",
    "/docs/api",
    "/docs/api/contacts",
    "/docs/services/contacts",
    "/docs/facts",
    "/docs/facts/rapport.contacts.events.v1.InteractionRecorded",
    "/docs/facts/rapport.contacts.requests.v1.SendMessage",
    "/docs/problems",
    "/docs/problems/not_found",
    "/docs/guides",
    "/docs/guides/first-steps",
    "/docs/nothing",
]


class Page(HTMLParser):
    """What a page loads, where it leads, and how it is marked up."""

    def __init__(self, text: str) -> None:
        super().__init__()
        self.loads: list[str] = []
        self.links: list[str] = []
        self.ids: list[str] = []
        self.inline: list[str] = []
        self.headings: list[str] = []
        self.language = ""
        self.feed(text)

    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        """Note what matters."""
        known = {name: value or "" for name, value in attrs}
        if tag == "html":
            self.language = known.get("lang", "")
        if tag in {"script", "img", "iframe", "source", "form"}:
            self.loads.append(known.get("src") or known.get("action") or "inline")
        if tag == "link":
            self.loads.append(known["href"])
        if tag == "a":
            self.links.append(known["href"])
        if tag in {"h1", "h2", "h3"}:
            self.headings.append(tag)
        if "id" in known:
            self.ids.append(known["id"])
        self.inline += [name for name in known if name == "style" or name.startswith("on")]


@pytest.mark.parametrize("language", LANGUAGES)
@pytest.mark.parametrize("path", PAGES)
def test_a_page_loads_nothing_from_elsewhere_and_all_it_loads_is_there(
    client: FlaskClient, path: str, language: str
) -> None:
    response = client.get(path, headers={**HTML, "Accept-Language": language})
    page = Page(response.text)

    assert page.loads
    assert "inline" not in page.loads
    assert page.inline == []
    for address in page.loads:
        assert not urlsplit(address).netloc, address
        loaded = client.get(address)
        assert loaded.status_code == 200, address
        assert "immutable" in loaded.headers["Cache-Control"]


@pytest.mark.parametrize("path", PAGES)
def test_a_page_may_load_only_from_its_own_address(client: FlaskClient, path: str) -> None:
    policy = client.get(path, headers=HTML).headers["Content-Security-Policy"]
    rules = dict(rule.strip().split(" ", 1) for rule in policy.split(";"))

    assert rules["default-src"] == "'none'"
    sources = {source for rule in rules.values() for source in rule.split()}
    assert sources == {"'self'", "'none'", "data:"}


def test_the_styles_and_scripts_of_the_site_name_no_other_address() -> None:
    static = Path(pages.__file__).parent / "static"
    named = [
        (path.name, found)
        for path in static.iterdir()
        for found in re.findall(
            r"(?:https?:)?//[\w.-]+\.[a-z]{2,}|@import|url\((?!data:)", path.read_text()
        )
        if "www.w3.org/2000/svg" not in path.read_text() or path.suffix != ".svg"
    ]
    assert named == []


@pytest.mark.parametrize("language", LANGUAGES)
@pytest.mark.parametrize("path", PAGES)
def test_a_page_is_made_for_keyboard_and_screen_reader(
    client: FlaskClient, path: str, language: str
) -> None:
    response = client.get(path, headers={**HTML, "Accept-Language": language})
    page = Page(response.text)

    assert page.language == response.headers["Content-Language"] == language
    assert page.links[0] == "#content"
    assert "content" in page.ids
    assert len(page.ids) == len(set(page.ids))
    assert page.headings.count("h1") == 1
    assert 'name="viewport"' in response.text


@pytest.mark.parametrize("path", PAGES)
def test_every_link_of_the_site_leads_somewhere(client: FlaskClient, path: str) -> None:
    for link in Page(client.get(path, headers=HTML).text).links:
        parts = urlsplit(link)
        if parts.netloc or not parts.path:
            continue
        assert client.get(parts.path, headers=HTML).status_code == 200, link


def test_a_service_page_lists_its_operations_with_their_permissions(client: FlaskClient) -> None:
    text = client.get("/docs/services/contacts").text.replace("\u200b", "")

    assert "/v1/contacts/things/{id}" in text
    assert "Do get_thing" in text
    assert "contacts.things.read" in text
    assert 'href="/docs/api/contacts#/things/get_thing"' in text


def test_what_services_say_of_themselves_is_shown_as_text(
    client: FlaskClient, catalogue: Catalogue, fetch: FakeFetch
) -> None:
    nasty = "<script>alert(1)</script>"
    made = document("contacts")
    made["info"]["description"] = nasty
    made["paths"]["/v1/contacts/things/{id}"]["get"]["summary"] = nasty
    made["x-problems"] = [{"code": nasty, "status": 409, "title": nasty, "description": nasty}]
    fetch.answers["http://contacts"] = made
    catalogue.refresh()

    for path in ("/docs", "/docs/services/contacts", "/docs/problems"):
        text = client.get(path).text
        assert nasty not in text
        assert "&lt;script&gt;" in text


def test_the_errors_page_explains_every_problem_and_each_has_an_address(
    client: FlaskClient, catalogue: Catalogue
) -> None:
    text = unescape(client.get("/docs/problems").text)

    for kind in catalogue.snapshot.problems:
        assert kind.description in text
        page = client.get(f"/docs/problems/{kind.code}")
        assert page.status_code == 200
        assert kind.description in unescape(page.text)


def test_a_service_that_is_away_is_marked(
    client: FlaskClient, catalogue: Catalogue, fetch: FakeFetch
) -> None:
    del fetch.answers["http://contacts"]
    catalogue.refresh()

    assert texts_for("en")["badge_stale"] in client.get("/docs").text
    assert texts_for("en")["state_stale"] in client.get("/docs/services/contacts").text
    assert "/v1/contacts/things" in client.get("/docs/services/contacts").text.replace("\u200b", "")


@pytest.mark.parametrize(
    ("wanted", "language"),
    [
        ("zh-TW,zh;q=0.9,en;q=0.8", "zh-Hant"),
        ("zh-Hant-TW", "zh-Hant"),
        ("en-GB", "en"),
        ("fr,en;q=0.5,zh-TW;q=0.1", "en"),
        ("fr", "en"),
        ("", "en"),
    ],
)
def test_the_browsers_language_is_followed(client: FlaskClient, wanted: str, language: str) -> None:
    response = client.get("/docs", headers={"Accept-Language": wanted})

    assert response.headers["Content-Language"] == language
    assert "Accept-Language" in response.headers["Vary"]


def test_a_chosen_language_is_remembered(client: FlaskClient) -> None:
    chosen = client.get("/docs?lang=zh-Hant")
    later = client.get("/docs/problems", headers={"Accept-Language": "en"})

    assert chosen.headers["Content-Language"] == "zh-Hant"
    assert later.headers["Content-Language"] == "zh-Hant"
    assert "錯誤" in later.text


def test_an_unknown_language_is_not_remembered(client: FlaskClient) -> None:
    response = client.get("/docs?lang=xx")

    assert response.headers["Content-Language"] == "en"
    assert "Set-Cookie" not in response.headers


def test_both_languages_have_the_same_texts() -> None:
    first, *others = (set(texts_for(language)) for language in LANGUAGES)
    assert all(other == first for other in others)
    assert all(text for language in LANGUAGES for text in texts_for(language).values())


@pytest.mark.parametrize(
    "path",
    [
        "/docs/api/nobody",
        "/docs/services/nobody",
        "/docs/facts/rapport.contacts.events.v1.Nothing",
        "/docs/problems/nothing",
        "/docs/guides/nothing",
        "/docs/guides/..%2Fsecret",
        "/docs/assets/nothing.css",
        "/docs/assets/..%2Fpages.py",
        "/docs/swagger/0/swagger-ui.css",
        "/openapi/nobody.json",
    ],
)
def test_what_is_not_there_is_a_page_for_people_and_a_problem_for_programs(
    client: FlaskClient, path: str
) -> None:
    page = client.get(path, headers=HTML)
    problem = client.get(path)

    assert page.status_code == problem.status_code == 404
    assert "<h1>Nothing is here</h1>" in page.text
    assert problem.json is not None
    assert problem.json["code"] == "route_unknown"
    assert problem.content_type == "application/problem+json"
