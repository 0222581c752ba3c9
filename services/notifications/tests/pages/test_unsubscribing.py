"""Who unsubscribes gets no more of it, at once, whether contacts answers or not (NO-4)."""

from __future__ import annotations

from typing import Any
from uuid import UUID, uuid4

from chassis.testing.client import ApiAnswer
from notifications.messages.domain import State
from rapport.notifications.events.v1.message_events_pb2 import Unsubscribed
from services.notifications.tests.delivery.sending import SendingNotifications


def path_of(mail: Any) -> str:
    """The path of a mail's link to unsubscribe."""
    link = str(mail["list-unsubscribe"]).strip("<>")
    return link.removeprefix("http://gateway.test")


def newsletter(sending: SendingNotifications) -> tuple[UUID, str]:
    """Somebody who got a newsletter, and its link to unsubscribe."""
    person = sending.person()
    sending.recipients.grant(person, "newsletter")
    sending.recipients.grant(person, "offers")
    sending.queue_to(person, purpose="newsletter")
    sending.work()
    return person, path_of(sending.mail_to(person)[0])


def post(sending: SendingNotifications, path: str, **form: Any) -> ApiAnswer:
    """What a browser or a mail program sends."""
    return sending.harness.anonymous().send("POST", path, data=form)


def test_one_click_ends_a_purpose_even_while_contacts_is_away(
    sending: SendingNotifications,
) -> None:
    person, link = newsletter(sending)
    sending.recipients.away = True
    assert post(sending, link, **{"List-Unsubscribe": "One-Click"}).status_code == 200
    assert post(sending, link).status_code == 200
    sending.recipients.away = False
    next_one = sending.queue_to(person, purpose="newsletter")
    other = sending.queue_to(person, purpose="offers")
    needed = sending.queue_to(person)
    sending.work()
    shown = sending.shown(next_one)
    assert (shown["state"], shown["reason"]) == ("held_back", "suppressed")
    assert sending.message(other).state is State.SENT
    assert sending.message(needed).state is State.SENT
    facts = [data for kind, data in sending.harness.facts(sending.tenant_id) if "Unsub" in kind]
    assert len(facts) == 1
    said = Unsubscribed.FromString(facts[0])
    assert (said.person_id, said.purpose, said.channel) == (str(person), "newsletter", "email")


def test_looking_at_the_link_unsubscribes_nobody(sending: SendingNotifications) -> None:
    person, link = newsletter(sending)
    page = sending.harness.anonymous().get(link)
    assert page.status_code == 200
    assert "取消訂閱" in page.text
    assert "default-src 'none'" in page.headers["Content-Security-Policy"]
    again = sending.queue_to(person, purpose="newsletter")
    sending.work()
    assert sending.message(again).state is State.SENT


def test_a_link_that_was_touched_is_nobodys(sending: SendingNotifications) -> None:
    _, link = newsletter(sending)
    prefix, _, token = link.rpartition("/")
    for wrong in (token[:-4] + "AAAA", token[4:], "x", "%00"):
        answer = post(sending, f"{prefix}/{wrong}")
        assert answer.status_code in (400, 404), wrong
    preferences = link.replace("/unsubscribe/", "/preferences/")
    assert sending.harness.anonymous().get(preferences).status_code == 404


def preferences_of(sending: SendingNotifications, link: str) -> str:
    """Where the page for choices is, as the page after unsubscribing says it."""
    done = post(sending, link).text
    return done.partition('<a href="')[2].partition('"')[0]


def test_the_preference_page_shows_and_takes_choices(sending: SendingNotifications) -> None:
    person, link = newsletter(sending)
    path = preferences_of(sending, link)
    shown = sending.harness.anonymous().get(path).text
    assert "電子報 (電子郵件)" in shown
    assert 'value="email:newsletter">' in shown  # off since unsubscribing
    assert 'value="email:offers" checked>' in shown
    saved = post(sending, path, action="save", choice="email:newsletter")
    assert "您的選擇已儲存" in saved.text
    assert (person, "offers", "email") not in sending.recipients.granted
    letter = sending.queue_to(person, purpose="newsletter")
    offer = sending.queue_to(person, purpose="offers")
    sending.work()
    assert sending.message(letter).state is State.SENT
    assert sending.shown(offer)["state"] == "held_back"


def test_without_contacts_the_preference_page_offers_to_end_everything(
    sending: SendingNotifications,
) -> None:
    person, link = newsletter(sending)
    path = preferences_of(sending, link)
    sending.recipients.away = True
    page = sending.harness.anonymous().get(f"{path}?lang=en")
    assert page.status_code == 503
    assert "cannot be shown right now" in page.text
    assert post(sending, path, action="all_off").status_code == 200
    sending.recipients.away = False
    for purpose in ("newsletter", "offers"):
        held = sending.queue_to(person, purpose=purpose)
        sending.work()
        assert sending.shown(held)["reason"] == "suppressed"


def test_administrators_suppress_and_lift_by_address(sending: SendingNotifications) -> None:
    person = sending.person()
    path = "/v1/notifications/suppressions"
    address = sending.address_of(person)
    body = {"channel": "email", "address": address.upper(), "everything": True}
    made = sending.client.post(path, body)
    assert made.status_code == 201, made.text
    assert address not in made.text
    held = sending.queue_to(person)
    sending.work()
    assert sending.shown(held)["reason"] == "suppressed"
    found = sending.client.get(path, query_string={"address": address}).json["items"]
    assert [one["id"] for one in found] == [made.json["id"]]
    stranger = sending.harness.app_client(uuid4())
    assert stranger.delete(f"{path}/{made.json['id']}").status_code == 404
    assert sending.client.delete(f"{path}/{made.json['id']}").status_code == 204
    again = sending.queue_to(person)
    sending.work()
    assert sending.message(again).state is State.SENT


def test_opens_and_clicks_are_told_once_where_the_rules_allow_it(
    sending: SendingNotifications,
) -> None:
    rules = {"track_opens": True, "track_clicks": True}
    body = {"channel": "email", "rules": rules}
    assert sending.client.post("/v1/notifications/policies", body).status_code == 201
    person = sending.person()
    content = {"text": ".", "html": '<p><a href="https://shop.example/?a=1&amp;b=2">Shop</a></p>'}
    order = {"person_id": str(person), "channel": "email", "content": content}
    message = sending.client.post("/v1/notifications/messages", order).json["id"]
    sending.work()
    html = sending.mail_to(person)[0].get_body(("html",)).get_content()
    click = html.partition('href="http://gateway.test')[2].partition('"')[0]
    pixel = html.partition('src="http://gateway.test')[2].partition('"')[0]
    anyone = sending.harness.anonymous()
    for _ in range(2):
        assert anyone.get(pixel).headers["Content-Type"] == "image/gif"
        led = anyone.get(click)
        assert (led.status_code, led.headers["Location"]) == (302, "https://shop.example/?a=1&b=2")
    assert sending.shown(message)["opened_at"] is not None
    facts = sending.fact_types()
    assert (facts.count("MessageOpened"), facts.count("MessageClicked")) == (1, 1)
    forged = click[:-8] + "AAAAAAAA"
    assert anyone.get(forged).status_code == 404
