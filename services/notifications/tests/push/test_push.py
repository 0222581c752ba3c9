"""Messages pushed to browsers: encrypted for the device alone, signed, forgotten when it is gone (NO-1)."""

from __future__ import annotations

from concurrent.futures import ThreadPoolExecutor
from typing import Any
from uuid import UUID, uuid4

import pytest
from joserfc import jwt
from joserfc.jwk import ECKey

from services.notifications.tests.delivery.sending import SendingNotifications
from services.notifications.tests.providers.http_provider import HANG_UP, Answer, HttpProvider
from services.notifications.tests.push.browser import Browser, decoded, encoded

PROVIDERS = "/v1/notifications/providers"
SUBSCRIPTIONS = "/v1/notifications/push-subscriptions"
TAKEN = Answer(201, None, {"Location": "https://push.example/m/4711"})


def set_up(sending: SendingNotifications) -> None:
    """The tenant pushes, under a key made for it."""
    body = {
        "name": "push",
        "kind": "web_push",
        "channel": "push",
        "settings": {"contact": "mailto:crm@example.com"},
        "secrets": {},
    }
    assert sending.client.post(PROVIDERS, body).status_code == 201


def browser_of(sending: SendingNotifications, remote: HttpProvider, person: UUID) -> Browser:
    """A browser of the person that has subscribed."""
    browser = Browser(f"{remote.url}/push/{uuid4().hex}")
    answer = sending.client.post(
        SUBSCRIPTIONS, {**browser.subscription, "person_id": str(person), "label": "phone"}
    )
    assert answer.status_code == 201, answer.text
    return browser


def devices(sending: SendingNotifications, person: UUID) -> list[Any]:
    """The person's devices, as the API shows them."""
    items: list[Any] = sending.client.get(f"{SUBSCRIPTIONS}?person_id={person}").json["items"]
    return items


def pushed(sending: SendingNotifications, person: UUID) -> Any:
    """Queue a message to the person's devices, have it sent, and show it."""
    message = sending.queue_to(person, channel="push")
    sending.work()
    return sending.shown(message)


def test_a_message_arrives_readable_for_the_device_alone(
    sending: SendingNotifications, remote: HttpProvider
) -> None:
    set_up(sending)
    person = sending.person("")
    browser = browser_of(sending, remote, person)
    remote.begin(then=TAKEN)
    shown = pushed(sending, person)
    (asked,) = remote.asked
    said = browser.read(asked.body)
    assert (said["id"], said["body"]) == (shown["id"], "Your order is on its way.")
    assert b"order" not in asked.body
    assert asked.headers["content-encoding"] == "aes128gcm"
    assert asked.headers["ttl"] == "86400"
    assert asked.headers["urgency"] == "high"
    assert len(asked.headers["topic"]) <= 32
    assert (shown["state"], shown["provider_reference"]) == ("sent", TAKEN.headers["Location"])


def test_the_push_service_can_check_who_sends(
    sending: SendingNotifications, remote: HttpProvider
) -> None:
    set_up(sending)
    person = sending.person("")
    browser_of(sending, remote, person)
    remote.begin(then=TAKEN)
    pushed(sending, person)
    scheme, _, rest = remote.asked[0].headers["authorization"].partition(" ")
    parts = dict(part.strip().split("=", 1) for part in rest.split(","))
    point = decoded(parts["k"])
    key = ECKey.import_key(
        {"kty": "EC", "crv": "P-256", "x": encoded(point[1:33]), "y": encoded(point[33:])}
    )
    claims = jwt.decode(parts["t"], key, algorithms=["ES256"]).claims
    assert scheme == "vapid"
    assert claims["aud"] == remote.url
    assert claims["sub"] == "mailto:crm@example.com"
    now = sending.clock.now().timestamp()
    assert now < claims["exp"] <= now + 24 * 3600
    assert sending.client.get(f"{SUBSCRIPTIONS}/key").json == {"public_key": parts["k"]}


def test_every_device_gets_it_and_one_that_is_gone_is_forgotten(
    sending: SendingNotifications, remote: HttpProvider
) -> None:
    set_up(sending)
    person = sending.person("")
    browser_of(sending, remote, person)
    browser_of(sending, remote, person)
    remote.begin(Answer(410), then=TAKEN)
    assert pushed(sending, person)["state"] == "sent"
    assert len(remote.asked) == 2
    assert len(devices(sending, person)) == 1


