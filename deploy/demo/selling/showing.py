"""Goes through a sale and shows what comes of each step."""

from __future__ import annotations

from pathlib import Path
from typing import Any

from deploy.demo.external_app import ExternalApp
from deploy.demo.selling import definitions as defined
from deploy.demo.selling.house import APPROVAL_OVER_PERCENT, House, open_house
from deploy.demo.selling.sale import Sale
from deploy.demo.selling.visitor import Visitor
from deploy.demo.showing import Show, seen_from_here

MACHINES, DISCOUNT_PERCENT = 2, "18"
SIGNED_BY = "王小明"


def show_a_sale(show: Show, admin: ExternalApp, pdf_to: Path) -> None:
    """From a name on a form to a renewal, in the administrator's tenant; the quote goes to a file."""
    show.step("An administrator sets up how espresso machines are sold")
    house = open_house(admin)
    _told_house(show, house)
    sale = Sale(house, Visitor(admin.gateway))
    _lead(show, sale)
    _opportunity(show, sale)
    _quote(show, sale)
    _answer(show, sale, pdf_to)
    _figures(show, sale)
    _renewal(show, sale)


def _told_house(show: Show, house: House) -> None:
    show.say("colleagues     Mei Chen, sales manager; Ann Lin, sales representative")
    show.say(
        f"catalogue      {len(defined.PRICES)} products, {len(defined.RULES)} rules of what goes together"
    )
    show.say(f"approval       the manager's, for discounts over {APPROVAL_OVER_PERCENT} %")
    show.say(f"web form       {house.admin.gateway}/p/sales/forms/{house.ids['web_form']}")


def _lead(show: Show, sale: Sale) -> None:
    show.step("A visitor fills in a form, is scored, called in time, and qualified")
    lead = sale.captured()
    show.say(f"lead           {lead['family_name']}{lead['given_name']}, {lead['company_name']}")
    show.say(
        f"campaign       {lead['campaign']}, variant {lead['variant']} of {lead['landing_page']}"
    )
    score = sale.explained()
    show.say(f"score          {score['score']}, of which")
    show.table(
        ("", "#points", "because of"),
        (
            (f"  {one['name']['en']}", f"{one['points']:+d}", _because(one))
            for one in score["rules"]
            if one["points"]
        ),
    )
    called = sale.call()
    show.say(
        f"first contact  promised within an hour, made after {called['seconds_to_first_contact']} s"
    )
    assessed = sale.qualify()
    verdict = "qualified" if assessed["qualifies"] else "not qualified"
    show.say(f"BANT           {assessed['points']} points, {verdict}")


def _opportunity(show: Show, sale: Sale) -> None:
    show.step("The lead becomes a person, at the company that is known, and an opportunity")
    conversion = sale.convert()
    show.say(f"person         {conversion['person_found']}")
    show.say(f"company        {conversion['company_found']}")
    show.say(f"credited       to the campaign {conversion['credited']['campaign']}")
    refused = sale.move("offer")
    show.say(f"to an offer?   {refused.status}: {refused.json['errors'][0]['message']}")
    sale.involve("decider")
    sale.move("offer")
    show.say("to an offer?   yes, with the decider known; the playbook has planned:")
    for activity in sale.planned():
        show.say(f"               {activity['kind']}: {activity['subject']}")


def _quote(show: Show, sale: Sale) -> None:
    show.step("A configuration, a quote, and the approval that its discount needs")
    for one in sale.configure("milk")["broken"]:
        show.say(f"not for sale   {one['message']['en']} / {one['message']['zh-Hant']}")
    quote = sale.offer(MACHINES, DISCOUNT_PERCENT, "grinder", "filter")
    show.say(f"quote          {quote['number']}, {quote['status']}, {DISCOUNT_PERCENT} % off")
    show.table(("", "#TWD"), ((f"  {name}", quote[key]["amount"]) for name, key in _SUMS))
    show.say(f"approval       {sale.approve()['status']} by the manager")
    sale.expect(quote["net"])


_SUMS = (("list prices", "list_amount"), ("net", "net"), ("tax", "tax"), ("total", "total"))


def _answer(show: Show, sale: Sale, pdf_to: Path) -> None:
    show.step("The customer reads the quote by its link, and accepts; it is delivered")
    link = sale.send()
    pdf_to.parent.mkdir(parents=True, exist_ok=True)
    pdf_to.write_bytes(sale.customer.download(link))
    show.say(f"link           {link}")
    show.say(f"PDF            {pdf_to.stat().st_size:,} bytes: {seen_from_here(pdf_to)}")
    sale.customer.accept(link, SIGNED_BY)
    accepted = sale.seller.get(sale.quote)
    show.say(f"answer         {accepted['status']} by {accepted['accepted_by']}")
    order = sale.deliver()
    show.say(f"order          {order['number']}, {order['status']}")


def _figures(show: Show, sale: Sale) -> None:
    show.step("What the month looks like now")
    forecast, attained, earned = sale.forecast(), sale.attainment(), sale.statement()
    show.say(f"closed         {_money(forecast['closed'])}")
    show.say(f"quota          {attained['percent']} % of {_money(attained['quota']['amount'])}")
    show.say(f"commission     {_money(earned['total'])}")


def _renewal(show: Show, sale: Sale) -> None:
    show.step("The maintenance of the machines ends within 90 days")
    subscription = sale.subscribe()
    show.say(
        f"subscription   {_money(subscription['mrr'])} a month, until {subscription['ends_on']}"
    )
    renewal = sale.seller.get(f"/v1/sales/opportunities/{subscription['renewal_opportunity_id']}")
    show.say(f"renewal        an opportunity has opened by itself: {renewal['name']}")


def _because(part: dict[str, Any]) -> str:
    return ", ".join(f"{one['what']} {one['value']}".strip() for one in part["evidence"])


def _money(amount: dict[str, str]) -> str:
    return f"{amount['currency']} {amount['amount']}"
