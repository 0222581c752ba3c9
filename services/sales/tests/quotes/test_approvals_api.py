"""Approvals over REST: who has to approve which discount is data, and nobody gets round it."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any
from uuid import UUID, uuid4

import pytest

from chassis.testing.client import ApiAnswer, ApiClient
from rapport.sales.events.v1 import quote_events_pb2 as events
from services.sales.tests.builders import Sales, at_once, facts, good, places, refused
from services.sales.tests.catalogue import price_all, price_book, product
from services.sales.tests.quoting import APPROVAL_RULES, QUOTES, draft

OWN = {
    "sales.quotes.read": "own",
    "sales.quotes.write": "own",
    "sales.quotes.approve": "own",
}


@dataclass
class Team:
    """A seller with a product for 100, a manager and a deputy, each with reach over their own only."""

    sales: Sales
    tenant: UUID
    app: ApiClient
    seller: ApiClient
    manager_id: UUID
    manager: ApiClient
    deputy_id: UUID
    deputy: ApiClient
    sold: dict[str, Any]

    def rule(self, over: str, **more: Any) -> dict[str, Any]:
        """An approval rule; the manager's, with the deputy, unless told otherwise."""
        approvers = more or {"user_id": str(self.manager_id), "deputy_id": str(self.deputy_id)}
        body = {"name": {"en": f"Over {over}"}, "over_percent": over, **approvers}
        return good(self.app.post(APPROVAL_RULES, body))

    def submitted(self, percent: str) -> str:
        """The path of a quote of the seller's with a discount, submitted."""
        items = [{"product_id": self.sold["id"], "discount_percent": percent}]
        path = f"{QUOTES}/{draft(self.seller, items=items)['id']}"
        good(self.seller.post(f"{path}/submit"))
        return path


@pytest.fixture
def team(sales: Sales) -> Team:
    """A team in a tenant of its own."""
    tenant = sales.new_tenant()
    app = sales.app_client(tenant)
    sold = product(app)
    price_all(app, price_book(app), sold, "100")
    ids = [uuid4() for _ in range(3)]
    seller, manager, deputy = (sales.user_client(tenant, OWN, user_id=one) for one in ids)
    return Team(sales, tenant, app, seller, ids[1], manager, ids[2], deputy, sold)


def test_a_discount_within_the_limit_needs_nobody_and_one_over_it_the_manager(team: Team) -> None:
    team.rule("15")
    assert good(team.seller.post(f"{team.submitted('15')}/send"))["status"] == "sent"
    path = team.submitted("18")
    assert refused(team.seller.post(f"{path}/send")) == (409, "quote_status")
    assert good(team.manager.get(path))["status"] == "in_approval"
    approved = good(team.manager.post(f"{path}/approve"))
    assert (approved["status"], approved["approvals"][0]["approved_by"]) == (
        "approved",
        str(team.manager_id),
    )
    assert good(team.seller.post(f"{path}/send"))["status"] == "sent"
    (told, _) = facts(team.sales, team.app, events.QuoteSent)
    assert told.valid_until == "2999-12-31"


def test_a_discount_off_the_whole_counts_as_one_off_its_lines(team: Team) -> None:
    team.rule("15")
    items = [{"product_id": team.sold["id"], "discount_percent": "10"}]
    path = f"{QUOTES}/{draft(team.seller, items=items, discount='6')['id']}"
    assert good(team.seller.post(f"{path}/submit"))["status"] == "in_approval"


def test_the_deputy_may_the_seller_and_an_app_may_not(team: Team) -> None:
    team.rule("15")
    path = team.submitted("18")
    assert refused(team.seller.post(f"{path}/approve")) == (403, "not_the_approver")
    assert refused(team.app.post(f"{path}/approve")) == (403, "not_the_approver")
    assert good(team.deputy.post(f"{path}/approve"))["status"] == "approved"


def test_who_is_not_asked_does_not_even_see_it(team: Team) -> None:
    team.rule("15", user_id=str(uuid4()))
    path = team.submitted("18")
    for answer in (team.manager.get(path), team.manager.post(f"{path}/approve")):
        assert answer.status_code == 404


def test_nobody_approves_what_they_have_submitted_themselves(team: Team) -> None:
    team.rule("15")
    items = [{"product_id": team.sold["id"], "discount_percent": "18"}]
    path = f"{QUOTES}/{draft(team.manager, items=items)['id']}"
    good(team.manager.post(f"{path}/submit"))
    assert refused(team.manager.post(f"{path}/approve")) == (403, "approver_involved")


