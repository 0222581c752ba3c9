"""Public pages of a suspended organisation show and take nothing, until it works again."""

from __future__ import annotations

from datetime import timedelta
from typing import Any
from uuid import UUID

import pytest

from chassis.access.directory import TENANT, AccessEntry, remember
from chassis.clock import MovableClock
from chassis.testing.bus import Bus
from chassis.testing.client import ApiAnswer, ApiClient
from chassis.testing.waiting import eventually
from rapport.identity.events.v1.tenant_events_pb2 import TenantResumed, TenantSuspended
from sales.quote_pages.links import PAGE
from services.sales.tests.builders import LEADS, Sales, at_once, good, lasting_app
from services.sales.tests.quoting import QUOTES, sent
from services.sales.tests.sending import link_of
from services.sales.tests.web_forms.test_web_forms import ADA, Visitor, define_form


class House:
    """An organisation with a form and a quote at a customer's."""

    def __init__(self, sales: Sales, app: ApiClient) -> None:
        assert app.tenant_id is not None
        self.sales, self.app, self.tenant = sales, app, app.tenant_id
        self.visitor = Visitor(sales, define_form(app))
        self.quote = sent(app)
        self.token = link_of(app, self.quote["id"])
        self._version = 0

    def suspend(self, *, suspended: bool = True) -> None:
        """Have identity say whether the organisation is suspended."""
        self._version += 1
        about = {"suspended": suspended}
        entry = AccessEntry(TENANT, TENANT, self._version, about)
        with self.sales.service.database.tenant_transaction(self.tenant) as connection:
            remember(connection, self.tenant, entry, self.sales.service.clock.now())
        self.sales.service.directory.forget(self.tenant)

    def page(self, path: str = "", language: str = "en") -> ApiAnswer:
        """What a customer sees."""
        headers = {"Accept": "text/html", "Accept-Language": language}
        return self.sales.anonymous().get(f"{PAGE}{path}?token={self.token}", headers=headers)

    def answer(self, verb: str, **form: str) -> ApiAnswer:
        """What a customer gets who answers."""
        headers = {"Accept": "text/html"}
        path = f"{PAGE}/{verb}"
        return self.sales.anonymous().post(
            path, data={"token": self.token, **form}, headers=headers
        )


@pytest.fixture
def house(timed: Sales, clock: MovableClock) -> House:
    """A house that works."""
    return House(timed, lasting_app(timed, clock))


def test_a_quote_is_neither_shown_nor_answered_in_both_languages(house: House) -> None:
    assert house.page().status_code == 200
    house.suspend()
    for path in ("", "/pdf"):
        assert house.page(path).status_code == 404
    assert "This page is not available" in house.page().text
    assert "此頁面無法使用" in house.page(language="zh-TW").text
    assert house.quote["number"] not in house.page().text
    yes = house.answer("accept", name="Ada", terms="yes")
    no = house.answer("reject", reason="Dear")
    for refused in (yes, no):
        assert refused.status_code == 404
        assert "This page is not available" in refused.text
    house.suspend(suspended=False)
    assert good(house.app.get(f"{QUOTES}/{house.quote['id']}"))["status"] == "sent"
    assert house.answer("accept", name="Ada", terms="yes").status_code == 303


def test_a_form_takes_nothing_and_says_so_in_both_languages(
    house: House, clock: MovableClock
) -> None:
    ticket = house.visitor.open()
    clock.move(timedelta(seconds=20))
    house.suspend()
    page = house.visitor.submit(ADA, ticket=ticket)
    assert page.status_code == 404
    assert "This page is not available" in page.text
    assert "此頁面目前無法使用" in page.text
    answer = house.visitor.send(ADA, ticket=ticket)
    assert (answer.status_code, answer.json["code"]) == (404, "page_not_available")
    assert house.visitor.ask().status_code == 404
    headers = {"Origin": "https://www.cafe.example"}
    assert (
        house.sales.anonymous().get(f"{house.visitor.path}/ticket", headers=headers).status_code
        == 404
    )
    house.suspend(suspended=False)
    assert house.app.get(LEADS).json["items"] == []
    assert house.visitor.send(ADA, ticket=ticket).status_code == 202
    assert len(house.app.get(LEADS).json["items"]) == 1


def test_pages_of_other_organisations_are_shown_meanwhile(
    house: House, timed: Sales, clock: MovableClock
) -> None:
    other = House(timed, lasting_app(timed, clock))
    house.suspend()
    assert (house.page().status_code, other.page().status_code) == (404, 200)


def test_many_who_answer_at_once_while_it_is_suspended_order_nothing(house: House) -> None:
    house.suspend()
    assert at_once(*[lambda: house.answer("accept", name="Ada", terms="yes")] * 4) == [404] * 4
    house.suspend(suspended=False)
    quote = good(house.app.get(f"{QUOTES}/{house.quote['id']}"))
    assert (quote["status"], quote["order_id"]) == ("sent", None)


def test_identity_says_over_the_bus_who_is_suspended(
    sales: Sales, app: ApiClient, bus: Bus
) -> None:
    house = House(sales, app)
    about: dict[str, Any] = {"tenant_id": str(house.tenant)}
    tenant = UUID(str(house.tenant))
    bus.say(TenantSuspended(**about), tenant, tenant, version=2)
    eventually(lambda: house.page().status_code == 404)
    bus.say(TenantResumed(**about), tenant, tenant, version=3)
    eventually(lambda: house.page().status_code == 200)
