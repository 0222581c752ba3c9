"""A yes that counts only once it is confirmed: by a link that went to the address itself."""

from __future__ import annotations

import re
from concurrent.futures import ThreadPoolExecutor
from datetime import timedelta
from urllib.parse import parse_qs, urlsplit
from uuid import UUID

import pytest
from google.protobuf.json_format import MessageToDict

from chassis.clock import MovableClock
from chassis.testing.client import ApiAnswer, ApiClient
from chassis.testing.harness import ServiceHarness
from contacts.consents.links import CONFIRM, ConsentLinks
from contacts.transaction import ContactsTx
from rapport.contacts.requests.v1.send_message_pb2 import SendMessage
from rapport.notifications.v1.message_request_pb2 import MessageRequest
from services.contacts.tests.builders import PEOPLE, person

from .conftest import Say

Contacts = ServiceHarness[ContactsTx]
SEND = "rapport.contacts.requests.v1.SendMessage"
MAIL = [{"address": "Ming@rapport.dev"}]


def names(timed: Contacts, app: ApiClient) -> list[str]:
    """The short names of what is told of consents and asked for."""
    assert app.tenant_id is not None
    kinds = [kind.rpartition(".")[2] for kind, _ in timed.facts(app.tenant_id)]
    return [kind for kind in kinds if kind.startswith("Consent") or kind == "SendMessage"]


def requests(timed: Contacts, app: ApiClient) -> list[MessageRequest]:
    """What notifications is asked to send, the first first."""
    assert app.tenant_id is not None
    sent = [payload for kind, payload in timed.facts(app.tenant_id) if kind == SEND]
    return [SendMessage.FromString(payload).request for payload in sent]


def token(timed: Contacts, app: ApiClient) -> str:
    """The token of the link that was sent last."""
    link = requests(timed, app)[-1].variables["link"]
    assert isinstance(link, str)
    return parse_qs(urlsplit(link).query)["token"][0]


def show(timed: Contacts, text: str, language: str = "", **query: str) -> ApiAnswer:
    """Look at the page of a link."""
    headers = {"Accept-Language": language} if language else {}
    return timed.anonymous().get(CONFIRM, query_string={"token": text, **query}, headers=headers)


def agree(timed: Contacts, text: str) -> ApiAnswer:
    """Press the button on the page of a link."""
    return timed.anonymous().post(CONFIRM, data={"token": text})


def state(app: ApiClient, ada: str) -> str:
    """What the newsletter's consent is."""
    return str(app.get(f"{PEOPLE}/{ada}/consents/newsletter/email").json["state"])


def test_a_yes_is_pending_until_the_button_on_the_page_is_pressed(
    timed: Contacts, app: ApiClient, say: Say, clock: MovableClock
) -> None:
    ada = person(app, emails=MAIL)
    asked = say(ada, "granted").json
    assert (asked["state"], asked["granted_at"]) == ("pending", None)
    (request,) = requests(timed, app)
    assert (request.person_id, request.template) == (ada, "consent_confirmation")
    assert (request.channel, request.purpose) == ("email", "")
    assert MessageToDict(request.variables)["purpose_names"]["zh-Hant"] == "電子報"
    assert request.expires_at.ToSeconds() == (clock.now() + timedelta(days=7)).timestamp()
    assert str(request.variables["link"]).startswith(timed.service.settings.public_url + CONFIRM)
    text = token(timed, app)
    pages = [show(timed, text) for _ in range(3)]  # as a scanner of mail follows links
    for page in pages:
        assert (page.status_code, state(app, ada)) == (200, "pending")
    assert '<button type="submit">' in pages[0].text
    done = agree(timed, text)
    assert (done.status_code, "Thank you" in done.text) == (200, True)
    consent = app.get(f"{PEOPLE}/{ada}/consents/newsletter/email").json
    assert (consent["state"], consent["source"]) == ("granted", "web form")
    assert consent["confirmed_at"] is not None
    assert names(timed, app) == ["ConsentRequested", "SendMessage", "ConsentGranted"]
    history = app.get(f"{PEOPLE}/{ada}/consents/newsletter/email/history").json["items"]
    (confirmed,) = [entry for entry in history if entry["word"] == "confirmed"]
    assert confirmed["source"] == "double opt-in"
    assert request.request_id in confirmed["proof"]
    assert request.contact_point_id in confirmed["proof"]
    assert "127.0.0.1" not in confirmed["proof"]


