"""The page of a quote's link: read, accepted or rejected by whoever holds it, once, and in time."""

from __future__ import annotations

import io
import re
from concurrent.futures import ThreadPoolExecutor
from datetime import timedelta
from uuid import uuid4

import pytest
from pypdf import PdfReader

from chassis.clock import MovableClock
from chassis.testing.client import ApiClient
from rapport.sales.events.v1.order_events_pb2 import OrderPlaced
from rapport.sales.events.v1.quote_events_pb2 import QuoteAccepted
from sales.quote_pages.links import PAGE, QuoteLink, QuoteLinks
from services.sales.tests.builders import ORDERS, Sales, facts, fire, good, refused
from services.sales.tests.quoting import QUOTES, draft, sent
from services.sales.tests.sending import (
    LETTERHEAD,
    SELLER,
    accept,
    answer,
    link_of,
    look,
)


def links_of(sending: Sales) -> QuoteLinks:
    """The service's own links."""
    settings = sending.service.settings
    return QuoteLinks(settings.signing_secret.get_secret_value(), settings.public_url)


def test_the_bearer_of_the_link_reads_what_was_sent_and_changes_nothing_by_that(
    sending: Sales, seller: ApiClient
) -> None:
    good(seller.put(LETTERHEAD, SELLER))
    addressee = {"name": "Sunrise <Café>", "tax_id": "53212345"}
    quote = sent(seller, addressee=addressee, conditions="Free of charge.\nTwice.")
    pages = [look(sending, link_of(seller, quote["id"])) for _ in range(3)]  # as a scanner does
    for said in (
        quote["number"],
        "Sunrise &lt;Café&gt;",
        "Free of charge.",
        "Amphitrite",
        "100.00",
    ):
        assert said in pages[-1].text
    assert [page.status_code for page in pages] == [200] * 3
    known = good(seller.get(f"{QUOTES}/{quote['id']}"))
    assert {**known, "mailed": False} == quote


def test_accepting_orders_it_as_the_api_does(sending: Sales, seller: ApiClient) -> None:
    quote = sent(seller)
    token = link_of(seller, quote["id"])
    done = accept(sending, token, "  王  小明 ")
    assert done.status_code == 303
    assert done.headers["Location"].startswith(f"{PAGE}?token={token}")
    page = look(sending, token)
    assert (page.status_code, "Accepted. Thank you!" in page.text) == (200, True)
    assert "by 王 小明" in page.text
    assert "<form" not in page.text
    known = good(seller.get(f"{QUOTES}/{quote['id']}"))
    assert (known["status"], known["accepted_by"]) == ("accepted", "王 小明")
    order = good(seller.get(f"{ORDERS}/{known['order_id']}"))
    assert (order["total"], order["quote_id"]) == (quote["total"], quote["id"])
    (told,) = facts(sending, seller, QuoteAccepted)
    assert told.order_id == order["id"]
    assert "小明" not in str(told)


def test_what_the_seller_has_noted_is_shown_without_a_name(
    sending: Sales, seller: ApiClient
) -> None:
    quote = sent(seller)
    token = link_of(seller, quote["id"])
    good(seller.post(f"{QUOTES}/{quote['id']}/accept"))
    page = look(sending, token).text
    assert "Accepted. Thank you!" in page
    assert f"Quotation {quote['number']} was accepted on" in page
    assert " by " not in page
    assert accept(sending, token).status_code == 303
    assert good(seller.get(f"{QUOTES}/{quote['id']}"))["accepted_by"] == ""


def test_two_people_at_once_order_once_and_the_first_one_counts(
    sending: Sales, seller: ApiClient
) -> None:
    quote = sent(seller)
    token = link_of(seller, quote["id"])
    names = [f"Person {n}" for n in range(6)]
    with ThreadPoolExecutor(6) as pool:
        answers = list(pool.map(lambda name: accept(sending, token, name), names))
    assert {each.status_code for each in answers} == {303}
    assert len(facts(sending, seller, OrderPlaced)) == 1
    first = good(seller.get(f"{QUOTES}/{quote['id']}"))["accepted_by"]
    assert first in names
    accept(sending, token, "Somebody else")
    assert f"by {first}" in look(sending, token).text


