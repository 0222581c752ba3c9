"""Somebody is erased who has left words where no id names them: they are forgotten in every service (CO-12)."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import httpx

from deploy.demo.external_app import ExternalApp

from .world import Organisation, World, soon

PATIENCE = 30
"""Seconds that two services may take to hear of an erasure, ask whose the words are, and forget them."""
SITE = {"Origin": "https://www.acme.example"}
ADA, BOB = "ada@engines.example", "bob@engines.example"
WEB_FORM: dict[str, Any] = {
    "name": "Offer",
    "fields": [
        {"name": "email", "label": {"en": "E-mail"}, "required": True},
        {"name": "family_name", "label": {"en": "Name"}},
    ],
    "allowed_origins": [SITE["Origin"]],
}
TICKET_FORM: dict[str, Any] = {
    "key": "contact",
    "name": "Contact",
    "allowed_origins": [SITE["Origin"]],
}


def sent(world: World, path: str, body: dict[str, str]) -> None:
    """What a program fills in, which is held back."""
    answer = httpx.post(f"{world.gateway}{path}", json=body, headers=SITE)
    assert answer.status_code == 202, answer.text


def held(app: ExternalApp, path: str) -> Callable[[], list[str]]:
    """Of whom something is held back there."""

    def look() -> list[str]:
        items = app.get(path, state="quarantined")["items"]
        return sorted(one["answers"]["email"] for one in items)

    return look


def test_what_names_no_id_is_forgotten_with_the_person_and_of_others_stays(
    world: World, acme: Organisation
) -> None:
    app = acme.app("contacts.*", "sales.*", "desk.*")
    web_form = app.post("/v1/sales/web-forms", WEB_FORM)
    ticket_form = app.post("/v1/desk/ticket-forms", TICKET_FORM)
    person = app.post(
        "/v1/contacts/people",
        {
            "full_name": "Ada Lovelace",
            "emails": [{"address": "Ada@Engines.example"}],
            "phones": [{"number": "+886912345678"}],
        },
    )
    for address in (ADA, BOB):
        # Without a ticket, and into the trap.
        sent(world, f"/p/sales/forms/{web_form['id']}", {"email": address, "family_name": "L."})
        trapped = {"email": address, "subject": "Hm", "text": "It leaks.", "website": "trap"}
        sent(world, ticket_form["path"], trapped)
    name = {"given_name": "Ada", "family_name": "Lovelace"}
    leads = [
        app.post("/v1/sales/leads", {**name, "phone": "0912-345-678"}),
        app.post("/v1/sales/leads", {**name, "email": BOB}),
        # Of the same household.
        app.post("/v1/sales/leads", {**name, "given_name": "Anne", "phone": "0912-345-678"}),
    ]
    at_sales = held(app, "/v1/sales/form-submissions")
    at_desk = held(app, "/v1/desk/ticket-submissions")
    assert (at_sales(), at_desk()) == ([ADA, BOB], [ADA, BOB])

    app.post(f"/v1/contacts/people/{person['id']}/erase", {"reason": "asked by letter"})

    soon(lambda: at_sales() == [BOB], PATIENCE, "what sales held back is dropped")
    soon(lambda: at_desk() == [BOB], PATIENCE, "what desk held back is discarded")

    def erased(lead: dict[str, Any]) -> bool:
        return app.get(f"/v1/sales/leads/{lead['id']}")["erased_at"] is not None

    soon(lambda: erased(leads[0]), PATIENCE, "the lead with the number is erased")
    assert not any(map(erased, leads[1:]))