def test_steps_are_taken_in_their_order_each_by_somebody_else(team: Team) -> None:
    team.rule("30", user_id=str(team.deputy_id))
    team.rule("15")
    path = team.submitted("40")
    assert refused(team.seller.post(f"{path}/send")) == (409, "quote_status")
    good(team.manager.post(f"{path}/approve"))
    assert refused(team.manager.post(f"{path}/approve")) == (403, "not_the_approver")
    assert good(team.deputy.post(f"{path}/approve"))["status"] == "approved"
    assert len(facts(team.sales, team.app, events.QuoteStepApproved)) == 1
    assert len(facts(team.sales, team.app, events.QuoteApproved)) == 1


def test_holders_of_a_role_approve(team: Team) -> None:
    role = team.sales.access.role(team.tenant, {"sales.quotes.approve": "all"})
    token = team.sales.tokens.user(team.tenant, uuid4(), roles=[role])
    team.sales.service.directory.forget(team.tenant)
    holder = ApiClient(team.sales.app, token, team.tenant)
    team.rule("15", role_id=str(role))
    path = team.submitted("18")
    assert good(holder.post(f"{path}/approve"))["status"] == "approved"


def test_changing_an_approved_quote_voids_the_approval(team: Team) -> None:
    team.rule("15")
    path = team.submitted("18")
    good(team.manager.post(f"{path}/approve"))
    items = [{"product_id": team.sold["id"], "discount_percent": "90"}]
    changed = good(team.seller.patch(path, {"items": items}))
    assert (changed["status"], changed["approvals"]) == ("draft", [])
    assert refused(team.seller.post(f"{path}/send")) == (409, "quote_status")
    assert good(team.seller.post(f"{path}/submit"))["status"] == "in_approval"


def test_a_rule_that_comes_up_after_the_approval_has_to_be_met_too(team: Team) -> None:
    path = team.submitted("18")
    team.rule("15")
    assert refused(team.seller.post(f"{path}/send")) == (409, "approval_needed")
    assert good(team.seller.post(f"{path}/submit"))["status"] == "in_approval"
    good(team.manager.post(f"{path}/approve"))
    assert good(team.seller.post(f"{path}/send"))["status"] == "sent"


def test_edited_and_approved_at_the_same_time_what_is_sent_was_approved(team: Team) -> None:
    team.rule("15")
    path = team.submitted("18")
    items = [{"product_id": team.sold["id"], "discount_percent": "90"}]

    def edit() -> ApiAnswer:
        return team.seller.patch(path, {"items": items})

    def approve() -> ApiAnswer:
        return team.manager.post(f"{path}/approve")

    assert at_once(edit, approve) in ([200, 200], [200, 404])
    assert team.seller.get(path).json["status"] == "draft"
    assert refused(team.seller.post(f"{path}/send")) == (409, "quote_status")


def test_two_who_approve_the_only_step_at_the_same_time_take_it_once(team: Team) -> None:
    team.rule("15")
    path = team.submitted("18")
    both = (
        lambda: team.manager.post(f"{path}/approve"),
        lambda: team.deputy.post(f"{path}/approve"),
    )
    assert at_once(*both) == [200, 409]
    assert len(facts(team.sales, team.app, events.QuoteApproved)) == 1


def test_a_refused_quote_goes_back_to_its_author_with_the_reason(team: Team) -> None:
    team.rule("15")
    path = team.submitted("18")
    back = good(team.manager.post(f"{path}/refuse", {"reason": "15 is enough"}))
    assert (back["status"], back["answer"]) == ("draft", "15 is enough")
    assert len(facts(team.sales, team.app, events.QuoteRefused)) == 1


def test_rules_need_an_approver_and_are_defined_read_and_removed(team: Team) -> None:
    body = {"name": {"en": "A"}, "over_percent": "15"}
    assert places(team.app.post(APPROVAL_RULES, body)) == [("/role_id", "approver_missing")]
    rule = team.rule("15")
    path = f"{APPROVAL_RULES}/{rule['id']}"
    assert team.app.get(path).json == rule
    assert team.app.get(APPROVAL_RULES).json["items"] == [rule]
    assert team.seller.post(APPROVAL_RULES, body).status_code == 403
    assert refused(team.sales.anonymous().get(APPROVAL_RULES)) == (401, "token_missing")
    stranger = team.sales.app_client(team.sales.new_tenant())
    assert stranger.get(path).status_code == stranger.delete(path).status_code == 404
    assert team.app.delete(path).status_code == 204
    path = team.submitted("99")
    assert good(team.seller.post(f"{path}/send"))["status"] == "sent"
    assert len(facts(team.sales, team.app, events.QuoteApprovalRuleRemoved)) == 1


def remove(team: Team, rule: dict[str, Any]) -> ApiAnswer:
    """Have a rule ask for nothing any more, by somebody who sees none of the quotes."""
    admin = team.sales.user_client(team.tenant, {"sales.approval_rules.write": "own"})
    return admin.delete(f"{APPROVAL_RULES}/{rule['id']}")