def test_accepting_and_rejecting_at_once_has_one_of_them_count(
    sending: Sales, seller: ApiClient
) -> None:
    quote = sent(seller)
    token = link_of(seller, quote["id"])
    with ThreadPoolExecutor(2) as pool:
        says = [
            pool.submit(accept, sending, token),
            pool.submit(answer, sending, token, "reject", reason="No."),
        ]
        assert {each.result().status_code for each in says} == {303}
    known = good(seller.get(f"{QUOTES}/{quote['id']}"))
    assert known["status"] in {"accepted", "rejected"}
    assert len(facts(sending, seller, OrderPlaced)) == (known["status"] == "accepted")


@pytest.mark.parametrize(
    ("form", "told"),
    [
        ({"name": "", "terms": "yes"}, "Please give your name"),
        ({"name": "x" * 101, "terms": "yes"}, "Please give your name"),
        ({"name": "Ada"}, "Please tick"),
    ],
)
def test_no_yes_counts_without_a_name_and_the_tick(
    sending: Sales, seller: ApiClient, form: dict[str, str], told: str
) -> None:
    quote = sent(seller)
    page = answer(sending, link_of(seller, quote["id"]), "accept", **form)
    assert (page.status_code, told in page.text) == (422, True)
    assert f'value="{form["name"][:100]}"' in page.text
    assert good(seller.get(f"{QUOTES}/{quote['id']}"))["status"] == "sent"


def test_rejecting_keeps_the_reason(sending: Sales, seller: ApiClient) -> None:
    quote = sent(seller)
    token = link_of(seller, quote["id"])
    assert answer(sending, token, "reject", reason=" Too dear. ").status_code == 303
    known = good(seller.get(f"{QUOTES}/{quote['id']}"))
    assert (known["status"], known["answer"]) == ("rejected", "Too dear.")
    assert "was rejected on" in look(sending, token).text
    assert accept(sending, token).status_code == 303
    assert good(seller.get(f"{QUOTES}/{quote['id']}"))["status"] == "rejected"


def test_after_its_last_day_nothing_is_accepted_whether_the_timer_has_fired_or_not(
    sending: Sales, seller: ApiClient, clock: MovableClock
) -> None:
    until = (clock.now() + timedelta(days=9)).date()
    quote = sent(seller, valid_until=until.isoformat())
    token = link_of(seller, quote["id"])
    clock.move(timedelta(days=9))
    assert look(sending, token).status_code == 200
    clock.move(timedelta(days=1))
    for _ in range(2):
        for page in (look(sending, token), accept(sending, token)):
            assert (page.status_code, "has expired" in page.text) == (410, True)
            assert "<form" not in page.text
        fire(sending)
    assert good(seller.get(f"{QUOTES}/{quote['id']}"))["status"] == "expired"
    assert facts(sending, seller, OrderPlaced) == []


def test_a_link_is_revoked_when_the_quote_is_changed(sending: Sales, seller: ApiClient) -> None:
    quote = sent(seller)
    path, old = f"{QUOTES}/{quote['id']}", link_of(seller, quote["id"])
    good(seller.patch(path, {"conditions": "Secret plans."}))
    assert refused(seller.get(f"{path}/link")) == (409, "quote_status")
    for page in (look(sending, old), accept(sending, old), look(sending, old, page="/pdf")):
        assert (page.status_code, "was withdrawn" in page.text) == (410, True)
        assert "Secret plans." not in page.text
    good(seller.post(f"{path}/submit"))
    good(seller.post(f"{path}/send"))
    new = link_of(seller, quote["id"])
    for page in (look(sending, old), accept(sending, old)):
        assert (page.status_code, "newer version" in page.text) == (410, True)
    assert "Secret plans." in look(sending, new).text
    assert good(seller.get(path))["status"] == "sent"


def test_a_change_and_a_yes_at_once_never_order_what_was_not_agreed(
    sending: Sales, seller: ApiClient
) -> None:
    quote = sent(seller)
    path, token = f"{QUOTES}/{quote['id']}", link_of(seller, quote["id"])
    with ThreadPoolExecutor(2) as pool:
        changed = pool.submit(seller.patch, path, {"conditions": "New."})
        yes = pool.submit(accept, sending, token)
        statuses = (changed.result().status_code, yes.result().status_code)
    assert statuses in {(200, 410), (409, 303)}
    assert len(facts(sending, seller, OrderPlaced)) == (statuses == (409, 303))


