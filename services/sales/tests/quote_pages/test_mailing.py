"""A quote is mailed when it is sent: the link goes to the customer, or nothing is sent and that is said."""

from __future__ import annotations

from typing import Any
from uuid import UUID, uuid4

from google.protobuf.json_format import MessageToDict

from chassis.context import service_caller
from chassis.events.reactions import Envelope
from chassis.testing.client import ApiAnswer, ApiClient
from rapport.contacts.events.v1.person_events_pb2 import PersonErased
from rapport.notifications.v1.message_request_pb2 import MessageRequest
from rapport.sales.events.v1.quote_events_pb2 import QuoteSent
from rapport.sales.requests.v1.send_message_pb2 import SendMessage
from sales.people.reactions import on_person_erased
from services.sales.tests.builders import Sales, at_once, facts, good, refused
from services.sales.tests.quoting import QUOTES, draft
from services.sales.tests.sending import LETTERHEAD, SELLER, FakeRecipients, accept, look, token_in


def approved(client: ApiClient, person: UUID | None, **more: Any) -> dict[str, Any]:
    """A quote for a person that may be sent."""
    about: dict[str, Any] = {} if person is None else {"company_id": None, "person_id": str(person)}
    quote = draft(client, **{**about, **more})
    return good(client.post(f"{QUOTES}/{quote['id']}/submit"))


def send(client: ApiClient, quote: dict[str, Any], mail: str = "true", **more: Any) -> ApiAnswer:
    """Try to send a quote."""
    return client.post(f"{QUOTES}/{quote['id']}/send?mail={mail}", **more)


def requests(sales: Sales, client: ApiClient) -> list[MessageRequest]:
    """What notifications is asked to send."""
    return [one.request for one in facts(sales, client, SendMessage)]


def contacts_says(sales: Sales, tenant_id: UUID, fact: PersonErased) -> None:
    """Have the fact come in."""
    envelope = Envelope(
        id=uuid4(),
        type=fact.DESCRIPTOR.full_name,
        tenant_id=tenant_id,
        aggregate_id=UUID(fact.person_id),
        aggregate_version=1,
        actor="user:someone",
        occurred_at=sales.service.clock.now(),
        traceparent=None,
    )
    caller = service_caller("sales", tenant_id)
    sales.service.operations.run(caller, on_person_erased, fact, envelope)


def test_the_link_is_mailed_to_the_customer_and_works(
    sending: Sales, seller: ApiClient, recipients: FakeRecipients
) -> None:
    good(seller.put(LETTERHEAD, SELLER))
    ming = recipients.add("王小明", "zh-Hant")
    quote = good(send(seller, approved(seller, ming, valid_until="2999-12-31")))
    assert (quote["status"], quote["mailed"]) == ("sent", True)
    assert (quote["language"], quote["addressee"]["name"]) == ("zh-Hant", "王小明")
    (request,) = requests(sending, seller)
    assert (request.person_id, request.template) == (str(ming), "quote_link")
    assert (request.channel, request.purpose) == ("email", "")
    assert request.expires_at.ToDatetime().isoformat() == "3000-01-01T00:00:00"
    variables = MessageToDict(request.variables)
    link = variables.pop("link")
    assert link.startswith(sending.service.settings.public_url)
    assert variables == {
        "number": quote["number"],
        "seller_names": SELLER["name"],
        "total": quote["total"],
        "valid_until": "2999-12-31",
    }
    token = token_in(link)
    assert "王小明" in look(sending, token).text
    assert accept(sending, token).status_code == 303
    assert good(seller.get(f"{QUOTES}/{quote['id']}"))["status"] == "accepted"


def test_without_being_asked_nothing_is_mailed(
    sending: Sales, seller: ApiClient, recipients: FakeRecipients
) -> None:
    quote = good(send(seller, approved(seller, recipients.add("Ada")), "false"))
    assert (quote["status"], quote["mailed"]) == ("sent", False)
    assert requests(sending, seller) == []


def test_whoever_cannot_be_reached_by_mail_is_said_and_nothing_is_sent(
    sending: Sales, seller: ApiClient, recipients: FakeRecipients
) -> None:
    unreachable = recipients.add("Ada", has_mail=False)
    quotes = [approved(seller, person) for person in (unreachable, uuid4(), None)]
    for quote in quotes:
        assert refused(send(seller, quote)) == (409, "customer_unreachable")
        assert good(seller.get(f"{QUOTES}/{quote['id']}"))["status"] == "approved"
    assert facts(sending, seller, QuoteSent) == []
    assert requests(sending, seller) == []
    assert good(send(seller, quotes[0], "false"))["mailed"] is False


