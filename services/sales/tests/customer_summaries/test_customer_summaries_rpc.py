"""What sales answers others about a customer, over a real gRPC server (CO-5)."""

from __future__ import annotations

from collections.abc import Iterator
from concurrent.futures import ThreadPoolExecutor
from datetime import UTC, datetime, timedelta
from typing import Any
from uuid import UUID, uuid4

import pytest

from chassis.clock import MovableClock
from chassis.context import Caller, service_caller
from chassis.domain import Forbidden, Invalid
from chassis.embedded.processes import free_port
from chassis.rpc.client import Peer, Peers
from chassis.rpc.server import RpcServer
from chassis.testing.client import ApiClient
from chassis.testing.tokens import TestTokens
from rapport.common.v1.money_pb2 import Money
from rapport.sales.v1 import sales_service_pb2 as messages
from rapport.sales.v1.customer_summary_pb2 import CustomerSummary
from rapport.sales.v1.sales_service_pb2_grpc import SalesServiceStub
from sales.rpc import SALES_SERVICE
from services.sales.tests.builders import (
    OPPORTUNITIES,
    Sales,
    choose_base,
    define_pipeline,
    good,
    know_user,
    lasting_app,
    line,
    move,
    open_one,
    place,
)
from services.sales.tests.quoting import draft, sent
from services.sales.tests.subscribing import seat, subscribe

DECADE = timedelta(days=3650)


class OwnTokens:
    """The tokens of contacts, which outlive a clock that is moved by years."""

    def __init__(self, tokens: TestTokens) -> None:
        self._tokens = tokens

    def token(self, tenant_id: UUID) -> str:
        expires = int((datetime.now(UTC) + DECADE).timestamp())
        about: dict[str, Any] = {
            "sub": "contacts",
            "client_id": "contacts",
            "scope": "*",
            "svc": True,
        }
        return self._tokens.sign(tid=str(tenant_id), exp=expires, **about)

    def forget(self, tenant_id: UUID) -> None:
        raise AssertionError(f"the token for {tenant_id} was refused")


@pytest.fixture
def peer(timed: Sales, tokens: TestTokens) -> Iterator[Peer]:
    """Sales as another service reaches it."""
    service = timed.service
    listening = service.settings.model_copy(update={"grpc_port": free_port()})
    server = RpcServer(listening, service.authenticator, service.operations, [SALES_SERVICE])
    peers = Peers(OwnTokens(tokens))
    server.start()
    yield peers.at("sales", f"127.0.0.1:{listening.grpc_port}")
    peers.close()
    server.stop(1)


@pytest.fixture
def shop(timed: Sales, clock: MovableClock) -> ApiClient:
    """An app that may do everything, in a tenant of its own that adds up in TWD."""
    app = lasting_app(timed, clock)
    choose_base(app)
    return app


def summary(
    peer: Peer, caller: Caller, person_id: str, company_id: str | None = None
) -> CustomerSummary:
    """What sales answers."""
    request = messages.GetCustomerSummaryRequest(person_id=person_id, company_id=company_id)
    answer: Any = peer.ask(
        peer.stub(SalesServiceStub).GetCustomerSummary, request, caller, timeout=30
    )
    found: CustomerSummary = answer.summary
    return found


def contacts(client: ApiClient) -> Caller:
    """Contacts, at work for the client's tenant."""
    assert client.tenant_id is not None
    return service_caller("contacts", client.tenant_id)


def with_scope(client: ApiClient, tokens: TestTokens, scope: str) -> Caller:
    """An app that may do this and no more, as contacts passes it on."""
    token = tokens.sign(tid=str(client.tenant_id), sub="app", client_id="app", scope=scope)
    return Caller(client.tenant_id, "app", token=token)


def test_a_customer_is_summed_up_with_deals_quotes_orders_and_subscriptions(
    peer: Peer, shop: ApiClient
) -> None:
    person = str(uuid4())
    pipeline = define_pipeline(shop)
    twelve = {"amount": "12.50", "currency": "TWD"}
    late = open_one(shop, pipeline, person_id=person, expected_close_on="2999-03-01")
    soon = open_one(shop, pipeline, person_id=person, expected_close_on="2999-01-01", amount=twelve)
    won = open_one(shop, pipeline, person_id=person, amount={"amount": "300", "currency": "TWD"})
    assert move(shop, won, "won").status_code == 200
    quote = sent(shop, person_id=person, company_id=None)
    order = place(shop, line("100", "3"), person_id=person)
    running = subscribe(shop, seat("40"), person_id=person, company_id=None)
    open_one(shop, pipeline, person_id=str(uuid4()))

    found = summary(peer, contacts(shop), person)

    assert [deal.opportunity_id for deal in found.open_deals] == [soon["id"], late["id"]]
    assert found.open_deals[0].amount == Money(amount="12.50", currency="TWD")
    assert (found.open_deals[0].stage, found.open_deals[0].probability) == ("new", 10)
    assert not found.open_deals[1].HasField("amount")
    assert found.open_deal_count == 2
    assert [(w.total.amount, w.last_year.amount, w.count) for w in found.won] == [
        ("300.00", "300.00", 1)
    ]
    assert [(q.quote_id, q.status, q.valid_until) for q in found.open_quotes] == [
        (quote["id"], "sent", "2999-12-31")
    ]
    assert [(o.order_id, o.status, o.total.amount) for o in found.recent_orders] == [
        (order["id"], "confirmed", "300.00")
    ]
    assert [(s.subscription_id, s.status, s.monthly.amount) for s in found.subscriptions] == [
        (running["id"], "active", "40.00")
    ]
    assert (found.open_quote_count, found.order_count, found.subscription_count) == (1, 1, 1)
    assert list(found.withheld) == []


