"""One sale, from a name on a form to a signed order and its renewal, step by step."""

from __future__ import annotations

import secrets
from dataclasses import dataclass, field
from datetime import timedelta
from typing import Any

from chassis.embedded.processes import wait_until
from deploy.demo.external_app import Answer, ExternalApp
from deploy.demo.selling.definitions import (
    ANSWERS,
    BASE_CURRENCY,
    MAINTAINED_SINCE_DAYS,
    MAINTENANCE,
    VISITOR,
)
from deploy.demo.selling.house import House, this_month, today
from deploy.demo.selling.visitor import Visitor

LEADS = "/v1/sales/leads"
OPPORTUNITIES = "/v1/sales/opportunities"
ACTIVITIES = "/v1/sales/activities"
QUOTES = "/v1/sales/quotes"
ORDERS = "/v1/sales/orders"
SUBSCRIPTIONS = "/v1/sales/subscriptions"
_PATIENCE = 30.0
"""Seconds that a fact may take to have its effect."""


@dataclass
class Sale:
    """What the house's people do, each as themselves; remembers the ids of what comes of it."""

    house: House
    customer: Visitor
    ids: dict[str, str] = field(default_factory=dict)

    @property
    def seller(self) -> ExternalApp:
        """The representative."""
        return self.house.seller.app

    @property
    def lead(self) -> str:
        """Where the lead is."""
        return f"{LEADS}/{self.ids['lead']}"

    @property
    def opportunity(self) -> str:
        """Where the opportunity is."""
        return f"{OPPORTUNITIES}/{self.ids['opportunity']}"

    @property
    def quote(self) -> str:
        """Where the quote is."""
        return f"{QUOTES}/{self.ids['quote']}"

    def captured(self) -> dict[str, Any]:
        """The customer fills in the form; gives the lead that comes of it."""
        email = f"ming-{secrets.token_hex(4)}@formosa.example"
        yes = {"consent.newsletter.email": "yes", "variant": "b"}
        self.customer.fill_in(self.house.ids["web_form"], {**VISITOR, "email": email, **yes})
        lead = self.wait_for(self.house.admin, LEADS, q=email)
        self.ids["lead"] = lead["id"]
        return lead

    def explained(self) -> dict[str, Any]:
        """The lead's score, and which facts gave which points."""
        score: dict[str, Any] = self.seller.get(f"{self.lead}/score")
        return score

    def call(self) -> dict[str, Any]:
        """Ring the customer up; gives the lead as it is after that."""
        done = {"note": "They open two hotels in autumn.", "minutes": 12}
        body = {"kind": "call", "subject": "First call", "lead_id": self.ids["lead"], "done": done}
        self.seller.post(ACTIVITIES, body)
        lead: dict[str, Any] = self.seller.get(self.lead)
        return lead

    def qualify(self) -> dict[str, Any]:
        """Note what was said, question by question, and find that something may come of it."""
        frameworks = self.seller.get("/v1/sales/qualification-frameworks")["items"]
        bant = next(one["id"] for one in frameworks if one["name"]["en"] == "BANT")
        assessment = f"{self.lead}/assessments/{bant}"
        for question, answer in ANSWERS.items():
            said = {"answer": answer, "evidence": "On the telephone."}
            self.seller.put(f"{assessment}/answers/{question}", said)
        self.seller.post(f"{self.lead}/qualify", {})
        assessed: dict[str, Any] = self.seller.get(assessment)
        return assessed

    def convert(self) -> dict[str, Any]:
        """Have the lead be a person, at the company that is known, with an opportunity."""
        how = {"pipeline_id": self.house.ids["pipeline"], "name": "Machines for the lobbies"}
        conversion: dict[str, Any] = self.seller.post(f"{self.lead}/convert", how)
        self.ids["person"] = conversion["person_id"]
        self.ids["opportunity"] = conversion["opportunity_id"]
        return conversion

    def involve(self, role: str) -> None:
        """Note that the customer's contact plays a part in buying."""
        path = f"{self.opportunity}/people/{self.ids['person']}"
        self.seller.put(path, {"roles": [role], "attitude": "for", "influence": 4})

    def move(self, stage: str) -> Answer:
        """Try to move the opportunity."""
        return self.seller.ask("POST", f"{self.opportunity}/move", json={"stage": stage})

    def planned(self) -> list[dict[str, Any]]:
        """What is planned for the opportunity."""
        about = {"opportunity_id": self.ids["opportunity"], "state": "open"}
        found = self.seller.get(ACTIVITIES, **about)["items"]
        return sorted(found, key=lambda one: str(one["subject"]))

    def configure(self, *options: str) -> dict[str, Any]:
        """What is said about a machine with these options, one piece of each."""
        choices = [{"option": key} for key in options]
        body = {"product_id": self.house.ids["machine"], "choices": choices}
        checked: dict[str, Any] = self.seller.post("/v1/sales/configurations/check", body)
        return checked

    def offer(self, machines: int, discount_percent: str, *options: str) -> dict[str, Any]:
        """Draft a quote and submit it."""
        item = {
            "product_id": self.house.ids["machine"],
            "quantity": str(machines),
            "choices": [{"option": key} for key in options],
            "discount_percent": discount_percent,
        }
        body = {
            "opportunity_id": self.ids["opportunity"],
            "currency": BASE_CURRENCY,
            "valid_until": (today() + timedelta(days=30)).isoformat(),
            "items": [item],
        }
        self.ids["quote"] = self.seller.post(QUOTES, body)["id"]
        submitted: dict[str, Any] = self.seller.post(f"{self.quote}/submit")
        return submitted

    def approve(self) -> dict[str, Any]:
        """The manager's yes."""
        approved: dict[str, Any] = self.house.manager.app.post(f"{self.quote}/approve")
        return approved

    def expect(self, net: dict[str, str]) -> None:
        """Note what the opportunity is worth, and that it is to be won today."""
        changes = {"amount": net, "expected_close_on": today().isoformat()}
        self.seller.patch(self.opportunity, changes)

    def send(self) -> str:
        """Send the quote by mail; gives the link that is in it."""
        sent = self.seller.post(f"{self.quote}/send?mail=true")
        if not sent["mailed"]:
            raise LookupError("the customer has no address")
        return str(self.seller.get(f"{self.quote}/link")["address"])

    def deliver(self) -> dict[str, Any]:
        """Have it won, confirm the quote's order, and hand over all that it is about."""
        self.seller.post(f"{self.opportunity}/move", {"stage": "won"})
        self.ids["order"] = self.seller.get(self.quote)["order_id"]
        order = f"{ORDERS}/{self.ids['order']}"
        self.seller.post(f"{order}/confirm")
        delivered: dict[str, Any] = self.seller.post(f"{order}/deliver", {})
        return delivered

    def subscribe(self) -> dict[str, Any]:
        """Note the maintenance that began long ago; gives it once its renewal has been opened."""
        since = today() - timedelta(days=MAINTAINED_SINCE_DAYS)
        about = {"order_id": self.ids["order"], "starts_on": since.isoformat()}
        begun = self.seller.post(SUBSCRIPTIONS, {**MAINTENANCE, **about})
        path = f"{SUBSCRIPTIONS}/{begun['id']}"
        about_renewal = {"source": "renewal", "person_id": self.ids["person"]}
        self.wait_for(self.seller, OPPORTUNITIES, **about_renewal)
        subscription: dict[str, Any] = self.seller.get(path)
        return subscription

    def forecast(self) -> dict[str, Any]:
        """What the manager expects of the representative this month."""
        asked = {"period": this_month(), "by": "user"}
        items = self.house.manager.app.get("/v1/sales/forecasts", **asked)["items"]
        found: dict[str, Any] = next(one for one in items if one["user_id"] == self.house.seller.id)
        return found

    def attainment(self) -> dict[str, Any]:
        """How much of the quota the representative has attained."""
        path = f"/v1/sales/quotas/{self.house.ids['quota']}/attainment"
        attained: dict[str, Any] = self.seller.get(path)
        return attained

    def statement(self) -> dict[str, Any]:
        """What the representative has earned this month."""
        asked = {
            "plan_id": self.house.ids["commission_plan"],
            "user_id": self.house.seller.id,
            "period": this_month(),
        }
        earned: dict[str, Any] = self.seller.get("/v1/sales/commission-statements/open", **asked)
        return earned

    def campaigns(self) -> dict[str, dict[str, Any]]:
        """What became of this month's leads, by the campaign that is credited with them."""
        asked = {"period": this_month(), "by": "campaign"}
        told = self.seller.get("/v1/sales/analytics/lead-conversions", **asked)
        return {one["key"]: one for one in told["groups"]}

    @staticmethod
    def wait_for(by: ExternalApp, path: str, **query: Any) -> dict[str, Any]:
        """The first item of a list, as soon as it is there. Raises `TimeoutError`."""
        found: list[dict[str, Any]] = []

        def there() -> bool:
            found[:] = by.get(path, **query)["items"]
            return bool(found)

        if not wait_until(there, _PATIENCE):
            raise TimeoutError(f"nothing came to {path} within {_PATIENCE:.0f} s")
        return found[0]
