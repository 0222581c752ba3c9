"""Sends quotes to customers whom a fake knows, and follows their links as they do."""

from __future__ import annotations

from urllib.parse import parse_qs, urlsplit
from uuid import UUID, uuid4

from chassis.context import Caller
from chassis.domain import Unavailable
from chassis.testing.client import ApiAnswer, ApiClient
from sales.quote_pages.links import PAGE
from sales.quotes.recipients import Recipient
from services.sales.tests.builders import Sales, good
from services.sales.tests.quoting import QUOTES

LETTERHEAD = "/v1/sales/letterhead"
SELLER = {
    "name": {"en": "Amphitrite Coffee Ltd.", "zh-Hant": "安菲咖啡股份有限公司"},
    "address": {"en": "5F, No. 12, Bade Road, Taipei", "zh-Hant": "台北市八德路 12 號 5 樓"},
    "terms": {"en": "Payment within 30 days.", "zh-Hant": "貨到後三十日內付款。"},
    "tax_id": "24567890",
    "phone": "+886 2 2577 0000",
}


class FakeRecipients:
    """Knows whom a test has introduced."""

    def __init__(self) -> None:
        self.known: dict[UUID, Recipient] = {}
        self.companies: dict[UUID, str] = {}
        self.is_away = False

    def add(self, name: str, language: str = "", *, has_mail: bool = True) -> UUID:
        """Introduce somebody."""
        person_id = uuid4()
        self.known[person_id] = Recipient(person_id, name, language, has_mail)
        return person_id

    def person(self, tenant_id: UUID, person_id: UUID) -> Recipient | None:  # noqa: ARG002 - the port's signature
        """The person, of any tenant."""
        if self.is_away:
            raise Unavailable("contacts does not answer", code="peer_unavailable", retry_after=1)
        return self.known.get(person_id)

    def company_name(self, caller: Caller, company_id: UUID) -> str:  # noqa: ARG002 - the port's signature
        """The company's name, of any tenant."""
        if self.is_away:
            raise Unavailable("contacts does not answer", code="peer_unavailable", retry_after=1)
        return self.companies.get(company_id, "")


def link_of(client: ApiClient, quote_id: str) -> str:
    """The token of a quote's link."""
    address = good(client.get(f"{QUOTES}/{quote_id}/link"))["address"]
    return token_in(address)


def token_in(address: str) -> str:
    """The token of a link."""
    parts = urlsplit(address)
    assert parts.path == PAGE
    return parse_qs(parts.query)["token"][0]


def look(sales: Sales, token: str, language: str = "en", page: str = "", **query: str) -> ApiAnswer:
    """Look at what a link leads to."""
    headers = {"Accept-Language": language, "Accept": "text/html"}
    given = {"token": token, **query}
    return sales.anonymous().get(PAGE + page, query_string=given, headers=headers)


def answer(sales: Sales, token: str, page: str, language: str = "en", **form: str) -> ApiAnswer:
    """Send the form of the page."""
    headers = {"Accept-Language": language, "Accept": "text/html"}
    return sales.anonymous().post(f"{PAGE}/{page}", data={"token": token, **form}, headers=headers)


def accept(sales: Sales, token: str, name: str = "王小明") -> ApiAnswer:
    """Press the button that orders."""
    return answer(sales, token, "accept", name=name, terms="yes")
