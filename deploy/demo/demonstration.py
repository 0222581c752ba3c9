"""The demonstration: a tenant, an app, ten thousand people, searches, one record, an export, a sale, a club, a desk."""

from __future__ import annotations

import secrets
import time
from collections.abc import Callable
from dataclasses import dataclass
from functools import partial
from itertools import islice
from pathlib import Path
from typing import Any

from deploy.demo.belonging.showing import show_a_club
from deploy.demo.deliveries import australians, taiwanese
from deploy.demo.external_app import ExternalApp
from deploy.demo.importing import Delivery, Importer, Outcome
from deploy.demo.selling.showing import show_a_sale
from deploy.demo.serving.post import Post
from deploy.demo.serving.showing import show_a_desk
from deploy.demo.showing import Show, seen_from_here
from deploy.demo.tenant import (
    Tenant,
    administrator,
    app_of,
    new_tenant,
    operator_token,
    register_app,
)

SCOPES = (
    "contacts.people.read",
    "contacts.people.write",
    "contacts.imports.*",
    "contacts.people.export",
    "contacts.quality.read",
)
_PEOPLE = "/v1/contacts/people"
_SEARCH = "/v1/contacts/search"
_SHOWN = 8


@dataclass(frozen=True, slots=True)
class Plan:
    """Where to, with whose token a tenant is created, how many people to generate, where to export.

    Without a token, the local platform's command line is asked for one.
    """

    gateway: str
    state: Path | None
    operator_token: str | None
    generated: int
    export_to: Path


