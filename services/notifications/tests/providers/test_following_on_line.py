"""Who has left on LINE gets nothing until they are back, in whatever order LINE tells of it (NO-6)."""

from __future__ import annotations

from collections.abc import Sequence
from concurrent.futures import ThreadPoolExecutor
from datetime import timedelta
from itertools import permutations
from uuid import uuid4

import pytest

from chassis.storage.database import Database
from notifications.delivery.pruning import message_pruning
from notifications.providers.presence import latest_tells
from rapport.notifications.events.v1.message_events_pb2 import AddressRestored, MessageBounced
from services.notifications.tests.delivery.sending import SendingNotifications
from services.notifications.tests.providers.accounts import (
    LINE_OK,
    following,
    line,
    line_tells,
    text_to,
)
from services.notifications.tests.providers.http_provider import HttpProvider

MONDAY, TUESDAY, WEDNESDAY = (1_800_000_000_000 + day * 86_400_000 for day in range(3))


def test_whoever_unfollows_on_line_gets_nothing_until_they_follow_again(
    sending: SendingNotifications, remote: HttpProvider
) -> None:
    provider, user = line(sending, remote), "U4af4980630"
    remote.begin(then=LINE_OK)
    first = text_to(sending, "line", user)
    sending.work()
    left = following("unfollow", user, "01FZ74A0TDDPYRVKNK77XKC3ZR")
    assert line_tells(sending, provider, left, {"type": "unfollow"}, {"type": "join"}) == 204
    shown = sending.shown(first)
    assert (shown["state"], shown["detail"]) == ("bounced", "unfollow")
    held = text_to(sending, "line", user)
    sending.work()
    assert (sending.shown(held)["state"], sending.shown(held)["reason"]) == (
        "held_back",
        "suppressed",
    )
    back = following("follow", user, "01FZ74A0TDDPYRVKNK77XKC3ZS")
    assert line_tells(sending, provider, back) == 204
    # The first event comes once more, which says nothing new.
    assert line_tells(sending, provider, left) == 204
    again = text_to(sending, "line", user)
    sending.work()
    assert sending.shown(again)["state"] == "sent"
    assert sending.fact_types().count("MessageBounced") == 1


def test_contacts_is_told_when_somebody_left_and_when_they_are_back_however_often(
    sending: SendingNotifications, remote: HttpProvider
) -> None:
    provider, user = line(sending, remote), "U4af4980632"
    remote.begin(then=LINE_OK)
    message = text_to(sending, "line", user)
    sending.work()
    events = ("follow", "unfollow", "follow", "follow", "unfollow", "follow")
    for number, kind in enumerate(events):
        assert line_tells(sending, provider, following(kind, user, f"02{number}")) == 204
    told = [
        (kind.rpartition(".")[2], payload)
        for kind, payload in sending.harness.facts(sending.tenant_id)
        if kind.endswith((".MessageBounced", ".AddressRestored"))
    ]
    assert [kind for kind, _ in told] == ["MessageBounced", "AddressRestored"] * 2
    bounced, restored = (
        MessageBounced.FromString(told[2][1]),
        AddressRestored.FromString(told[3][1]),
    )
    assert (bounced.permanent, bounced.contact_point_id) == (True, "point-1")
    assert (restored.message_id, restored.contact_point_id) == (str(message), "point-1")
    assert restored.person_id == bounced.person_id
    shown = sending.shown(message)
    assert (shown["state"], shown["reason"]) == ("bounced", "restored")


def test_somebody_who_was_never_written_to_may_unfollow_as_well(
    sending: SendingNotifications, remote: HttpProvider
) -> None:
    provider, user = line(sending, remote), "U4af4980631"
    remote.begin(then=LINE_OK)
    assert line_tells(sending, provider, following("unfollow", user, "01A")) == 204
    held = text_to(sending, "line", user)
    sending.work()
    assert sending.shown(held)["reason"] == "suppressed"


def may_be_written_to(sending: SendingNotifications, user: str) -> bool:
    """Whether a message to the user goes out now."""
    message = text_to(sending, "line", user)
    sending.work()
    return bool(sending.shown(message)["state"] == "sent")


