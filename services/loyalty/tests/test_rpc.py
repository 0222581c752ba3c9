"""The questions that other services ask loyalty, over a real gRPC server (LO-1)."""

from __future__ import annotations

from collections.abc import Iterator
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
from chassis.testing.tokens import TestTokens
from loyalty.ledger import operations as ledger
from loyalty.ledger.domain import Cause
from loyalty.membership import profile_refresher
from loyalty.rpc import LOYALTY_SERVICE
from rapport.loyalty.v1 import loyalty_service_pb2 as messages
from rapport.loyalty.v1.loyalty_service_pb2_grpc import LoyaltyServiceStub
from services.loyalty.tests.builders import MEMBERS, Loyalty, create_program, enrol, good
from services.loyalty.tests.fakes import FakePeople
from services.loyalty.tests.tiering import Shop, tiers_of


class OwnTokens:
    """The tokens of a service called `desk`, which outlive a clock that is moved by years."""

    def __init__(self, tokens: TestTokens) -> None:
        self._tokens = tokens

    def token(self, tenant_id: UUID) -> str:
        expires = int((datetime.now(UTC) + timedelta(days=3650)).timestamp())
        return self._tokens.sign(
            sub="desk", client_id="desk", tid=str(tenant_id), scope="*", svc=True, exp=expires
        )

    def forget(self, tenant_id: UUID) -> None:
        raise AssertionError(f"the token for {tenant_id} was refused")


@pytest.fixture
def peer(timed: Loyalty, tokens: TestTokens) -> Iterator[Peer]:
    """Loyalty as another service reaches it."""
    service = timed.service
    listening = service.settings.model_copy(update={"grpc_port": free_port()})
    server = RpcServer(listening, service.authenticator, service.operations, [LOYALTY_SERVICE])
    peers = Peers(OwnTokens(tokens))
    server.start()
    yield peers.at("loyalty", f"127.0.0.1:{listening.grpc_port}")
    peers.close()
    server.stop(1)


@pytest.fixture
def shop(timed: Loyalty, clock: MovableClock) -> Shop:
    """A program by whose points is worth something, with tiers; its time is now, as the tokens' is."""
    opened = Shop(timed, clock, datetime.now(UTC))
    body = tiers_of("100", "200")
    body["tiers"][1]["name"] = {"en": "Gold", "zh-Hant": "金卡"}
    opened.tiers(body)
    return opened


def memberships(peer: Peer, caller: Caller, person_id: str) -> list[messages.Membership]:
    """What loyalty answers."""
    request = messages.GetMembershipsRequest(person_id=person_id)
    answer: Any = peer.ask(
        peer.stub(LoyaltyServiceStub).GetMemberships, request, caller, timeout=30
    )
    return list(answer.memberships)


def test_a_membership_comes_with_tier_points_and_what_the_person_spends(
    peer: Peer, shop: Shop, people: FakePeople
) -> None:
    member = shop.member()
    desk = service_caller("desk", shop.tenant_id)
    people.know(UUID(member["person_id"]), language="zh-TW")
    while profile_refresher(shop.loyalty.service, people, "loyalty").ask_due() == 0:
        pass
    order = shop.deliver(member, "250")
    shop.refund(order, "30.50")

    def earn(tx: Any) -> None:
        ledger.earn(tx, UUID(member["id"]), 70, Cause("earning", "1"))
        later = tx.clock.now() + timedelta(days=14)
        ledger.earn(tx, UUID(member["id"]), 5, Cause("earning", "2"), pending_until=later)

    shop.loyalty.service.operations.run(desk, earn)
    (found,) = memberships(peer, desk, member["person_id"])
    assert (found.member_id, found.number) == (member["id"], member["number"])
    assert (found.program_key, found.program_name, found.status) == ("club", "Club", "active")
    assert (found.tier.key, found.tier.name, found.tier.rank) == ("gold", "金卡", 1)
    assert (found.available_points, found.pending_points) == (70, 5)
    assert (found.value.amount, found.value.currency) == ("219.50", "TWD")


def test_what_was_spent_more_than_a_year_ago_is_no_value_any_more(peer: Peer, shop: Shop) -> None:
    member = shop.member()
    desk = service_caller("desk", shop.tenant_id)
    shop.deliver(member, "250")
    shop.clock.move(timedelta(days=367))
    (found,) = memberships(peer, desk, member["person_id"])
    assert found.value.amount == "0.00"


def test_who_is_suspended_or_has_left_is_told_with_the_status_and_no_member_is_none(
    peer: Peer, shop: Shop
) -> None:
    person = uuid4()
    one = shop.member(person)
    second = create_program(shop.app, key="circle", name="Circle")
    other = enrol(shop.app, second, person)
    good(shop.app.post(f"{MEMBERS}/{one['id']}/suspend", {"reason": "Chargebacks"}))
    good(shop.app.post(f"{MEMBERS}/{other['id']}/leave", {}))
    desk = service_caller("desk", shop.tenant_id)
    found = memberships(peer, desk, str(person))
    assert [(each.program_key, each.status) for each in found] == [
        ("club", "suspended"),
        ("circle", "left"),
    ]
    assert not found[1].HasField("tier")
    assert memberships(peer, desk, str(uuid4())) == []


def test_another_tenants_members_do_not_exist(peer: Peer, shop: Shop) -> None:
    member = shop.member()
    stranger = service_caller("desk", shop.loyalty.new_tenant())
    assert memberships(peer, stranger, member["person_id"]) == []


def test_what_is_no_person_and_who_may_not_read_is_refused(
    peer: Peer, shop: Shop, tokens: TestTokens
) -> None:
    desk = service_caller("desk", shop.tenant_id)
    with pytest.raises(Invalid):
        memberships(peer, desk, "me")
    token = tokens.sign(
        tid=str(shop.tenant_id), sub="app", client_id="app", scope="loyalty.programs.read"
    )
    app = Caller(shop.tenant_id, "app", token=token)
    with pytest.raises(Forbidden):
        memberships(peer, app, str(uuid4()))
