"""A reminder that falls into a user's change needs no reach over the renewal (SA-12)."""

from __future__ import annotations

from datetime import date, timedelta
from typing import Any
from uuid import UUID, uuid4

import pytest

from chassis.clock import MovableClock
from chassis.testing.client import ApiClient
from rapport.sales.events.v1 import subscription_events_pb2 as events
from services.sales.tests.builders import (
    ACTIVITIES,
    OPPORTUNITIES,
    Sales,
    at_once,
    choose_base,
    define_pipeline,
    facts,
    fire,
    good,
    lasting_app,
    lasting_user,
)
from services.sales.tests.subscribing import SUBSCRIPTIONS, now_of, path_of, subscribe

OWN = {"sales.subscriptions.read": "own", "sales.subscriptions.write": "own"}
OTHER = str(UUID(int=7))


class Account:
    """A subscription of a seller's, whose renewal is somebody else's by now."""

    def __init__(self, sales: Sales, clock: MovableClock) -> None:
        self.sales, self.clock = sales, clock
        self.app = lasting_app(sales, clock)
        choose_base(self.app)
        define_pipeline(self.app)
        self.seller_id = uuid4()
        self.seller = self.user(self.seller_id)
        self.one = subscribe(self.app, owner_id=str(self.seller_id))
        self.go_to(90)
        fire(sales)
        self.renewal = now_of(self.app, self.one)["renewal_opportunity_id"]
        good(self.app.patch(f"{OPPORTUNITIES}/{self.renewal}", {"owner_id": OTHER}))
        self.go_to(60)

    def user(self, user_id: UUID) -> ApiClient:
        """A user who sees their own subscriptions alone."""
        assert self.app.tenant_id is not None
        return lasting_user(self.sales, self.clock, self.app.tenant_id, OWN, user_id)

    def go_to(self, days: int) -> None:
        """Move the clock to so many days before the end."""
        end = date.fromisoformat(self.one["ends_on"])
        left = (end - self.clock.now().date()).days - days
        self.clock.move(timedelta(days=left))

    def reminded(self) -> list[int]:
        """How many days were left each time somebody was reminded."""
        told = facts(self.sales, self.app, events.SubscriptionRenewalReminderReached)
        return [one.days_left for one in told]

    def to_do(self) -> list[dict[str, Any]]:
        """What is to be done about the renewal, the latest first."""
        found = self.app.get(f"{ACTIVITIES}?opportunity_id={self.renewal}").json["items"]
        return list(found)


@pytest.fixture
def account(timed: Sales, clock: MovableClock) -> Account:
    """An account in a tenant of its own."""
    return Account(timed, clock)


def test_a_change_goes_through_and_reminds_though_the_renewal_is_out_of_reach(
    account: Account,
) -> None:
    changed = good(account.seller.patch(path_of(account.one), {"name": "Seats of Ann's"}))
    assert changed["name"] == "Seats of Ann's"
    assert account.reminded() == [90, 60]
    latest, _first = account.to_do()
    assert (latest["owner_id"], latest["company_id"]) == (
        str(account.seller_id),
        account.one["company_id"],
    )
    assert account.seller.get(f"{OPPORTUNITIES}/{account.renewal}").status_code == 403


def test_a_reminder_about_what_is_nobodys_is_nobodys_whoever_changes_it(account: Account) -> None:
    good(account.app.patch(path_of(account.one), {"owner_id": None}))
    assert account.reminded() == [90, 60]
    account.go_to(30)
    assert account.app.tenant_id is not None
    grants = {"sales.subscriptions.write": "all", "sales.subscriptions.read": "all"}
    anybody = lasting_user(account.sales, account.clock, account.app.tenant_id, grants, uuid4())
    good(anybody.patch(path_of(account.one), {"name": "Chairs"}))
    assert account.reminded() == [90, 60, 30]
    assert account.to_do()[0]["owner_id"] is None


def test_who_may_not_see_the_subscription_changes_and_reminds_nothing(account: Account) -> None:
    stranger = account.user(uuid4())
    assert stranger.patch(path_of(account.one), {"name": "Mine"}).status_code == 404
    assert account.sales.anonymous().get(SUBSCRIPTIONS).status_code == 401
    assert account.reminded() == [90]


def test_a_change_and_the_timer_at_once_remind_once(account: Account) -> None:
    assert now_of(account.seller, account.one)["owner_id"] == str(account.seller_id)

    def run() -> Any:
        fire(account.sales)
        return account.app.get(path_of(account.one))

    def change() -> Any:
        return account.seller.patch(path_of(account.one), {"name": "Seats"})

    assert at_once(run, change, run, change) == [200] * 4
    assert account.reminded() == [90, 60]
    assert len(account.to_do()) == 2
