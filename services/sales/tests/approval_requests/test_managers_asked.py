"""Who leads teams that were there before sales kept it: asked of identity, until it has answered (SA-10, SA-16)."""

from __future__ import annotations

from collections.abc import Sequence
from uuid import UUID, uuid4

import pytest

from chassis.access.leaders import Led
from chassis.access.leaders_asking import LeadersAsking
from chassis.domain import Forbidden, Unavailable
from chassis.testing.access import FakeAccessSource
from chassis.testing.client import ApiClient
from sales.transaction import SalesTx
from services.sales.tests.builders import Sales, good, refused
from services.sales.tests.offices import OWN, REQUESTS, TYPES, step


class FakeLeads:
    """Knows the teams that a test has told of; of other tenants there are none."""

    def __init__(self) -> None:
        self.away = False
        self.refused: set[UUID] = set()
        self.known: dict[UUID, Sequence[Led]] = {}
        self.asked: list[UUID] = []

    def teams_of(self, tenant_id: UUID) -> Sequence[Led]:
        """The teams, unless identity is away or says no."""
        self.asked.append(tenant_id)
        if self.away:
            raise Unavailable("Nobody answers.")
        if tenant_id in self.refused:
            raise Forbidden("No.")
        return self.known.get(tenant_id, ())


@pytest.fixture
def leads() -> FakeLeads:
    """Identity, as far as a test says."""
    return FakeLeads()


@pytest.fixture
def asking(timed: Sales, leads: FakeLeads) -> LeadersAsking[SalesTx]:
    """The asking, done when a test says so."""
    return LeadersAsking(timed.service.database, timed.service.operations, leads, "sales")


class Firm:
    """Ann is in a team that was there before, and asks for what her manager approves."""

    def __init__(self, sales: Sales, access: FakeAccessSource) -> None:
        self.tenant = sales.new_tenant()
        self.above = access.team(self.tenant)
        self.team = access.team(self.tenant, parent=self.above)
        self.ann = sales.user_client(self.tenant, OWN, teams=(self.team,))
        assert self.ann.get(REQUESTS).status_code == 200  # identity tells of its teams by that
        body = {"key": "chair", "name": {"en": "Chair"}, "steps": [step("boss", "manager")]}
        self.kind = good(sales.app_client(self.tenant).post(TYPES, body))

    def ask(self, client: ApiClient | None = None) -> tuple[int, str]:
        """Whom a request of Ann's waits for, or why it was refused."""
        body = {"approval_type_id": self.kind["id"], "subject": "A chair"}
        answer = (client or self.ann).post(REQUESTS, body)
        if answer.status_code != 201:
            return refused(answer)
        return 201, str(good(answer)["awaited_user_id"])


def test_a_managers_step_finds_who_leads_a_team_that_was_there_before(
    timed: Sales, access: FakeAccessSource, asking: LeadersAsking[SalesTx], leads: FakeLeads
) -> None:
    firm, boss = Firm(timed, access), uuid4()
    leads.known[firm.tenant] = (Led(firm.team, 4, firm.above, None), Led(firm.above, 2, None, boss))
    assert firm.ask() == (409, "manager_missing")
    asking.ask_all()
    assert firm.ask() == (201, str(boss))
    asking.ask_all()
    assert leads.asked.count(firm.tenant) == 1


def test_who_is_refused_holds_nobody_back_and_is_asked_again(
    timed: Sales, access: FakeAccessSource, asking: LeadersAsking[SalesTx], leads: FakeLeads
) -> None:
    firms, boss = [Firm(timed, access) for _ in range(2)], uuid4()
    for firm in firms:
        leads.known[firm.tenant] = (Led(firm.team, 1, None, boss), Led(firm.above, 1, None, None))
    leads.refused.add(firms[0].tenant)
    asking.ask_all()
    assert [firm.ask() for firm in firms] == [(409, "manager_missing"), (201, str(boss))]
    leads.refused.clear()
    asking.ask_all()
    assert firms[0].ask() == (201, str(boss))


def test_while_identity_is_away_it_is_not_asked_about_everybody(
    timed: Sales, access: FakeAccessSource, asking: LeadersAsking[SalesTx], leads: FakeLeads
) -> None:
    for _ in range(8):
        Firm(timed, access)
    leads.away = True
    assert asking.ask_all() == 0
    assert len(leads.asked) == 5
