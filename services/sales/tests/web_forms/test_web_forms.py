"""Web forms from a public page to a lead, and what is held back on the way (SA-1)."""

from __future__ import annotations

from collections.abc import Callable
from datetime import timedelta
from typing import Any
from urllib.parse import urlencode

import pytest

from chassis.clock import MovableClock
from chassis.testing.access import FakeAccessSource
from chassis.testing.client import ApiAnswer, ApiClient
from chassis.testing.harness import ServiceHarness, TestDatabase, settings_for
from chassis.testing.tokens import TestTokens
from rapport.sales.events.v1 import lead_events_pb2 as events
from sales.app import build
from sales.settings import SalesSettings
from services.sales.tests.builders import (
    LEADS,
    SUBMISSIONS,
    WEB_FORMS,
    Sales,
    at_once,
    facts,
    fire,
    good,
    lasting_app,
    places,
    refused,
)

SITE = "https://www.cafe.example"
THANKS = ["https://www.cafe.example/thanks", "https://www.cafe.example/danke"]
ADA = {"email": "Ada@Engines.example", "family_name": "Lovelace"}


def define_form(app: ApiClient, **more: Any) -> dict[str, Any]:
    """A form that asks for name, address and more, and for a consent."""
    body = {
        "name": "Spring offer",
        "fields": [
            {"name": "email", "label": {"en": "E-mail", "zh-Hant": "電子郵件"}, "required": True},
            {"name": "family_name", "label": {"en": "Name <b>"}},
            {"name": "company_size", "label": {"en": "People"}},
            {"name": "description", "label": {"en": "Message"}},
        ],
        "consents": [{"purpose": "news", "channel": "email", "wording": {"en": "Write to me."}}],
        "campaign": "spring",
        "landing_page": "/spring",
        "variants": ["a", "b"],
        "allowed_origins": [SITE],
        "thank_you_urls": THANKS,
        **more,
    }
    return good(app.post(WEB_FORMS, body))


class Visitor:
    """Somebody in front of a public page, whose browser says where the page is."""

    def __init__(self, sales: Sales, form: dict[str, Any], origin: str | None = SITE) -> None:
        self._client = ApiClient(sales.app, None)
        self.path = f"/p/sales/forms/{form['id']}"
        self._headers = {} if origin is None else {"Origin": origin}

    def open(self) -> str:
        """The ticket that the page gets when it is opened."""
        answer = self._client.get(f"{self.path}/ticket", headers=self._headers)
        return str(good(answer)["ticket"])

    def send(self, answers: dict[str, Any], **more: Any) -> ApiAnswer:
        """Submit by a script."""
        return self._client.post(self.path, {**answers, **more}, headers=self._headers)

    def submit(self, answers: dict[str, Any], **more: Any) -> ApiAnswer:
        """Submit by the browser itself."""
        return self._client.post(
            self.path,
            data=urlencode({**answers, **more}),
            headers={**self._headers, "Accept": "text/html"},
            content_type="application/x-www-form-urlencoded",
        )

    def ask(self) -> ApiAnswer:
        """What a browser asks before a script of another origin may submit."""
        return self._client.send("OPTIONS", self.path, headers=self._headers)


@pytest.fixture
def own(timed: Sales, clock: MovableClock) -> ApiClient:
    """An app whose token outlives the movable clock."""
    return lasting_app(timed, clock)


def held_back(app: ApiClient) -> list[dict[str, Any]]:
    """What waits to be looked at."""
    items: list[dict[str, Any]] = app.get(f"{SUBMISSIONS}?state=quarantined").json["items"]
    return items


def leads_of(app: ApiClient) -> list[dict[str, Any]]:
    """The leads that there are."""
    items: list[dict[str, Any]] = app.get(LEADS).json["items"]
    return items


