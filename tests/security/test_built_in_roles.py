"""What the roles that every tenant starts with may do: all that cannot be undone is left out."""

from __future__ import annotations

import pytest

from chassis.context import covers
from identity.roles.built_in import ADMINISTRATOR, BUILT_IN_ROLES

from .surface import all_operations

ERASING = {"sales.erasures.write", "contacts.people.erase"}
OF_SALES = {one.permission for one in all_operations() if one.permission.startswith("sales.")}
OF_LOYALTY = {one.permission for one in all_operations() if one.permission.startswith("loyalty.")}
OF_DESK = {one.permission for one in all_operations() if one.permission.startswith("desk.")}
ROLES = {role.key: role for role in BUILT_IN_ROLES}


def held(role: str, permissions: set[str]) -> set[str]:
    """Those of the permissions that a role grants."""
    patterns = [grant.permission for grant in ROLES[role].grants]
    return {one for one in permissions if any(covers(each, one) for each in patterns)}


def test_sales_has_something_to_erase() -> None:
    assert "sales.erasures.write" in OF_SALES
    assert len(OF_SALES) > 50


@pytest.mark.parametrize("role", ["sales_manager", "integration"])
def test_who_manages_sales_may_do_all_of_it_but_erase(role: str) -> None:
    assert held(role, OF_SALES) == OF_SALES - ERASING


def test_erasing_people_and_taking_away_all_that_is_known_of_one_is_for_administrators() -> None:
    all_or_nothing = {"contacts.people.erase", "contacts.people.data_export"}
    assert all_or_nothing < {one.permission for one in all_operations()}
    assert {role for role in ROLES if held(role, all_or_nothing)} == {ADMINISTRATOR}


def test_who_manages_loyalty_may_do_all_of_it_but_be_the_second_person() -> None:
    approving = {"loyalty.adjustments.approve"}
    assert approving < OF_LOYALTY
    assert held("loyalty_manager", OF_LOYALTY) == OF_LOYALTY - approving


def test_codes_of_coupons_are_for_those_who_keep_members_alone() -> None:
    codes = {"loyalty.coupon_codes.read", "loyalty.coupon_codes.export"}
    assert codes < OF_LOYALTY
    assert {role for role in ROLES if held(role, codes)} == {ADMINISTRATOR, "loyalty_manager"}


def test_points_by_hand_are_approved_by_those_who_serve_and_no_marketer_or_integration() -> None:
    approving = {"loyalty.adjustments.approve"}
    assert {role for role in ROLES if held(role, approving)} == {ADMINISTRATOR, "service_manager"}
    assert held("marketer", {"loyalty.adjustments.write"}) == set()


def test_an_integration_may_do_all_of_loyalty_but_approve_and_read_codes() -> None:
    kept = {one for one in OF_LOYALTY if one.startswith("loyalty.coupon_codes.")}
    assert held("integration", OF_LOYALTY) == OF_LOYALTY - kept - {"loyalty.adjustments.approve"}


def test_who_manages_service_may_do_all_of_the_desk() -> None:
    assert len(OF_DESK) > 50
    assert held("service_manager", OF_DESK) == OF_DESK


@pytest.mark.parametrize("role", ["service_agent", "integration", "analyst"])
def test_how_the_desk_works_is_defined_by_managers_alone(role: str) -> None:
    defining = {
        f"desk.{one}.write"
        for one in (
            "agents business_calendars complaint_causes mailboxes queues routing_rules"
            " routing_settings service_levels settings surveys ticket_fields ticket_forms"
            " time_rules triggers"
        ).split()
    }
    assert defining < OF_DESK
    assert held(role, defining) == set()


@pytest.mark.parametrize("role", ["service_agent", "integration", "analyst"])
def test_what_roles_grant_of_the_desk_is_there(role: str) -> None:
    granted = [one.permission for one in ROLES[role].grants if one.permission.startswith("desk.")]
    assert [one for one in granted if not any(covers(one, each) for each in OF_DESK)] == []


@pytest.mark.parametrize("role", sorted(ROLES))
def test_only_administrators_erase(role: str) -> None:
    assert held(role, ERASING) == (ERASING if role == ADMINISTRATOR else set())