def test_while_contacts_is_away_nothing_is_mailed_but_quotes_go_otherwise(
    sending: Sales, seller: ApiClient, recipients: FakeRecipients
) -> None:
    quote = approved(seller, recipients.add("Ada", "en"))
    recipients.is_away = True
    late = send(seller, quote)
    assert (late.status_code, "Retry-After" in late.headers) == (503, True)
    assert good(seller.get(f"{QUOTES}/{quote['id']}"))["status"] == "approved"
    sent = good(send(seller, quote, "false"))
    assert (sent["status"], sent["addressee"], sent["language"]) == ("sent", None, "")
    assert requests(sending, seller) == []


def test_what_the_seller_says_of_the_customer_goes_before_what_contacts_says(
    seller: ApiClient, recipients: FakeRecipients
) -> None:
    addressee = {"name": "Purchasing", "address": "", "tax_id": ""}
    quote = approved(seller, recipients.add("Ada", "en"), addressee=addressee, language="zh-Hant")
    sent = good(send(seller, quote))
    assert (sent["addressee"], sent["language"]) == (addressee, "zh-Hant")


def test_what_goes_to_a_company_is_made_out_to_it(
    seller: ApiClient, recipients: FakeRecipients
) -> None:
    company, ming = uuid4(), recipients.add("王小明")
    recipients.companies[company] = "Sunrise Ltd."
    alone = good(send(seller, approved(seller, None, company_id=str(company)), "false"))
    assert alone["addressee"] == {"name": "Sunrise Ltd.", "address": "", "tax_id": ""}
    about: dict[str, Any] = {"company_id": str(company), "person_id": str(ming)}
    quote = good(seller.post(f"{QUOTES}/{draft(seller, **about)['id']}/submit"))
    both = good(send(seller, quote, "false"))
    assert both["addressee"] == {"name": "Sunrise Ltd.", "address": "王小明", "tax_id": ""}


def test_sending_twice_at_once_mails_once(
    sending: Sales, seller: ApiClient, recipients: FakeRecipients
) -> None:
    quote = approved(seller, recipients.add("Ada"))
    assert at_once(*[lambda: send(seller, quote)] * 4) == [200, 409, 409, 409]
    assert len(requests(sending, seller)) == 1


def test_repeating_a_request_whose_answer_was_lost_mails_once(
    sending: Sales, seller: ApiClient, recipients: FakeRecipients
) -> None:
    quote = approved(seller, recipients.add("Ada"))
    answers = [send(seller, quote, headers={"Idempotency-Key": "k-1"}) for _ in range(2)]
    assert answers[0].json == answers[1].json
    assert len(requests(sending, seller)) == 1


def test_whoever_is_erased_is_on_no_quote_any_more(
    sending: Sales, seller: ApiClient, recipients: FakeRecipients
) -> None:
    ming = recipients.add("王小明")
    quote = good(send(seller, approved(seller, ming, conditions="For Ming.")))
    token = token_in(good(seller.get(f"{QUOTES}/{quote['id']}/link"))["address"])
    accept(sending, token, "王小明")
    assert seller.tenant_id is not None
    contacts_says(sending, seller.tenant_id, PersonErased(person_id=str(ming)))
    known = good(seller.get(f"{QUOTES}/{quote['id']}"))
    assert (known["addressee"], known["accepted_by"], known["conditions"]) == (None, "", "")
    page = look(sending, token).text
    assert ("王小明" in page, quote["number"] in page) == (False, True)


def test_an_offer_to_whoever_is_erased_is_open_no_more(
    sending: Sales, seller: ApiClient, recipients: FakeRecipients
) -> None:
    ming, company = recipients.add("王小明"), str(uuid4())
    alone = good(send(seller, approved(seller, ming)))
    # A company's quote stays open without the person who was to read it.
    firms = good(send(seller, approved(seller, ming, company_id=company)))
    tokens = [
        token_in(good(seller.get(f"{QUOTES}/{quote['id']}/link"))["address"])
        for quote in (alone, firms)
    ]
    assert seller.tenant_id is not None
    contacts_says(sending, seller.tenant_id, PersonErased(person_id=str(ming)))
    assert [accept(sending, token, "Anybody").status_code for token in tokens] == [410, 303]
    assert [look(sending, token).status_code for token in tokens] == [410, 200]
    status = [good(seller.get(f"{QUOTES}/{one['id']}"))["status"] for one in (alone, firms)]
    assert status == ["sent", "accepted"]