def test_what_a_visitor_submits_is_a_lead_with_its_campaign_and_consent(
    timed: Sales, own: ApiClient, clock: MovableClock
) -> None:
    form = define_form(own)
    visitor = Visitor(timed, form)
    ticket = visitor.open()
    clock.move(timedelta(seconds=20))
    yes = {"consent.news.email": "yes", "variant": "b", "language": "en", "company_size": "12"}
    answer = visitor.send(ADA, ticket=ticket, **yes)
    assert (answer.status_code, answer.json) == (202, {"received": True})
    assert answer.headers["Access-Control-Allow-Origin"] == SITE
    (lead,) = leads_of(own)
    assert (lead["email"], lead["company_size"]) == ("ada@engines.example", 12)
    assert (lead["source"], lead["campaign"], lead["landing_page"], lead["variant"]) == (
        "web_form",
        "spring",
        "/spring",
        "b",
    )
    (said,) = lead["consents"]
    assert (said["wording"], said["source"]) == ("Write to me.", "web form Spring offer")
    (touch,) = own.get(f"{LEADS}/{lead['id']}/touches").json["items"]
    assert (touch["kind"], touch["web_form_id"]) == ("form", form["id"])


def test_browsers_go_on_to_addresses_of_the_form_and_nowhere_else(
    timed: Sales, own: ApiClient, clock: MovableClock
) -> None:
    visitor = Visitor(timed, define_form(own))
    tickets = [visitor.open() for _ in range(3)]
    clock.move(timedelta(seconds=20))
    wanted = ["", THANKS[1], "https://evil.example/"]
    answers = [
        visitor.submit(ADA, ticket=ticket, thank_you=to)
        for ticket, to in zip(tickets, wanted, strict=True)
    ]
    assert [one.status_code for one in answers] == [303] * 3
    assert [one.headers["Location"] for one in answers] == [THANKS[0], THANKS[1], THANKS[0]]
    plain = Visitor(timed, define_form(own, thank_you_urls=[]))
    assert plain.submit(ADA).status_code == 200


def test_pages_of_other_origins_are_refused_and_leave_nothing(timed: Sales, own: ApiClient) -> None:
    form = define_form(own)
    for origin in ("https://evil.example", "http://www.cafe.example"):
        visitor = Visitor(timed, form, origin)
        assert refused(visitor.send(ADA)) == (403, "origin_refused")
        assert refused(visitor.ask()) == (403, "origin_refused")
    assert held_back(own) == leads_of(own) == []
    asked = Visitor(timed, form).ask()
    assert (asked.status_code, asked.headers["Access-Control-Allow-Methods"]) == (204, "POST")


def test_a_lead_from_a_page_whose_origin_the_browser_hides_is_held_back_and_not_lost(
    timed: Sales, own: ApiClient, clock: MovableClock
) -> None:
    # A page with `Referrer-Policy: no-referrer` has browsers send "null", which says nothing.
    visitor = Visitor(timed, define_form(own), "null")
    ticket = visitor.open()
    clock.move(timedelta(seconds=20))
    answer = visitor.send({**ADA, "ticket": ticket})
    assert answer.status_code == 202
    assert "Access-Control-Allow-Origin" not in answer.headers
    (held,) = held_back(own)
    assert held["reasons"] == ["origin_missing"]
    assert leads_of(own) == []


@pytest.mark.parametrize(
    ("reason", "seconds", "change"),
    [
        ("honeypot_filled", 20, lambda sent: {**sent, "homepage": "https://pills.example"}),
        ("too_fast", 1, lambda sent: sent),
        ("ticket_expired", 25 * 3600, lambda sent: sent),
        ("ticket_missing", 20, lambda sent: {**sent, "ticket": ""}),
        ("ticket_invalid", 20, lambda sent: {**sent, "ticket": "1." + sent["ticket"][2:]}),
        ("many_links", 20, lambda sent: {**sent, "description": "http://a http://b http://c"}),
    ],
)
def test_what_looks_like_abuse_is_held_back_with_the_reason(
    timed: Sales,
    own: ApiClient,
    clock: MovableClock,
    reason: str,
    seconds: int,
    change: Callable[[dict[str, str]], dict[str, str]],
) -> None:
    visitor = Visitor(timed, define_form(own))
    sent = {**ADA, "ticket": visitor.open()}
    clock.move(timedelta(seconds=seconds))
    answer = visitor.send(change(sent))
    # Whoever tries learns nothing.
    assert (answer.status_code, answer.json) == (202, {"received": True})
    assert leads_of(own) == []
    (waiting,) = held_back(own)
    assert waiting["reasons"] == [reason]
    assert waiting["answers"]["email"] == ADA["email"]
    (told,) = facts(timed, own, events.FormSubmissionQuarantined)
    assert [*told.reasons] == [reason]
    assert "ngines" not in str(told)