def test_nothing_waits_for_a_rule_that_was_removed(team: Team) -> None:
    rule = team.rule("15")
    path = team.submitted("18")
    assert remove(team, rule).status_code == 204
    quote = good(team.seller.get(path))
    assert (quote["status"], quote["approvals"]) == ("approved", [])
    assert len(facts(team.sales, team.app, events.QuoteStepDropped)) == 1
    assert len(facts(team.sales, team.app, events.QuoteApproved)) == 1
    assert good(team.seller.post(f"{path}/send"))["status"] == "sent"


def test_other_steps_stay_those_that_wait_and_those_that_were_taken(team: Team) -> None:
    low, high = team.rule("5"), team.rule("15", user_id=str(team.deputy_id))
    path = team.submitted("18")
    good(team.manager.post(f"{path}/approve"))
    assert remove(team, low).status_code == 204
    quote = good(team.seller.get(path))
    assert quote["status"] == "in_approval"
    assert [one["rule_id"] for one in quote["approvals"]] == [low["id"], high["id"]]
    other = team.submitted("18")
    team.rule("1", user_id=str(uuid4()))
    assert [one["rule_id"] for one in good(team.seller.get(other))["approvals"]] == [high["id"]]
    assert remove(team, high).status_code == 204
    assert [good(team.seller.get(each))["status"] for each in (path, other)] == ["approved"] * 2
    # A rule that has come up since has to be met all the same.
    assert refused(team.seller.post(f"{path}/send")) == (409, "approval_needed")


def test_a_rule_that_is_removed_while_a_quote_is_submitted_leaves_nothing_waiting(
    team: Team,
) -> None:
    items = [{"product_id": team.sold["id"], "discount_percent": "18"}]
    for _ in range(5):
        rule = team.rule("15")
        path = f"{QUOTES}/{draft(team.seller, items=items)['id']}"
        calls = [lambda p=path: team.seller.post(f"{p}/submit"), lambda r=rule: remove(team, r)]
        assert at_once(*calls) == [200, 204]
        assert good(team.seller.get(path))["status"] == "approved"


def awaiting(client: ApiClient, query: str = "") -> list[str]:
    """The paths of the quotes whose next step somebody can take."""
    listed = good(client.get(f"{QUOTES}/awaiting-me{query}"))
    return [f"{QUOTES}/{one['id']}" for one in listed["items"]]


def test_what_waits_for_somebody_is_listed_as_long_as_it_does(team: Team) -> None:
    assert team.sales.anonymous().get(f"{QUOTES}/awaiting-me").status_code == 401
    reader = team.sales.app_client(team.tenant, "sales.quotes.read")
    assert reader.get(f"{QUOTES}/awaiting-me").status_code == 403
    team.rule("30", user_id=str(team.deputy_id))
    team.rule("15", user_id=str(team.manager_id))
    low, high = team.submitted("18"), team.submitted("40")
    team.submitted("10")  # needs nobody
    assert awaiting(team.manager) == [low, high]
    assert awaiting(team.manager, "?sort=-updated_at") == [high, low]
    assert awaiting(team.deputy) == []  # the second step, which is not open
    assert (awaiting(team.seller), awaiting(team.app)) == ([], [])
    good(team.manager.post(f"{high}/approve"))
    assert (awaiting(team.manager), awaiting(team.deputy)) == ([low], [high])
    good(team.deputy.post(f"{high}/approve"))
    good(team.manager.post(f"{low}/refuse", {"reason": "Too low."}))
    assert (awaiting(team.manager), awaiting(team.deputy)) == ([], [])
    stranger = team.sales.user_client(team.sales.new_tenant(), OWN, user_id=team.manager_id)
    assert awaiting(stranger) == []


def test_whatever_is_listed_can_be_approved_and_nothing_else_can(team: Team) -> None:
    role = team.sales.access.role(team.tenant, {"sales.quotes.approve": "all"})
    token = team.sales.tokens.user(team.tenant, uuid4(), roles=[role])
    team.sales.service.directory.forget(team.tenant)
    holder = ApiClient(team.sales.app, token, team.tenant)
    team.rule("30", role_id=str(role))
    team.rule("15")
    items = [{"product_id": team.sold["id"], "discount_percent": "40"}]
    own = f"{QUOTES}/{draft(team.manager, items=items)['id']}"
    good(team.manager.post(f"{own}/submit"))
    path = team.submitted("40")
    assert awaiting(team.manager) == [path]  # not what they have submitted themselves
    assert awaiting(team.deputy) == [own, path]
    assert awaiting(holder) == []
    for listed in (own, path):
        good(team.deputy.post(f"{listed}/approve"))
    assert (awaiting(team.deputy), awaiting(holder)) == ([], [own, path])
    assert at_once(*[lambda: holder.post(f"{path}/approve")] * 3) == [200, 409, 409]
    assert awaiting(holder) == [own]