def test_what_belongs_to_the_company_counts_only_when_it_is_asked_for(
    peer: Peer, shop: ApiClient
) -> None:
    person, company = str(uuid4()), str(uuid4())
    of_company = open_one(shop, define_pipeline(shop), company_id=company)
    draft(shop, company_id=company)
    assert summary(peer, contacts(shop), person) == CustomerSummary()
    found = summary(peer, contacts(shop), person, company)
    assert [deal.opportunity_id for deal in found.open_deals] == [of_company["id"]]
    assert found.open_quote_count == 1


def test_lists_are_short_and_counts_are_whole(peer: Peer, shop: ApiClient) -> None:
    person = str(uuid4())
    pipeline = define_pipeline(shop)
    for _ in range(11):
        open_one(shop, pipeline, person_id=person)
    for _ in range(6):
        place(shop, person_id=person)
    found = summary(peer, contacts(shop), person)
    assert (len(found.open_deals), found.open_deal_count) == (10, 11)
    assert (len(found.recent_orders), found.order_count) == (5, 6)


def test_what_was_won_more_than_a_year_ago_counts_in_the_total_alone(
    peer: Peer, shop: ApiClient, clock: MovableClock
) -> None:
    person = str(uuid4())
    pipeline = define_pipeline(shop)
    for amount in ("100", "20"):
        deal = open_one(
            shop, pipeline, person_id=person, amount={"amount": amount, "currency": "TWD"}
        )
        assert move(shop, deal, "won").status_code == 200
        clock.move(timedelta(days=200))
    (won,) = summary(peer, contacts(shop), person).won
    assert (won.total.amount, won.last_year.amount, won.count) == ("120.00", "20.00", 2)


def test_parts_without_their_permission_are_empty_and_named(
    peer: Peer, shop: ApiClient, tokens: TestTokens
) -> None:
    person = str(uuid4())
    open_one(shop, define_pipeline(shop), person_id=person)
    order = place(shop, person_id=person)
    found = summary(peer, with_scope(shop, tokens, "sales.orders.read"), person)
    assert [one.order_id for one in found.recent_orders] == [order["id"]]
    assert (list(found.open_deals), found.open_deal_count) == ([], 0)
    assert list(found.withheld) == ["deals", "quotes", "subscriptions"]


def test_who_may_see_nothing_of_sales_and_what_is_no_id_is_refused(
    peer: Peer, shop: ApiClient, tokens: TestTokens
) -> None:
    with pytest.raises(Forbidden):
        summary(peer, with_scope(shop, tokens, "contacts.people.read"), str(uuid4()))
    with pytest.raises(Invalid):
        summary(peer, contacts(shop), "me")
    with pytest.raises(Invalid):
        summary(peer, contacts(shop), str(uuid4()), "us")


def test_another_tenants_records_do_not_exist(peer: Peer, shop: ApiClient, timed: Sales) -> None:
    person = str(uuid4())
    open_one(shop, define_pipeline(shop), person_id=person)
    stranger = service_caller("contacts", timed.new_tenant())
    assert summary(peer, stranger, person) == CustomerSummary()


def test_a_seller_sees_their_own_and_what_they_work_on(
    peer: Peer, shop: ApiClient, timed: Sales, tokens: TestTokens
) -> None:
    assert shop.tenant_id is not None
    person, seller = str(uuid4()), uuid4()
    pipeline = define_pipeline(shop)
    own = open_one(shop, pipeline, person_id=person, owner_id=str(seller))
    open_one(shop, pipeline, person_id=person, owner_id=str(uuid4()))
    joined = open_one(shop, pipeline, person_id=person, owner_id=str(uuid4()))
    know_user(timed, shop.tenant_id, seller)
    good(shop.put(f"{OPPORTUNITIES}/{joined['id']}/members/{seller}", {"role": "expert"}))
    place(shop, person_id=person, owner_id=str(uuid4()))
    role = timed.access.role(shop.tenant_id, {"sales.*": "own"})
    timed.service.directory.forget(shop.tenant_id)
    token = tokens.sign(
        tid=str(shop.tenant_id),
        sub=str(seller),
        uid=str(seller),
        client_id="console",
        sid=str(uuid4()),
        scope="*",
        roles=[str(role)],
    )
    found = summary(peer, Caller(shop.tenant_id, str(seller), token=token), person)
    assert {deal.opportunity_id for deal in found.open_deals} == {own["id"], joined["id"]}
    assert (found.open_deal_count, found.order_count) == (2, 0)


def test_a_summary_is_of_one_moment_while_deals_are_won(peer: Peer, shop: ApiClient) -> None:
    """Each deal is either open or won, whenever one looks."""
    person = str(uuid4())
    pipeline = define_pipeline(shop)
    worth = {"amount": "10", "currency": "TWD"}
    deals = [open_one(shop, pipeline, person_id=person, amount=worth) for _ in range(4)]
    with ThreadPoolExecutor(2) as pool:
        winning = pool.submit(lambda: [move(shop, deal, "won").status_code for deal in deals])
        seen = [summary(peer, contacts(shop), person) for _ in range(10)]
        assert winning.result() == [200] * 4
    seen.append(summary(peer, contacts(shop), person))
    assert {one.open_deal_count + sum(won.count for won in one.won) for one in seen} == {4}
    assert [won.total.amount for won in seen[-1].won] == ["40.00"]