class Demonstration:
    """Goes through it, step by step."""

    def __init__(self, plan: Plan, show: Show) -> None:
        self._plan = plan
        self._show = show

    def run(self) -> None:
        """All of it."""
        began = time.monotonic()
        tenant = self._tenant()
        admin = administrator(self._plan.gateway, tenant)
        app = self._app(admin)
        samples = [
            self._import(app, delivery)
            for delivery in (australians(), taiwanese(self._plan.generated))
        ]
        self._quality(app)
        person = self._searches(app)
        self._record(app, person)
        self._export(app, sum(outcome.run["created"] for outcome in samples))
        show_a_sale(self._show, admin, self._plan.export_to.with_name("quote.pdf"))
        club = show_a_club(self._show, admin)
        show_a_desk(self._show, club, Post.of(self._plan.state, self._plan.gateway))
        self._show.say(f"All of it took {time.monotonic() - began:.0f} s.")

    def _tenant(self) -> Tenant:
        show, gateway = self._show, self._plan.gateway
        show.step("An operator creates a tenant, and its administrator accepts the invitation")
        name = f"Demo {secrets.token_hex(2)}"
        token = self._plan.operator_token or operator_token(self._plan.state)
        tenant = new_tenant(gateway, token, name)
        show.say(f"tenant         {tenant.name} ({tenant.id})")
        show.say(f"sign in        {gateway}/p/identity/sign-in")
        show.say(f"e-mail         {tenant.administrator.email}")
        show.say(f"password       {tenant.administrator.password}")
        return tenant

    def _app(self, admin: ExternalApp) -> ExternalApp:
        show, gateway = self._show, self._plan.gateway
        show.step("The administrator signs in and registers an app")
        show.say("signed in as the platform's own app rapport-cli: authorization code with PKCE")
        credentials = register_app(admin, "Demo importer", SCOPES)
        show.say(f"client id      {credentials.client_id}")
        show.say(f"scopes         {' '.join(SCOPES)}")
        show.say("People are imported by this app alone, with a token of its client credentials.")
        return app_of(gateway, credentials)

    def _import(self, app: ExternalApp, delivery: Delivery) -> Outcome:
        show = self._show
        show.step(f"Import: {delivery.name}, {delivery.rows:,} rows, {len(delivery.data):,} bytes")
        importer = Importer(app, delivery)
        columns = importer.upload()
        show.columns(columns)
        importer.map(columns)
        with show.bar("a dry run", delivery.rows) as watch:
            dry = importer.run(watch, dry=True)
        show.say(f"It would create {dry.run['created']:,} and refuse {dry.run['failed']:,} rows.")
        with show.bar("the import", delivery.rows) as watch:
            outcome = importer.run(watch)
        show.outcome(delivery, outcome)
        if outcome.run["failed"]:
            show.refused(islice(importer.rows("failed"), _SHOWN))
            size = len(importer.errors_file())
            show.say(f"All refused rows with their reasons, to correct: {size:,} bytes of CSV.")
        return outcome

    def _quality(self, app: ExternalApp) -> None:
        show = self._show
        show.step("How good the data is")
        report = app.get(f"{_PEOPLE}/quality-report")
        show.say(f"{report['people']:,} people, {report['average_score']} of 100 on average")
        show.table(
            ("finding", "#people"),
            ((each["code"], f"{each['people']:,}") for each in report["findings"]),
        )

    def _searches(self, app: ExternalApp) -> str:
        """Search for what there is; gives the id of somebody found."""
        show = self._show
        show.step("Searches")
        number = _some_phone(app)
        found: list[dict[str, Any]] = []
        for typed in ("mitchel gren", "小明", "陳怡", number[-6:]):
            seconds, answer = _timed(partial(app.get, _SEARCH, q=typed))
            show.found(typed, seconds, answer["items"])
            found += answer["items"]
        return str(found[-1]["id"])

    def _record(self, app: ExternalApp, person_id: str) -> None:
        show = self._show
        show.step("One person")
        person = app.get(f"{_PEOPLE}/{person_id}")
        rated = app.get(f"{_PEOPLE}/{person_id}/quality")
        show.table(("", ""), _described(person))
        show.say(f"quality        {rated['total']} of 100")
        show.table(
            ("part", "code", "#lost", "why"),
            (
                (each["part"], each["code"], f"-{each['points_lost']}", each["message"])
                for each in rated["reasons"]
            ),
        )

    def _export(self, app: ExternalApp, people: int) -> None:
        show = self._show
        show.step("Export")
        began, size, lines = time.monotonic(), 0, 0
        target = self._plan.export_to
        target.parent.mkdir(parents=True, exist_ok=True)
        with target.open("wb") as file, show.bar("CSV", people) as watch:
            for chunk in app.stream(f"{_PEOPLE}/export", format="csv"):
                file.write(chunk)
                size, lines = size + len(chunk), lines + chunk.count(b"\n")
                watch(min(lines, people))
        seconds = time.monotonic() - began
        show.say(f"{people:,} people, {size:,} bytes in {seconds:.1f} s: {seen_from_here(target)}")


def _some_phone(app: ExternalApp) -> str:
    """The number of somebody who has one."""
    for person in app.items(_PEOPLE, sort="-created_at"):
        if person["phones"]:
            return str(person["phones"][0]["number"])
    raise LookupError("nobody has a phone")


def _described(person: dict[str, Any]) -> list[tuple[str, str]]:
    rows = [("name", person["full_name"]), ("stage", person["lifecycle_stage"])]
    rows += [("e-mail", each["address"]) for each in person["emails"]]
    rows += [("phone", each["number"]) for each in person["phones"]]
    rows += [(each["network"], each["handle"]) for each in person["handles"]]
    for address in person["postal_addresses"]:
        parts = [address[name] for name in ("postal_code", "region", "city")]
        rows.append(("address", " ".join(filter(None, [*parts, *address["lines"]]))))
    rows += [(each["kind"], each["date"]) for each in person["important_dates"]]
    rows += [(f"id in {each['system']}", each["id"]) for each in person["external_ids"]]
    rows.append(("source", person["source"]))
    return rows


def _timed(work: Callable[[], Any]) -> tuple[float, Any]:
    began = time.monotonic()
    result = work()
    return time.monotonic() - began, result