@pytest.mark.parametrize(
    ("answer", "state"),
    [
        (Answer(404), "failed"),
        (Answer(413), "failed"),
        (Answer(429, None, {"Retry-After": "60"}), "queued"),
        (Answer(500), "uncertain"),
        (HANG_UP, "uncertain"),
    ],
)
def test_what_a_push_service_says_decides_what_follows(
    sending: SendingNotifications, remote: HttpProvider, answer: Answer, state: str
) -> None:
    set_up(sending)
    person = sending.person("")
    browser_of(sending, remote, person)
    remote.begin(then=answer)
    assert pushed(sending, person)["state"] == state


def test_somebody_without_a_device_is_told_so(sending: SendingNotifications) -> None:
    set_up(sending)
    shown = pushed(sending, sending.person(""))
    assert shown["state"] == "failed"


def test_a_device_belongs_to_whoever_subscribed_last(
    sending: SendingNotifications, remote: HttpProvider
) -> None:
    first, second = sending.person(""), sending.person("")
    browser = browser_of(sending, remote, first)
    answer = sending.client.post(SUBSCRIPTIONS, {**browser.subscription, "person_id": str(second)})
    assert answer.status_code == 201
    assert devices(sending, first) == []
    assert len(devices(sending, second)) == 1


def test_a_device_that_subscribes_twice_at_once_is_one_device(
    sending: SendingNotifications, remote: HttpProvider
) -> None:
    person = sending.person("")
    browser = Browser(f"{remote.url}/push/{uuid4().hex}")
    body = {**browser.subscription, "person_id": str(person)}
    with ThreadPoolExecutor(2) as pool:
        answers = list(pool.map(lambda _n: sending.client.post(SUBSCRIPTIONS, body), range(2)))
    assert [answer.status_code for answer in answers] == [201, 201]
    assert len(devices(sending, person)) == 1


@pytest.mark.parametrize(
    ("change", "pointer"),
    [
        ({"endpoint": "http://push.example/1"}, "/endpoint"),
        ({"endpoint": "https://user:secret@push.example/1"}, "/endpoint"),
        ({"keys": {"p256dh": "AAAA", "auth": encoded(b"x" * 16)}}, "/keys/p256dh"),
        ({"keys": {"p256dh": "!", "auth": "!"}}, "/keys/p256dh"),
    ],
)
def test_what_is_no_subscription_is_refused_where_it_is_wrong(
    sending: SendingNotifications, change: dict[str, Any], pointer: str
) -> None:
    body = {**Browser("https://push.example/1").subscription, "person_id": str(uuid4()), **change}
    answer = sending.client.post(SUBSCRIPTIONS, body)
    assert answer.status_code == 422
    assert answer.json["errors"][0]["pointer"] == pointer


def test_without_a_provider_there_is_no_key(sending: SendingNotifications) -> None:
    assert sending.client.get(f"{SUBSCRIPTIONS}/key").json["code"] == "push_not_set_up"


def test_users_subscribe_their_own_devices_and_nobody_elses(
    sending: SendingNotifications, remote: HttpProvider
) -> None:
    harness = sending.harness
    user = harness.user_client(sending.tenant_id, {"contacts.people.read": "own"})
    browser = Browser(f"{remote.url}/push/{uuid4().hex}")
    mine = user.post(SUBSCRIPTIONS, browser.subscription)
    assert mine.status_code == 201
    assert mine.json["user_id"]
    others = {**browser.subscription, "person_id": str(uuid4())}
    assert user.post(SUBSCRIPTIONS, others).status_code == 403
    person = sending.person("")
    browser_of(sending, remote, person)
    theirs = devices(sending, person)[0]["id"]
    assert user.delete(f"{SUBSCRIPTIONS}/{theirs}").status_code == 404
    assert user.delete(f"{SUBSCRIPTIONS}/{mine.json['id']}").status_code == 204


def test_another_tenants_devices_are_invisible(
    sending: SendingNotifications, remote: HttpProvider
) -> None:
    person = sending.person("")
    browser_of(sending, remote, person)
    theirs = devices(sending, person)[0]["id"]
    other = sending.harness.app_client(uuid4(), "*")
    assert other.get(SUBSCRIPTIONS).json["items"] == []
    assert other.delete(f"{SUBSCRIPTIONS}/{theirs}").status_code == 404
