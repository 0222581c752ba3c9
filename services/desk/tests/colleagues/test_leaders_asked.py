"""Who leads teams that were there before desk kept it: asked of identity, until it has answered (DE-3, DE-10)."""

from __future__ import annotations

from uuid import UUID, uuid4

import pytest

from chassis.access.leaders import Led
from chassis.access.leaders_asking import LeadersAsking
from chassis.context import service_caller
from chassis.domain import Forbidden, Unavailable
from chassis.storage.scope import EVERYTHING
from chassis.storage.statements import Statement
from chassis.storage.unit_of_work import Reading
from chassis.testing.access import FakeAccessSource
from chassis.testing.client import ApiClient
from desk.colleagues.leadership import leader_of
from desk.transaction import DeskTx
from rapport.identity.events.v1.access_events_pb2 import TeamPlaced, TeamRemoved
from services.desk.tests.builders import Desk
from services.desk.tests.fakes import FakeLeads
from services.desk.tests.routing_builders import tell_team

_ROWS = Statement("SELECT team_id FROM team_managers WHERE tenant_id = %(tenant_id)s")


@pytest.fixture
def leads() -> FakeLeads:
    """Identity, as far as a test says."""
    return FakeLeads()


@pytest.fixture
def asking(timed: Desk, leads: FakeLeads) -> LeadersAsking[DeskTx]:
    """The asking, done when a test says so."""
    service = timed.service
    return LeadersAsking(service.database, service.operations, leads, "desk")


def old_tenant(desk: Desk, access: FakeAccessSource, *, teams: int) -> tuple[ApiClient, list[UUID]]:
    """A tenant whose teams are known from before, without who leads them."""
    tenant_id = desk.new_tenant()
    team_ids = [access.team(tenant_id) for _ in range(teams)]
    client = desk.user_client(tenant_id, {"desk.*": "all"})
    assert client.get("/v1/desk/queues").status_code == 200  # identity tells of its teams by that
    return client, team_ids


def leader(desk: Desk, client: ApiClient, team_id: UUID) -> UUID | None:
    assert client.tenant_id is not None
    caller = service_caller("desk", client.tenant_id)
    return desk.service.operations.run(caller, leader_of, team_id)


def kept(desk: Desk, client: ApiClient) -> set[UUID]:
    def rows(reading: Reading) -> set[UUID]:
        about = {"tenant_id": reading.caller.tenant_id}
        return {row["team_id"] for row in reading.fetch_all(_ROWS, about)}

    assert client.tenant_id is not None
    caller = service_caller("desk", client.tenant_id)
    return desk.service.operations.read(caller, EVERYTHING, rows)


def test_who_leads_a_team_that_was_there_before_is_known_once_identity_was_asked(
    timed: Desk, access: FakeAccessSource, asking: LeadersAsking[DeskTx], leads: FakeLeads
) -> None:
    client, (team, above, gone) = old_tenant(timed, access, teams=3)
    chief = uuid4()
    leads.tell(client.tenant_id, Led(team, 4, above, None), Led(above, 2, None, chief))
    assert leader(timed, client, team) is None
    asking.ask_all()
    assert (leader(timed, client, team), leader(timed, client, gone)) == (chief, None)
    assert kept(timed, client) == {team, above, gone}
    asking.ask_all()
    assert leads.asked.count(client.tenant_id) == 1  # type: ignore[arg-type]


def test_what_a_fact_has_said_later_stays(
    timed: Desk, access: FakeAccessSource, asking: LeadersAsking[DeskTx], leads: FakeLeads
) -> None:
    client, (team, other, removed) = old_tenant(timed, access, teams=3)
    old, new = uuid4(), uuid4()
    tell_team(timed, client, TeamPlaced(team_id=str(team), manager_id=str(new)), 5)
    tell_team(timed, client, TeamRemoved(team_id=str(removed)), 3)
    leads.tell(
        client.tenant_id,
        Led(team, 4, None, old),
        Led(other, 4, None, old),
        Led(removed, 2, None, old),
    )
    asking.ask_all()
    assert leader(timed, client, team) == new
    assert leader(timed, client, removed) is None
    # What was said before the answer, and comes after it, changes nothing; what was said later does.
    tell_team(timed, client, TeamPlaced(team_id=str(other), manager_id=str(uuid4())), 3)
    assert leader(timed, client, other) == old
    tell_team(timed, client, TeamPlaced(team_id=str(other), manager_id=str(new)), 5)
    assert leader(timed, client, other) == new


def test_who_is_refused_or_gets_no_answer_holds_nobody_back_and_is_asked_again(
    timed: Desk, access: FakeAccessSource, asking: LeadersAsking[DeskTx], leads: FakeLeads
) -> None:
    refused, (barred,) = old_tenant(timed, access, teams=1)
    leads.refuse(refused.tenant_id, Forbidden("No."))
    late, (team,) = old_tenant(timed, access, teams=1)
    leads.refuse(late.tenant_id, Unavailable("Not now."))
    fine, (other,) = old_tenant(timed, access, teams=1)
    boss = uuid4()
    leads.tell(fine.tenant_id, Led(other, 1, None, boss))
    asking.ask_all()
    assert leader(timed, fine, other) == boss
    assert leader(timed, late, team) is None
    leads.tell(late.tenant_id, Led(team, 1, None, boss))
    leads.tell(refused.tenant_id, Led(barred, 1, None, boss))
    asking.ask_all()
    assert (leader(timed, late, team), leader(timed, refused, barred)) == (boss, boss)


def test_while_identity_is_away_it_is_not_asked_about_everybody(
    timed: Desk, access: FakeAccessSource, asking: LeadersAsking[DeskTx], leads: FakeLeads
) -> None:
    for _ in range(8):
        old_tenant(timed, access, teams=1)
    leads.away = True
    assert asking.ask_all() == 0
    assert len(leads.asked) == 5