def test_the_address_that_confirmed_is_verified(timed: Contacts, app: ApiClient, say: Say) -> None:
    other = {"address": "old@rapport.dev"}
    ada = person(app, emails=[other, {**MAIL[0], "primary": True}])
    say(ada, "granted")
    agree(timed, token(timed, app))
    emails = app.get(f"{PEOPLE}/{ada}").json["emails"]
    assert {e["address"]: e["status"] for e in emails} == {
        "old@rapport.dev": "unverified",
        "Ming@rapport.dev": "verified",
    }
    app.patch(f"{PEOPLE}/{ada}", {"emails": [*MAIL, {"address": "new@rapport.dev"}]})
    emails = app.get(f"{PEOPLE}/{ada}").json["emails"]
    assert [e["status"] for e in emails] == ["verified", "unverified"]


def test_pressing_twice_and_at_once_confirms_once(
    timed: Contacts, app: ApiClient, say: Say
) -> None:
    ada = person(app, emails=MAIL)
    say(ada, "granted")
    text = token(timed, app)
    with ThreadPoolExecutor(6) as pool:
        answers = list(pool.map(lambda _: agree(timed, text), range(6)))
    assert {answer.status_code for answer in answers} == {200}
    assert sum("Thank you" in answer.text for answer in answers) == 1
    assert "agreed already" in show(timed, text).text
    assert names(timed, app).count("ConsentGranted") == 1


def test_asking_again_sends_again_only_after_a_while(
    timed: Contacts, app: ApiClient, say: Say, clock: MovableClock
) -> None:
    ada = person(app, emails=MAIL)
    for source in ("web form", "web form", "shop"):
        assert say(ada, "granted", source=source).json["state"] == "pending"
    assert len(requests(timed, app)) == 1
    first = token(timed, app)
    clock.move(timedelta(minutes=5))
    say(ada, "granted")
    assert len({request.request_id for request in requests(timed, app)}) == 2
    assert "Thank you" in agree(timed, first).text  # both links are good
    assert "agreed already" in agree(timed, token(timed, app)).text
    assert names(timed, app).count("ConsentRequested") == 1


def test_nobody_is_flooded_by_taking_back_and_asking_anew(
    timed: Contacts, app: ApiClient, say: Say, clock: MovableClock
) -> None:
    ada = person(app, emails=MAIL)
    for _ in range(3):
        say(ada, "granted")
        say(ada, "withdrawn")
    assert len(requests(timed, app)) == 1
    first = token(timed, app)
    clock.move(timedelta(minutes=6))
    say(ada, "granted")
    page = agree(timed, first)
    assert (page.status_code, "newer link" in page.text) == (410, True)
    assert state(app, ada) == "pending"
    assert "Thank you" in agree(timed, token(timed, app)).text


def test_what_was_withdrawn_meanwhile_stays_withdrawn(
    timed: Contacts, app: ApiClient, say: Say
) -> None:
    ada = person(app, emails=MAIL)
    say(ada, "granted")
    say(ada, "withdrawn")
    text = token(timed, app)
    for page in (show(timed, text), agree(timed, text)):
        assert (page.status_code, "said no since" in page.text) == (410, True)
    assert state(app, ada) == "withdrawn"


def test_a_link_expires(timed: Contacts, app: ApiClient, say: Say, clock: MovableClock) -> None:
    ada = person(app, emails=MAIL)
    say(ada, "granted")
    text = token(timed, app)
    clock.move(timedelta(days=7))
    page = agree(timed, text)
    assert (page.status_code, "expired" in page.text) == (410, True)
    clock.move(timedelta(days=-7))
    assert state(app, ada) == "pending"


def test_a_link_to_an_address_that_was_changed_confirms_nothing(
    timed: Contacts, app: ApiClient, say: Say
) -> None:
    ada = person(app, emails=MAIL)
    say(ada, "granted")
    app.patch(f"{PEOPLE}/{ada}", {"emails": [{"address": "other@rapport.dev"}]})
    page = agree(timed, token(timed, app))
    assert (page.status_code, "no longer yours" in page.text) == (410, True)
    assert state(app, ada) == "pending"


def test_a_link_for_an_archived_purpose_confirms_nothing(
    timed: Contacts, app: ApiClient, say: Say
) -> None:
    ada = person(app, emails=MAIL)
    say(ada, "granted")
    (purpose,) = app.get("/v1/contacts/purposes?key=newsletter").json["items"]
    app.delete(f"/v1/contacts/purposes/{purpose['id']}")
    page = agree(timed, token(timed, app))
    assert (page.status_code, "not offered" in page.text) == (410, True)


