"""What else a desk does for customers: complaints, merges, contracts, macros, reports, and one view of it all."""

from __future__ import annotations

from functools import partial
from typing import Any

import pytest

from deploy.demo.serving import definitions as defined
from deploy.demo.serving.automation import TIME_RULES, TRIGGERS, Automation
from deploy.demo.serving.case import COMPLAINTS, TICKETS, Case, these_days
from deploy.demo.serving.house import DESK

from .serving import a_phone_ticket, at_once, opened_case, refusal, statuses
from .telling import has_heard
from .world import World, soon

PATIENCE = 60


@pytest.fixture(scope="module")
def case(world: World) -> Case:
    """A customer of the tier gold with one machine, who has written a mail."""
    return opened_case(world)


def test_a_complaint_is_settled_once_its_cause_is_known(case: Case) -> None:
    complaint = case.complain("外箱破損")
    path = f"{COMPLAINTS}/{complaint['id']}"
    refused = case.lead.ask("POST", f"{path}/close")
    assert refused.status == 409, "nobody knows why yet"
    unknown = case.lead.ask("PATCH", path, json={"cause": "the_moon"})
    assert unknown.status == 422
    findings = {
        "cause": defined.CAUSE["key"],
        "remedy": "replacement",
        "cost": {"amount": "1200.00", "currency": defined.CURRENCY},
        "prevention": {"action": "Use a stronger box", "owner_id": case.house.lead.id},
    }
    case.lead.patch(path, findings)
    closing = at_once(*[partial(case.lead.ask, "POST", f"{path}/close")] * 2)
    assert statuses(closing)[0] == 200
    assert case.lead.get(path)["status"] == "closed"


def test_two_tickets_become_one_and_only_once(case: Case) -> None:
    first, second = (a_phone_ticket(case, f"把手鬆了（{number}）") for number in (1, 2))
    alone = {"into_id": first["id"]}
    refused = case.agent.ask("POST", f"{TICKETS}/{first['id']}/merge", json=alone)
    assert refused.status in (409, 422), "nothing goes into itself"
    ways = ((first, second), (second, first))
    merging = at_once(
        *[
            partial(case.agent.ask, "POST", f"{TICKETS}/{a['id']}/merge", json={"into_id": b["id"]})
            for a, b in ways
        ]
    )
    assert statuses(merging) == [200, 409], "one goes into the other"
    shown = [case.agent.get(f"{TICKETS}/{one['id']}") for one in (first, second)]
    (gone,) = [one for one in shown if one["status"] == "closed"]
    (left,) = [one for one in shown if one["status"] != "closed"]
    assert gone["merged_into_id"] == left["id"]
    case.agent.post(f"{TICKETS}/{left['id']}/resolve", {})


def test_a_service_contract_is_for_so_many_tickets(case: Case) -> None:
    contract = case.cover()
    tickets = [a_phone_ticket(case, f"到府服務（{number}）")["id"] for number in range(3)]
    calls = [partial(case.use, contract, one) for one in (tickets[0], tickets[0])]
    assert set(statuses(at_once(*calls))) <= {200, 409}
    assert case.use(contract, tickets[1]).json["remaining"] == 0
    # Two are what it is for, the one that was used twice counting once.
    refused = case.use(contract, tickets[2])
    assert refused.status == 409
    asked = {"person_id": case.owner.ids["person"], "product_sku": defined.SKU}
    check = case.agent.get(f"{DESK}/entitlements/check", **asked)
    assert (check["entitled"], check["under_warranty"]) == (True, True)
    assert [one["remaining"] for one in check["entitlements"]] == [0]
    for one in tickets:
        case.agent.post(f"{TICKETS}/{one}/resolve", {})