def test_without_an_origin_it_is_held_back_and_nothing_is_lost(
    timed: Sales, own: ApiClient, clock: MovableClock
) -> None:
    visitor = Visitor(timed, define_form(own), None)
    ticket = visitor.open()
    clock.move(timedelta(seconds=20))
    assert visitor.send(ADA, ticket=ticket, language="en", variant="a").status_code == 202
    (waiting,) = held_back(own)
    assert waiting["reasons"] == ["origin_missing"]
    clock.move(timedelta(days=2))
    released = good(own.post(f"{SUBMISSIONS}/{waiting['id']}/release"))
    (lead,) = leads_of(own)
    assert (released["state"], released["lead_id"], released["answers"]) == (
        "released",
        lead["id"],
        {},
    )
    # It came when it was sent, not when somebody looked at it.
    assert (lead["captured_at"], lead["variant"]) == (waiting["received_at"], "a")
    path = f"{SUBMISSIONS}/{waiting['id']}"
    assert refused(own.post(f"{path}/drop")) == (409, "submission_reviewed")


def test_two_reviewers_at_once_decide_once(timed: Sales, own: ApiClient) -> None:
    Visitor(timed, define_form(own)).send(ADA)
    (waiting,) = held_back(own)
    path = f"{SUBMISSIONS}/{waiting['id']}/release"
    assert at_once(*[lambda: own.post(path)] * 3) == [200, 409, 409]
    assert len(leads_of(own)) == 1


def test_what_nobody_looks_at_is_forgotten_after_ninety_days(
    timed: Sales, own: ApiClient, clock: MovableClock
) -> None:
    Visitor(timed, define_form(own)).send(ADA)
    (waiting,) = held_back(own)
    clock.move(timedelta(days=89))
    fire(timed)
    assert own.get(f"{SUBMISSIONS}/{waiting['id']}").json["answers"] != {}
    clock.move(timedelta(days=2))
    fire(timed)
    after = own.get(f"{SUBMISSIONS}/{waiting['id']}").json
    assert (after["state"], after["answers"]) == ("dropped", {})
    (told,) = facts(timed, own, events.FormSubmissionDropped)
    assert told.expired


def test_a_ticket_counts_once_even_at_the_same_time(
    timed: Sales, own: ApiClient, clock: MovableClock
) -> None:
    visitor = Visitor(timed, define_form(own))
    ticket = visitor.open()
    clock.move(timedelta(seconds=20))
    assert at_once(*[lambda: visitor.send(ADA, ticket=ticket)] * 4) == [202] * 4
    (lead,) = leads_of(own)
    assert lead["touches"] == 1
    clock.move(timedelta(hours=25))
    fire(timed)
    assert visitor.send(ADA, ticket=ticket).status_code == 202
    assert [one["reasons"] for one in held_back(own)] == [["ticket_expired"]]


def test_whoever_comes_again_is_the_same_lead_touched_again(
    timed: Sales, own: ApiClient, clock: MovableClock
) -> None:
    visitor = Visitor(timed, define_form(own))
    tickets = [visitor.open() for _ in range(4)]
    clock.move(timedelta(seconds=20))
    calls = [
        lambda ticket=ticket: visitor.send({"email": "ADA@engines.example"}, ticket=ticket)
        for ticket in tickets[:3]
    ]
    assert at_once(*calls) == [202] * 3
    (lead,) = leads_of(own)
    assert (lead["touches"], lead["family_name"]) == (3, "")
    good_one = visitor.send(ADA, ticket=tickets[3], description="More beans")
    assert good_one.status_code == 202
    (lead,) = leads_of(own)
    assert (lead["touches"], lead["family_name"]) == (4, "Lovelace")