def test_what_is_no_link_of_ours_says_so(sending: Sales, seller: ApiClient) -> None:
    quote = sent(seller)
    token, links = link_of(seller, quote["id"]), links_of(sending)
    link = links.read(token)
    assert link is not None
    tampered = [token[:n] + ("A" if token[n] != "A" else "B") + token[n + 1 :] for n in (0, 30, 60)]
    foreign = QuoteLinks("another secret of another platform", "https://crm.example").token(link)
    elsewhere = links.token(QuoteLink(uuid4(), link.quote_id, 1))
    unknown = links.token(QuoteLink(link.tenant_id, uuid4(), 1))
    wrong = [
        *tampered,
        token[:-4],
        token + "AAAA",
        "",
        "…",
        "x" * 5000,
        foreign,
        elsewhere,
        unknown,
    ]
    for each in wrong:
        for page in (look(sending, each), accept(sending, each)):
            assert page.status_code == 404, each
            assert "This link does not work" in page.text
    assert good(seller.get(f"{QUOTES}/{quote['id']}"))["status"] == "sent"


def test_a_form_of_another_site_is_refused(sending: Sales, seller: ApiClient) -> None:
    quote = sent(seller)
    form = {"token": link_of(seller, quote["id"]), "name": "Mallory", "terms": "yes"}
    for site in ("cross-site", "same-site"):
        headers = {"Sec-Fetch-Site": site, "Accept": "text/html"}
        page = sending.anonymous().post(f"{PAGE}/accept", data=form, headers=headers)
        assert page.status_code == 403
    assert good(seller.get(f"{QUOTES}/{quote['id']}"))["status"] == "sent"


@pytest.mark.parametrize(
    ("accepted", "chosen", "shown"),
    [
        ("ja, zh-TW;q=0.8, en;q=0.5", "", "zh-Hant"),
        ("en", "", "en"),
        ("en", "zh-Hant", "zh-Hant"),
        ("ja", "", "zh-Hant"),  # the document's own
    ],
)
def test_the_page_speaks_the_readers_language(
    sending: Sales, seller: ApiClient, accepted: str, chosen: str, shown: str
) -> None:
    token = link_of(seller, sent(seller, language="zh-Hant")["id"])
    page = look(sending, token, accepted, **({"lang": chosen} if chosen else {}))
    assert page.headers["Content-Language"] == shown
    assert f'<html lang="{shown}">' in page.text
    assert ("磨豆機" in page.text) == (shown == "zh-Hant")
    assert page.text.count("hreflang=") == 1


def test_the_pdf_is_what_the_seller_gets(sending: Sales, seller: ApiClient) -> None:
    quote = sent(seller, language="zh-Hant")
    token = link_of(seller, quote["id"])
    mine = look(sending, token, page="/pdf")
    theirs = seller.get(f"{QUOTES}/{quote['id']}/pdf")
    assert (mine.status_code, mine.data) == (200, theirs.data)
    assert mine.headers["Content-Disposition"].startswith("attachment;")
    english = look(sending, token, page="/pdf", lang="en").data
    assert "Quotation" in PdfReader(io.BytesIO(english)).pages[0].extract_text()


def test_the_page_loads_nothing_is_not_indexed_and_tells_nobody_its_address(
    sending: Sales, seller: ApiClient
) -> None:
    name = {"en": '<script src="https://evil.example"></script>'}
    good(seller.put(LETTERHEAD, {**SELLER, "name": name}))
    page = look(sending, link_of(seller, sent(seller)["id"]))
    assert "&lt;script" in page.text
    assert not re.search(r"<(script|link|iframe|object)\b", page.text)
    policy = page.headers["Content-Security-Policy"]
    assert policy.startswith("default-src 'none'; style-src 'sha256-")
    assert "form-action 'self'" in policy
    expected = {
        "Referrer-Policy": "no-referrer",
        "Cache-Control": "no-store",
        "X-Frame-Options": "DENY",
        "X-Robots-Tag": "noindex, nofollow, noarchive",
    }
    assert {name: page.headers[name] for name in expected} == expected


def test_a_link_is_only_for_who_may_write_and_for_what_was_sent(
    sending: Sales, seller: ApiClient
) -> None:
    quote = draft(seller)
    assert refused(seller.get(f"{QUOTES}/{quote['id']}/link")) == (409, "quote_status")
    assert seller.tenant_id is not None
    reader = sending.app_client(seller.tenant_id, "sales.quotes.read")
    path = f"{QUOTES}/{quote['id']}/link"
    assert refused(reader.get(path)) == (403, "permission_missing")