def test_a_macro_does_all_or_nothing_and_triggers_that_call_each_other_are_stopped(
    case: Case,
) -> None:
    automation = Automation(case)
    automation.define()
    circles = {**defined.PING, "name": {"en": "Mine"}}
    refused = case.agent.ask("POST", TRIGGERS, json=circles)
    assert refusal(refused) == (403, "permission_missing")
    never = {**defined.TIME_RULE, "hours": 0}
    assert case.lead.ask("POST", TIME_RULES, json=never).status == 422
    ticket = case.opened(case.write("機身刮傷", "機身有一道刮痕。"))
    path = f"{TICKETS}/{ticket['id']}"
    same = {"If-Match": str(case.agent.ask("GET", path).headers["ETag"])}
    macro = f"{path}/macros/{automation.ids['macro']}"
    applied = at_once(*[partial(case.agent.ask, "POST", macro, headers=same)] * 2)
    assert statuses(applied) == [200, 412], "it was changed meanwhile"
    shown = case.agent.get(path)
    assert (shown["status"], shown["tags"]) == ("waiting_for_customer", ["photo"])
    assert case.mail_about(f"請提供機器照片（{ticket['number']}）")["In-Reply-To"]
    # Each fires once in a chain: what was ping becomes pong, and ping again, and there it ends.
    (note,) = automation.go_in_circles(ticket["id"])
    assert "circle" in note
    outcomes = [{one["outcome"] for one in automation.fired(name)} for name in ("ping", "pong")]
    assert outcomes[0] == {"done"}
    assert outcomes[1] == {"done", "stopped"}
    assert case.agent.get(path)["tags"] == ["photo", "ping"], "as Ping has left it"
    case.agent.post(f"{path}/resolve", {})
    case.lead.post(f"{path}/close")
    assert refusal(case.agent.ask("POST", macro)) == (409, "ticket_closed")


def test_reports_say_what_has_happened_and_agree_with_a_recount(world: World, case: Case) -> None:
    assert has_heard(world, "desk", "desk", PATIENCE)
    reports = f"{DESK}/reports"
    refused = case.agent.ask("GET", f"{reports}/volume", query=these_days())
    assert refusal(refused) == (403, "permission_missing")

    def total(name: str) -> dict[str, Any]:
        told: dict[str, Any] = case.lead.get(f"{reports}/{name}", **these_days())["total"]
        return told

    # Opened: 2 by mail, 1 complaint, 2 that became one, 3 visits. Resolved: 1 of the mails, 1 of the
    # two that became one, 3 visits. Closed: the other one of these two, and what was asked about by mail.
    assert total("volume") == {"opened": 8, "resolved": 5, "closed": 2, "reopened": 0}
    # Left: the first mail and the complaint.
    assert total("backlog")["open"] == 2
    # Answered by a person: by the macro alone, whose ticket took no other answer; 1 of 5.
    assert total("response")["answered"] == 1
    resolution = total("resolution")
    assert (resolution["resolved"], resolution["one_touch"]) == (5, 1)
    assert float(resolution["one_touch_percent"]) == 20
    assert float(resolution["reopened_percent"]) == 0
    recounts = at_once(*[partial(case.lead.ask, "GET", f"{reports}/recount")] * 2)
    assert [answer.json["agrees"] for answer in recounts] == [True, True]


def unheard(case: Case, ticket_id: str) -> set[str]:
    """Which services gave no answer to a question about where a ticket should go."""
    decisions = case.lead.get(f"{TICKETS}/{ticket_id}/routing")["items"]
    return {name for one in decisions for name in one["heard"]["missing"]}


def test_an_agent_sees_the_customer_from_all_sides_and_what_is_missing_is_named(
    world: World, case: Case
) -> None:
    view = case.agent.get(f"{case.ticket}/agent-view")
    assert view["missing"] == []
    assert view["customer"]["missing"] == []
    assert view["ticket"]["number"] == "T-1"
    assert view["conversation_count"] == len(view["conversation"])
    (machine,) = view["assets"]
    assert machine["serial_number"] == defined.SERIAL
    (membership,) = view["customer"]["memberships"]
    assert membership["tier"]["key"] == "gold"
    assert view["customer"]["sales"]["recent_orders"][0]["order_id"] == case.owner.ids["order"]
    assert view["customer"]["tickets"]["open_count"] == 2, "as the backlog says"
    assert "T-1" not in [one["number"] for one in view["past_tickets"]]
    stranger = world.organisation().admin.ask("GET", f"{case.ticket}/agent-view")
    assert refusal(stranger) == (404, "not_found")
    path, admin = f"{case.ticket}/agent-view", case.house.admin
    assert admin.get(path)["customer"]["missing"] == []
    world.platform.parts["loyalty"].stop()
    try:
        person = f"/v1/contacts/people/{case.owner.ids['person']}/view"
        seen, customer = at_once(partial(admin.get, path), partial(admin.get, person))
        assert seen["customer"]["memberships"] is None
        for missing in (seen["customer"]["missing"], customer["missing"]):
            (one,) = missing
            assert (one["part"], one["reason"]) in (
                ("loyalty", "unavailable"),
                ("loyalty", "timeout"),
            )
        # A mail that comes meanwhile is routed all the same; what was not heard is named.
        ticket = case.opened(case.write("滴水盤", "請問滴水盤怎麼拆？"))
        soon(lambda: "loyalty" in unheard(case, ticket["id"]), 30, "a decision without loyalty")
    finally:
        world.restore()
