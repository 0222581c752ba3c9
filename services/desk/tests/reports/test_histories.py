"""What is counted by facts agrees with the records, whatever happened and however facts arrive (DE-13)."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta
from math import ceil
from random import Random
from typing import Any

from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from chassis.clock import MovableClock
from chassis.testing.client import ApiClient
from services.desk.tests.builders import TICKETS, Desk, good, lasting_app, open_ticket
from services.desk.tests.conversing import act, current, hear, reply
from services.desk.tests.telling import said, tell

REPORTS = "/v1/desk/reports"
STEPS = ("open", "reply", "hear", "resolve", "close", "retag", "merge", "wait")
SKUS = ("", "E-1", "E-2")
Step = tuple[str, int]


class Account:
    """What happened, noted beside the service as plainly as can be: one list of moments a ticket."""

    def __init__(self) -> None:
        self.opened: dict[str, datetime] = {}
        self.replied: dict[str, list[datetime]] = {}
        self.stood: dict[str, list[tuple[datetime, str]]] = {}

    def note(self, ticket: dict[str, Any], before: str, now: datetime) -> None:
        """Note how a ticket stands after a step."""
        if ticket["status"] != before:
            self.stood[ticket["id"]].append((now, ticket["status"]))

    def resolved(self) -> dict[str, datetime]:
        """When each ticket was resolved last, of those that are not open again."""
        found = {}
        for ticket_id, stood in self.stood.items():
            after = [status for _, status in stood]
            if "resolved" in after and set(after[last(after, "resolved") :]) <= {
                "resolved",
                "closed",
            }:
                found[ticket_id] = stood[last(after, "resolved")][0]
        return found

    def unsettled(self) -> int:
        """How many tickets are open at the end."""
        stands = [stood[-1][1] for stood in self.stood.values()]
        return sum(status not in ("resolved", "closed") for status in stands)


def last(words: list[str], word: str) -> int:
    """The last place of a word."""
    return len(words) - 1 - words[::-1].index(word)


def nearest_rank(values: list[int], share: float) -> int | None:
    """The smallest value that at least this share of them does not exceed."""
    return sorted(values)[ceil(share * len(values)) - 1] if values else None


def live(client: ApiClient, clock: MovableClock, steps: list[Step]) -> Account:
    """Have tickets live through a history."""
    account, tickets = Account(), list[dict[str, Any]]()
    for what, chance in steps:
        clock.move(timedelta(minutes=1 + chance % 600))
        if what == "open" or not tickets:
            ticket = open_ticket(client, product_sku=SKUS[chance % 3], tags=[f"t{chance % 2}"])
            tickets.append(ticket)
            account.opened[ticket["id"]] = clock.now()
            account.stood[ticket["id"]] = [(clock.now(), "new")]
            continue
        ticket = tickets[chance % len(tickets)]
        closed = len(account.opened)
        # What goes into a ticket that was resolved opens that one again.
        touched = tickets if what == "merge" else [ticket]
        before = {one["id"]: current(client, one)["status"] for one in touched}
        step(client, account, tickets, what, ticket, chance)
        for one in touched:
            account.note(current(client, one), before[one["id"]], clock.now())
        assert len(account.opened) == closed
    return account


def step(
    client: ApiClient,
    account: Account,
    tickets: list[dict[str, Any]],
    what: str,
    ticket: dict[str, Any],
    chance: int,
) -> None:
    """Try something with a ticket; what cannot be done to it is refused."""
    if what == "reply":
        answer = reply(client, ticket)
        if answer.status_code == 201:
            sent_at = datetime.fromisoformat(answer.json["said_at"])
            account.replied.setdefault(ticket["id"], []).append(sent_at)
    elif what == "hear" and current(client, ticket)["status"] != "closed":
        good(hear(client, ticket))
    elif what in ("resolve", "close"):
        act(client, ticket, what)
    elif what == "retag":
        client.patch(f"{TICKETS}/{ticket['id']}", {"tags": [f"t{chance % 5}"]})
    elif what == "merge":
        client.post(
            f"{TICKETS}/{ticket['id']}/merge", {"into_id": tickets[chance % len(tickets) - 1]["id"]}
        )
    elif what == "wait":
        client.post(f"{TICKETS}/{ticket['id']}/status", {"status": "on_hold"})


@settings(
    max_examples=8,
    deadline=None,
    suppress_health_check=[HealthCheck.function_scoped_fixture],
)
@given(
    steps=st.lists(st.tuples(st.sampled_from(STEPS), st.integers(0, 10_000)), max_size=25),
    seed=st.integers(0, 10_000),
)
def test_facts_in_any_order_and_twice_agree_with_the_records(
    desk: Desk, steps: list[Step], seed: int
) -> None:
    clock: Any = desk.service.clock
    client, chance = lasting_app(desk, clock), Random(seed)  # noqa: S311 - an order of facts
    account = live(client, clock, steps)
    told = [*said(desk, client), *said(desk, client)]
    chance.shuffle(told)
    tell(desk, client, told)
    compared = good(client.get(f"{REPORTS}/recount"))
    assert compared["agrees"], compared
    agree_with(client, account)


def agree_with(client: ApiClient, account: Account) -> None:
    """Compare the figures with what was noted one by one."""
    days = {"first_on": "2020-01-01", "last_on": "2100-12-31"}

    def total(which: str) -> dict[str, Any]:
        found: dict[str, Any] = good(client.get(f"{REPORTS}/{which}", query_string=days))["total"]
        return found

    resolved = account.resolved()
    assert total("volume")["opened"] == len(account.opened)
    assert total("volume")["resolved"] == len(resolved)
    assert total("backlog")["open"] == account.unsettled()
    waits = [
        int((min(at) - account.opened[one]).total_seconds()) for one, at in account.replied.items()
    ]
    took = [int((at - account.opened[one]).total_seconds()) for one, at in resolved.items()]
    for figures, values in ((total("response"), waits), (total("resolution"), took)):
        assert figures["median_seconds"] == nearest_rank(values, 0.5)
        assert figures["p90_seconds"] == nearest_rank(values, 0.9)
    once = [
        one
        for one in resolved
        if len(account.replied.get(one, [])) == 1
        and [status for _, status in account.stood[one]].count("resolved") == 1
    ]
    assert total("resolution")["one_touch"] == len(once)


def test_the_account_knows_a_history_by_itself() -> None:
    account, at = Account(), datetime(2027, 1, 1, tzinfo=UTC)
    account.stood = {"a": [(at, "new"), (at, "resolved"), (at, "open")], "b": [(at, "resolved")]}
    assert list(account.resolved()) == ["b"]
    assert account.unsettled() == 1
    assert nearest_rank([1, 2, 3, 4, 5, 6, 7, 8, 9, 10], 0.9) == 9
