"""A list of whom nothing is sent to any more comes over from another system in bulk (NO-4)."""

from __future__ import annotations

from concurrent.futures import ThreadPoolExecutor
from typing import Any
from uuid import UUID, uuid4

from services.notifications.tests.delivery.sending import SendingNotifications

SUPPRESSIONS = "/v1/notifications/suppressions"
BATCH = f"{SUPPRESSIONS}/batch"


def of(address: str, **more: Any) -> dict[str, Any]:
    """A suppression of an address."""
    return {"channel": "email", "address": address, **more}


def suppress(sending: SendingNotifications, *items: Any, atomic: bool = False) -> dict[str, Any]:
    """Send a list; the answer."""
    answer = sending.client.post(BATCH, {"items": list(items), "atomic": atomic})
    assert answer.status_code == 200, answer.text
    return dict(answer.json)


def known(sending: SendingNotifications) -> int:
    """How many suppressions there are."""
    return int(sending.client.get(f"{SUPPRESSIONS}?count=true").json["total_count"])


def test_everybody_on_the_list_is_suppressed_and_wrong_rows_cost_themselves_alone(
    sending: SendingNotifications,
) -> None:
    person_id = sending.person("ming@example.com")
    answer = suppress(
        sending,
        of("ming@example.com"),
        of("not an address"),
        {"channel": "email"},
        of("ada@example.com", colour="red"),
        {"channel": "sms", "person_id": str(uuid4()), "everything": True},
    )
    assert (answer["succeeded"], answer["failed"]) == (2, 3)
    assert [one["status"] for one in answer["items"]] == [201, 422, 422, 422, 201]
    assert answer["items"][1]["problem"]["errors"][0]["pointer"] == "/address"
    shown = sending.client.get(f"{SUPPRESSIONS}/{answer['items'][0]['id']}").json
    assert (shown["reason"], shown["address_hint"]) == ("manual", "m…@example.com")
    held = sending.queue_to(person_id, purpose="news")
    sending.work()
    assert sending.shown(held)["state"] != "sent"
    assert sending.mail_to(person_id) == []


def test_the_same_list_twice_and_the_same_address_twice_in_it_are_one(
    sending: SendingNotifications,
) -> None:
    items = [of("ada@example.com"), of("Ada@Example.com"), of("ada@example.com", purpose="news")]
    first, second = suppress(sending, *items), suppress(sending, *items)
    assert [one["id"] for one in first["items"]] == [one["id"] for one in second["items"]]
    assert known(sending) == len({one["id"] for one in first["items"]}) == 2


def test_all_or_none_when_that_is_asked_for(sending: SendingNotifications) -> None:
    body = {"items": [of("ada@example.com"), of("not an address")], "atomic": True}
    refused = sending.client.post(BATCH, body)
    assert (refused.status_code, refused.json["code"]) == (422, "batch_refused")
    assert refused.json["errors"][0]["pointer"] == "/items/1/address"
    assert known(sending) == 0


def test_a_thousand_go_at_once_and_no_more(sending: SendingNotifications) -> None:
    items = [of(f"person{number}@example.com") for number in range(1001)]
    assert sending.client.post(BATCH, {"items": items}).status_code == 422
    assert suppress(sending, *items[:1000])["succeeded"] == 1000
    assert known(sending) == 1000


def test_lists_that_arrive_at_the_same_time_are_both_taken(sending: SendingNotifications) -> None:
    with ThreadPoolExecutor(2) as threads:
        answers = list(
            threads.map(
                lambda _: suppress(sending, *(of(f"p{n}@example.com") for n in range(50))), range(2)
            )
        )
    assert [answer["succeeded"] for answer in answers] == [50, 50]
    found = sending.client.get(f"{SUPPRESSIONS}?address=p7@example.com").json["items"]
    assert len(found) == 1


def test_who_may_not_suppress_sends_no_list(sending: SendingNotifications) -> None:
    body = {"items": [of("ada@example.com")]}
    assert sending.harness.anonymous().post(BATCH, body).status_code == 401
    reader = sending.harness.app_client(sending.tenant_id, "notifications.suppressions.read")
    assert reader.post(BATCH, body).status_code == 403
    assert sending.harness.app_client(UUID(int=1)).post(BATCH, body).status_code == 200
    assert known(sending) == 0
