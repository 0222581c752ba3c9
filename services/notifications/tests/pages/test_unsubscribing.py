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


def unsubscribed(sending: SendingNotifications) -> list[str]:
    """Who has unsubscribed, as contacts hears it."""
    facts = [data for kind, data in sending.harness.facts(sending.tenant_id) if "Unsub" in kind]
    return [Unsubscribed.FromString(data).person_id for data in facts]


def reason_held(sending: SendingNotifications, person: UUID) -> str:
    """Why somebody does not get the newsletter; empty when it is sent."""
    message = sending.queue_to(person, purpose="newsletter")
    sending.work()
    shown = sending.shown(message)
    return str(shown["reason"]) if shown["state"] == "held_back" else ""


def test_each_of_two_with_one_address_has_unsubscribed_by_themselves(
    sending: SendingNotifications,
) -> None:
    address = f"family-{uuid4().hex}@example.com"
    ann, bob = sending.person(address), sending.person(address)
    links = []
    for person in (ann, bob):
        sending.recipients.grant(person, "newsletter")
        sending.queue_to(person, purpose="newsletter")
        sending.work()
        links.append(path_of(sending.mail_to(person)[-1]))
    pages = [preferences_of(sending, link) for link in links]
    assert unsubscribed(sending) == [str(ann), str(bob)]
    post(sending, pages[0], action="save", choice="email:newsletter")  # Ann wants it again
    assert reason_held(sending, bob) == "suppressed"


def test_what_an_administrator_suppresses_stays_though_somebody_wants_it_again(
    sending: SendingNotifications,
) -> None:
    person, link = newsletter(sending)
    page = preferences_of(sending, link)
    body = {"channel": "email", "purpose": "newsletter", "person_id": str(person)}
    made = sending.client.post("/v1/notifications/suppressions", body)
    assert made.json["reason"] == "manual"
    post(sending, page, action="save", choice="email:newsletter")
    assert reason_held(sending, person) == "suppressed"


def test_who_unsubscribes_has_done_so_though_an_administrator_had_suppressed_it(
    sending: SendingNotifications,
) -> None:
    person, link = newsletter(sending)
    path = "/v1/notifications/suppressions"
    body = {"channel": "email", "purpose": "newsletter", "person_id": str(person)}
    made = sending.client.post(path, body).json
    post(sending, link)
    assert unsubscribed(sending) == [str(person)]
    assert sending.client.delete(f"{path}/{made['id']}").status_code == 204
    assert reason_held(sending, person) == "suppressed"


def test_an_address_is_suppressed_though_its_owner_was_before(
    sending: SendingNotifications,
) -> None:
    person, path = sending.person(), "/v1/notifications/suppressions"
    body = {"channel": "email", "person_id": str(person)}
    sending.client.post(path, body)
    address = f"{uuid4().hex}@example.com"
    both = sending.client.post(path, {**body, "address": address})
    found = sending.client.get(path, query_string={"address": address}).json["items"]
    assert [one["id"] for one in found] == [both.json["id"]]


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