def test_what_is_missing_unasked_or_no_text_is_named(timed: Sales, own: ApiClient) -> None:
    visitor = Visitor(timed, define_form(own))
    assert places(visitor.send({"family_name": "L"})) == [("/email", "field_missing")]
    assert places(visitor.send({**ADA, "password": "x"})) == [("/password", "field_unknown")]
    assert places(visitor.send({**ADA, "family_name": 7})) == [("/family_name", "not_a_text")]
    assert places(visitor.send({**ADA, "company_size": "many"})) == [
        ("/company_size", "not_a_number")
    ]
    assert visitor.send({**ADA, "email": "nobody"}).status_code == 422
    page = visitor.submit({"family_name": "<script>"})
    assert (page.status_code, "<script>" in page.text) == (422, False)
    assert held_back(own) == leads_of(own) == []


def test_large_bodies_and_other_media_types_are_refused(timed: Sales, own: ApiClient) -> None:
    visitor = Visitor(timed, define_form(own))
    assert visitor.send({**ADA, "description": "x" * 40_000}).status_code == 413
    assert visitor.submit({**ADA, "description": "x" * 40_000}).status_code == 413
    client = ApiClient(timed.app, None)
    assert client.post(visitor.path, data="hello", content_type="text/plain").status_code == 415
    assert client.post(visitor.path, data="[", content_type="application/json").status_code == 400


def test_an_archived_form_takes_nothing_and_an_unknown_one_is_not_there(
    timed: Sales, own: ApiClient
) -> None:
    form = define_form(own)
    visitor = Visitor(timed, form)
    assert own.delete(f"{WEB_FORMS}/{form['id']}").status_code == 204
    assert refused(visitor.send(ADA)) == (410, "web_form_archived")
    good(own.post(f"{WEB_FORMS}/{form['id']}/restore"))
    assert visitor.send(ADA).status_code == 202
    assert Visitor(timed, {"id": own.tenant_id}).send(ADA).status_code == 404


def test_a_form_has_to_ask_how_to_reach_somebody_and_nothing_twice(own: ApiClient) -> None:
    base = define_form(own)
    body = {key: base[key] for key in ("name", "allowed_origins")}
    name = {"name": "family_name", "label": {"en": "Name"}}
    alone = own.post(WEB_FORMS, {**body, "fields": [name]})
    assert places(alone) == [("/fields", "nobody_to_reach")]
    email = {"name": "email", "label": {"en": "E-mail"}, "required": True}
    twice = own.post(WEB_FORMS, {**body, "fields": [email, email]})
    assert places(twice) == [("/fields", "asked_twice")]
    for site in ("https://a.example/path", "ftp://a.example", "*"):
        answer = own.post(WEB_FORMS, {**body, "fields": [email], "allowed_origins": [site]})
        assert places(answer)[0][0] == "/allowed_origins/0"
    script = own.post(WEB_FORMS, {**body, "fields": [email], "thank_you_urls": ["javascript:x"]})
    assert places(script)[0][0] == "/thank_you_urls/0"


def test_the_snippet_has_every_question_and_escapes_what_people_wrote(own: ApiClient) -> None:
    form = define_form(own)
    html = good(own.get(f"{WEB_FORMS}/{form['id']}/snippet?language=zh-Hant"))["html"]
    assert "電子郵件" in html
    assert "Name &lt;b&gt;" in html
    assert "<b>" not in html
    assert f'/p/sales/forms/{form["id"]}"' in html
    for name in ("email", "company_size", "homepage", "ticket", "consent.news.email"):
        assert f'name="{name}"' in html


def test_too_many_calls_from_one_address_are_refused(
    database: TestDatabase, tokens: TestTokens, access: FakeAccessSource
) -> None:
    strict_limit = {"rate_limit_per_address": 3, "contacts_grpc": "127.0.0.1:1"}
    settings = SalesSettings(**{**settings_for(database), **strict_limit})
    strict = ServiceHarness(
        build(settings, keys=tokens.key_source(), access=access), tokens, access
    )
    app = strict.app_client(strict.new_tenant())
    visitor = Visitor(strict, define_form(app))
    answers = [visitor.send({}) for _ in range(4)]
    strict.service.stop()
    assert [one.status_code for one in answers] == [422, 422, 422, 429]
    assert "Retry-After" in answers[-1].headers
