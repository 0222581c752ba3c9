"""Makes articles, things and service contracts over REST, as editors and apps do."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, field
from datetime import UTC, datetime
from typing import Any
from uuid import UUID, uuid4

from google.protobuf.message import Message
from google.protobuf.timestamp_pb2 import Timestamp

from chassis.context import service_caller
from chassis.events.reactions import Envelope
from chassis.testing.client import ApiAnswer, ApiClient
from rapport.sales.events.v1.order_events_pb2 import OrderDelivered, OrderReturned
from rapport.sales.v1.order_pb2 import OrderHeader, OrderLine
from services.desk.tests.builders import Desk, good

MODELS = "/v1/desk/asset-models"
ASSETS = "/v1/desk/assets"
REGISTRATIONS = "/v1/desk/asset-registrations"
ARTICLES = "/v1/desk/articles"
SECTIONS = "/v1/desk/article-sections"
SEARCH = "/v1/desk/article-search"


def article(client: ApiClient, key: str = "clean-the-machine", **more: Any) -> dict[str, Any]:
    """An article that nobody has published yet."""
    said = {"key": key, "language": "en", "title": "Clean the machine", "visibility": "public"}
    return good(client.post(ARTICLES, {**said, **more}))


def published(client: ApiClient, key: str = "clean-the-machine", **more: Any) -> dict[str, Any]:
    """An article that readers see."""
    return publish(client, article(client, key, **more)["id"])


def publish(client: ApiClient, article_id: str) -> dict[str, Any]:
    """What readers see of an article from now on."""
    return good(client.post(f"{ARTICLES}/{article_id}/publish"))


def write(
    client: ApiClient, article_id: str, language: str, title: str, body: str = "", summary: str = ""
) -> ApiAnswer:
    """Write what an article says in a language."""
    said = {"title": title, "body": body, "summary": summary}
    return client.put(f"{ARTICLES}/{article_id}/texts/{language}", said)


def found(client: ApiClient, q: str, **more: str) -> list[str]:
    """The keys of the articles that are found, the best first."""
    query = {"q": q, **more}
    answer = good(client.get(SEARCH, query_string=query))
    return [item["key"] for item in answer["items"]]


def hear(desk: Desk, client: ApiClient, handler: Any, fact: Message, version: int = 1) -> None:
    """Have the desk hear a fact of the client's tenant, as it would by the bus."""
    assert client.tenant_id is not None
    envelope = Envelope(
        id=uuid4(),
        type=fact.DESCRIPTOR.full_name,
        tenant_id=client.tenant_id,
        aggregate_id=uuid4(),
        aggregate_version=version,
        actor="service:test",
        occurred_at=datetime.now(UTC),
        traceparent=None,
    )
    caller = service_caller("desk", client.tenant_id)
    desk.service.operations.run(caller, handler, fact, envelope)


def stamp(at: datetime) -> Timestamp:
    """A time as facts give it."""
    made = Timestamp()
    made.FromDatetime(at)
    return made


@dataclass(frozen=True)
class Sold:
    """An order of one line, of which facts tell."""

    person_id: UUID | None
    sku: str = "X-100"
    order_id: UUID = field(default_factory=uuid4)
    company_id: UUID | None = None

    def delivered(
        self, at: datetime, *serials: str, quantity: str = "", delivery: str = "d1"
    ) -> OrderDelivered:
        """Something of it was handed over."""
        return OrderDelivered(
            order_id=str(self.order_id),
            order=self._header(),
            delivery_id=delivery,
            lines=[self._line(serials, quantity)],
            delivered_at=stamp(at),
        )

    def returned(
        self, at: datetime, *serials: str, quantity: str = "", key: str = "r1"
    ) -> OrderReturned:
        """Something of it came back."""
        return OrderReturned(
            order_id=str(self.order_id),
            order=self._header(),
            return_id=key,
            lines=[self._line(serials, quantity)],
            returned_at=stamp(at),
        )

    def _header(self) -> OrderHeader:
        return OrderHeader(
            order_id=str(self.order_id),
            number="2026-000007",
            person_id=None if self.person_id is None else str(self.person_id),
            company_id=None if self.company_id is None else str(self.company_id),
        )

    def _line(self, serials: Sequence[str], quantity: str) -> OrderLine:
        return OrderLine(
            line_id="1",
            sku=self.sku,
            name="Espresso machine",
            quantity=quantity or str(len(serials) or 1),
            serial_numbers=serials,
        )


def model(client: ApiClient, sku: str = "X-100", **more: Any) -> dict[str, Any]:
    """A product whose pieces are kept track of."""
    said = {"product_sku": sku, "name": "Espresso machine", "warranty_months": 24}
    return good(client.post(MODELS, {**said, **more}))


def assets_of(client: ApiClient, **query: str) -> list[dict[str, Any]]:
    """What customers own, in the order in which it was heard of."""
    answer = client.get(ASSETS, query_string={"sort": "created_at", **query})
    items: list[dict[str, Any]] = good(answer)["items"]
    return items
