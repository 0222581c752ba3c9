"""From a name on a public form to a signed order and its renewal, with every figure worked out by hand."""

from __future__ import annotations

from typing import Any

import pytest

from deploy.demo.selling.house import House, open_house
from deploy.demo.selling.sale import Sale
from deploy.demo.selling.visitor import Visitor

from .world import Organisation, World, soon


@pytest.fixture
def house(acme: Organisation) -> House:
    """A house that sells espresso machines, in a tenant of its own."""
    return open_house(acme.admin)


def test_a_name_becomes_a_signed_order_and_its_renewal(world: World, house: House) -> None:
    sale = Sale(house, Visitor(world.gateway))
    lead = sale.captured()
    assert (lead["campaign"], lead["variant"], lead["landing_page"]) == ("spring", "b", "/spring")
    assert (lead["company_name"], lead["company_size"]) == ("Formosa Hotels", 120)
    _worth_a_call(sale, lead)
    _converted(sale)
    _roles(sale)
    _quote(sale)
    _answered(sale)
    _earned(sale)
    _renewed(sale)
    soon(
        lambda: sale.campaigns().get("spring", {}).get("credited") == 1,
        20,
        "the campaign is credited",
    )


def _worth_a_call(sale: Sale, lead: dict[str, Any]) -> None:
    score = sale.explained()
    # 20 for the campaign, 30 for the size, 10 for the form, 5 for the consent, 5 off without a phone.
    assert (score["score"], [each["points"] for each in score["rules"]]) == (
        60,
        [20, 30, 10, 5, -5],
    )
    assert score["rules"][1]["evidence"][0]["value"] == "120"
    assert lead["owner_id"] == sale.house.seller.id
    assert lead["first_contact_due_at"] is not None
    called = sale.call()
    assert called["first_contact_at"] <= lead["first_contact_due_at"]
    assert 0 <= called["seconds_to_first_contact"] < 60
    assessed = sale.qualify()
    # 25 each for budget, authority and need; 15, since it may take a year.
    assert (assessed["points"], assessed["qualifies"]) == (90, True)


def _converted(sale: Sale) -> None:
    conversion = sale.convert()
    assert (conversion["person_found"], conversion["company_found"]) == ("created", "matched")
    assert conversion["company_id"] == sale.house.ids["company"]
    assert conversion["credited"]["campaign"] == "spring"
    again = sale.convert()
    assert again == conversion


def _roles(sale: Sale) -> None:
    refused = sale.move("offer")
    assert (refused.status, refused.json["code"]) == (409, "stage_criteria_unmet")
    assert "We know who decides" in refused.json["errors"][0]["message"]
    sale.involve("decider")
    assert sale.seller.get(f"{sale.opportunity}/coverage")["missing"] == ["user"]
    assert sale.planned() == []
    assert sale.move("offer").json["stage"] == "offer"
    assert [each["subject"] for each in sale.planned()] == [
        "Ask about the offer",
        "Tasting at the customer's",
    ]


def _quote(sale: Sale) -> None:
    wrong = sale.configure("milk")
    assert [each["key"] for each in wrong["broken"]] == [
        "grinder_needed",
        "milk_needs_filter",
    ]
    assert wrong["broken"][0]["message"]["zh-Hant"] == "咖啡機需搭配至少一臺磨豆機。"
    quote = sale.offer(2, "18", "grinder", "filter")
    # 2 x (180,000 + 32,000 + 6,000) = 436,000; 18 % off is 357,520; 5 % tax on it is 17,876.
    amounts = [quote[name]["amount"] for name in ("list_amount", "net", "tax", "total")]
    assert amounts == ["436000.00", "357520.00", "17876.00", "375396.00"]
    assert quote["status"] == "in_approval"
    early = sale.seller.ask("POST", f"{sale.quote}/send")
    assert (early.status, early.json["code"]) == (409, "quote_status")
    assert sale.approve()["status"] == "approved"
    sale.expect(quote["net"])
    forecast = sale.forecast()
    # An opportunity in the stage of offers is won with 60 %.
    amounts = [forecast[name]["amount"] for name in ("closed", "pipeline", "weighted")]
    assert amounts == ["0.00", "357520.00", "214512.00"]


def _answered(sale: Sale) -> None:
    link = sale.send()
    page = sale.customer.read(link)
    assert "Formosa Hotels" in page or "王小明" in page
    assert "375,396.00" in page
    assert sale.customer.download(link).startswith(b"%PDF-")
    assert sale.seller.get(sale.quote)["status"] == "sent", "looking at it answers nothing"
    assert sale.customer.accept(link, "王小明") == 200
    accepted = sale.seller.get(sale.quote)
    assert (accepted["status"], accepted["accepted_by"]) == ("accepted", "王小明")
    assert sale.customer.accept(link, "王小明") == 200
    assert sale.seller.get(sale.quote)["order_id"] == accepted["order_id"]
    order = sale.deliver()
    assert (order["status"], order["total"]["amount"]) == ("delivered", "375396.00")


def _earned(sale: Sale) -> None:
    forecast = sale.forecast()
    assert (forecast["closed"]["amount"], forecast["weighted"]["amount"]) == (
        "357520.00",
        "357520.00",
    )
    attained = sale.attainment()
    # 357,520 of 300,000.
    assert (attained["attained"]["amount"], attained["percent"]) == ("357520.00", "119.17")
    statement = sale.statement()
    # 5 % of 300,000 are 15,000; 8 % of the other 57,520 are 4,601.60.
    assert statement["total"]["amount"] == "19601.60"
    assert [line["amount"]["amount"] for line in statement["lines"]] == ["19601.60"]


def _renewed(sale: Sale) -> None:
    subscription = sale.subscribe()
    # 2 x 2,500 a month.
    assert (subscription["mrr"]["amount"], subscription["arr"]["amount"]) == (
        "5000.00",
        "60000.00",
    )
    renewal = sale.seller.get(f"/v1/sales/opportunities/{subscription['renewal_opportunity_id']}")
    assert (renewal["source"], renewal["person_id"]) == ("renewal", sale.ids["person"])