@pytest.mark.parametrize(
    ("kinds", "open_to_messages"),
    [(("unfollow", "follow"), True), (("follow", "unfollow"), False)],
)
def test_what_happened_later_counts_whichever_is_told_first(
    sending: SendingNotifications,
    remote: HttpProvider,
    *,
    kinds: tuple[str, str],
    open_to_messages: bool,
) -> None:
    provider = line(sending, remote)
    remote.begin(then=LINE_OK)
    for order in permutations(zip(kinds, (MONDAY, TUESDAY), strict=True)):
        user = f"U{uuid4().hex}"
        for kind, at in order:
            assert line_tells(sending, provider, following(kind, user, uuid4().hex, at)) == 204
        assert may_be_written_to(sending, user) is open_to_messages, order


def test_a_late_unfollow_says_nothing_of_the_messages_that_were_sent_since(
    sending: SendingNotifications, remote: HttpProvider
) -> None:
    provider, user = line(sending, remote), f"U{uuid4().hex}"
    remote.begin(then=LINE_OK)
    assert line_tells(sending, provider, following("follow", user, "A", TUESDAY)) == 204
    message = text_to(sending, "line", user)
    sending.work()
    assert line_tells(sending, provider, following("unfollow", user, "B", MONDAY)) == 204
    assert sending.shown(message)["state"] == "sent"
    assert "RecipientSuppressed" not in sending.fact_types()
    assert line_tells(sending, provider, following("unfollow", user, "C", WEDNESDAY)) == 204
    assert sending.shown(message)["state"] == "bounced"


def test_two_that_are_told_at_once_come_to_what_happened_later(
    sending: SendingNotifications, remote: HttpProvider
) -> None:
    provider = line(sending, remote)
    remote.begin(then=LINE_OK)
    events = [("unfollow", MONDAY), ("follow", WEDNESDAY), ("unfollow", TUESDAY)]
    for _ in range(5):
        user = f"U{uuid4().hex}"
        with ThreadPoolExecutor(3) as threads:
            answers = threads.map(
                lambda one, user=user: line_tells(
                    sending, provider, following(one[0], user, uuid4().hex, one[1])
                ),
                events,
            )
            assert set(answers) == {204}
        assert may_be_written_to(sending, user)


@pytest.mark.parametrize("at", ["1462629479859", None, 10**18, -(10**18), True])
def test_an_event_without_a_time_is_passed_over(
    sending: SendingNotifications, remote: HttpProvider, at: object
) -> None:
    provider, user = line(sending, remote), f"U{uuid4().hex}"
    remote.begin(then=LINE_OK)
    event = {**following("unfollow", user, "A"), "timestamp": at}
    assert line_tells(sending, provider, event) == 204
    assert may_be_written_to(sending, user)


def test_when_an_address_was_told_of_is_forgotten_once_nothing_as_old_comes_any_more(
    sending: SendingNotifications, remote: HttpProvider
) -> None:
    provider, users = line(sending, remote), [f"U{uuid4().hex}" for _ in range(2)]
    now = int(sending.clock.now().timestamp() * 1000)
    for user, days in zip(users, (0, 200), strict=True):
        event = following("follow", user, uuid4().hex, now - days * 86_400_000)
        assert line_tells(sending, provider, event) == 204
    assert told_of(sending) == 2
    service = sending.harness.service
    for work in message_pruning(service.database, sending.clock, timedelta(days=30)):
        work.run()
    assert told_of(sending) == 1
    events: Sequence[str] = ("unfollow", "follow")
    for kind in events:
        line_tells(sending, provider, following(kind, users[1], uuid4().hex, now))
    assert told_of(sending) == 2


def told_of(sending: SendingNotifications) -> int:
    """Of how many addresses it is known when they were told of last."""
    database: Database = sending.harness.service.database
    with database.tenant_transaction(sending.tenant_id) as connection:
        return len(connection.execute(latest_tells.select()).all())