def test_what_is_no_link_of_ours_says_so_and_changes_nothing(
    timed: Contacts, app: ApiClient, say: Say
) -> None:
    ada = person(app, emails=MAIL)
    say(ada, "granted")
    good = token(timed, app)
    tampered = [good[:n] + ("A" if good[n] != "A" else "B") + good[n + 1 :] for n in (0, 30, 60)]
    foreign = ConsentLinks("another secret of another platform", "https://crm.example")
    link = timed_links(timed).read(good)
    assert link is not None
    for text in (*tampered, good[:-4], good + "AAAA", "", "…", "x" * 5000, foreign.token(link)):
        answers = (
            (agree(timed, text),) if len(text) > 1000 else (show(timed, text), agree(timed, text))
        )
        for page in answers:
            assert page.status_code in (400, 413), text
            assert "<h1>" in page.text
    assert state(app, ada) == "pending"


def timed_links(timed: Contacts) -> ConsentLinks:
    """The service's own links."""
    settings = timed.service.settings
    return ConsentLinks(settings.signing_secret.get_secret_value(), settings.public_url)


def test_a_link_of_one_tenant_leads_nowhere_in_another(
    timed: Contacts, app: ApiClient, say: Say
) -> None:
    ada = person(app, emails=MAIL)
    say(ada, "granted")
    links = timed_links(timed)
    link = links.read(token(timed, app))
    assert link is not None
    fields = {name: getattr(link, name) for name in link.__slots__}
    elsewhere = links.token(type(link)(**{**fields, "tenant_id": timed.new_tenant()}))
    assert agree(timed, elsewhere).status_code == 400
    unknown = links.token(type(link)(**{**fields, "consent_id": UUID(int=7)}))
    assert show(timed, unknown).status_code == 400
    assert state(app, ada) == "pending"


@pytest.mark.parametrize(
    ("person_language", "accepted", "chosen", "shown"),
    [
        ("zh-Hant", "en", "", "zh-Hant"),
        ("zh-TW", "", "", "zh-Hant"),
        ("", "ja, zh-TW;q=0.8, en;q=0.5", "", "zh-Hant"),
        ("zh-Hant", "", "en", "en"),
        ("ja", "", "", "en"),
    ],
)
def test_the_page_speaks_the_persons_language(
    timed: Contacts,
    app: ApiClient,
    say: Say,
    person_language: str,
    accepted: str,
    chosen: str,
    shown: str,
) -> None:
    ada = person(app, emails=MAIL, language=person_language)
    say(ada, "granted")
    query = {"lang": chosen} if chosen else {}
    page = show(timed, token(timed, app), accepted, **query)
    assert page.headers["Content-Language"] == shown
    assert f'<html lang="{shown}">' in page.text
    assert ("電子報" in page.text) == (shown == "zh-Hant")


def test_the_page_loads_nothing_and_tells_nobody_its_address(
    timed: Contacts, app: ApiClient, say: Say
) -> None:
    ada = person(app, emails=MAIL)
    name = {"en": '<script src="https://evil.example"></script>'}
    (purpose,) = app.get("/v1/contacts/purposes?key=newsletter").json["items"]
    app.patch(f"/v1/contacts/purposes/{purpose['id']}", {"name": name})
    say(ada, "granted")
    page = show(timed, token(timed, app))
    assert "&lt;script" in page.text
    assert not re.search(r"<(script|link|img|iframe)\b", page.text)
    policy = page.headers["Content-Security-Policy"]
    assert policy.startswith("default-src 'none'; style-src 'sha256-")
    assert page.headers["Referrer-Policy"] == "no-referrer"
    assert page.headers["Cache-Control"] == "no-store"


def test_whoever_cannot_be_asked_is_refused(app: ApiClient, say: Say) -> None:
    for emails in ([], [{"address": "gone@rapport.dev"}]):
        ada = person(app, emails=emails)
        answer = say(ada, "granted", "offers", channel="line" if emails else "email")
        assert (answer.status_code, answer.json["code"]) == (409, "unreachable")
    assert app.get("/v1/contacts/consents").json["items"] == []


def test_what_needs_no_confirmation_counts_at_once(app: ApiClient, say: Say) -> None:
    ada = person(app, emails=MAIL)
    elsewhere = say(ada, "granted", confirmed=True, proof="export of the old system")
    assert elsewhere.json["state"] == "granted"
    other = say(ada, "granted", "offers", legal_basis="legitimate_interest")
    assert other.json["state"] == "granted"


def test_a_yes_once_confirmed_is_not_asked_again(timed: Contacts, app: ApiClient, say: Say) -> None:
    ada = person(app, emails=MAIL)
    say(ada, "granted")
    agree(timed, token(timed, app))
    assert say(ada, "granted", source="checkout").json["state"] == "granted"
    assert len(requests(timed, app)) == 1
