"""A tenant with a record of every kind that a path can name, and what tells whether any changed."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from datetime import UTC, datetime, timedelta
from typing import Any
from uuid import UUID, uuid4

from chassis.context import service_caller
from chassis.events.reactions import Envelope, RawFact
from chassis.testing.client import ApiAnswer, ApiClient
from identity.audit.operations import keep_facts
from identity.factors.domain import Passkey
from identity.factors.operations import add_factor
from identity.sessions.domain import Device, Lifetime, Session
from identity.transaction import IdentityTx
from services.identity.tests.builders import Organisation, organisation

from .assignment import assignment_recipes
from .automating import automating_recipes
from .collaborating import collaborating_recipes
from .doubting import doubting_recipes
from .gaining import gaining_recipes
from .inviting import inviting_recipes
from .knowing import knowing_recipes
from .mailing import mailing_recipes
from .membership import membership_recipes
from .messaging import messaging_recipes
from .offering import offering_recipes
from .pointing import pointing_recipes
from .promising import promising_recipes
from .qualifying import CHOSEN_KEYS, qualifying_recipes
from .retaining import retaining_recipes
from .rewarding import rewarding_recipes
from .routing import routing_recipes
from .surveying import surveying_recipes
from .ticketing import ticketing_recipes
from .under_test import UnderTest

MARK = "Amphitrite"
"""Stands in the texts of the tenant whose records nobody else may see."""

Services = Mapping[str, UnderTest]


@dataclass
class Estate:
    """A tenant's records: the id of one for each name that a path's parameter may have."""

    services: Services
    home: Organisation
    ids: dict[str, str] = field(default_factory=dict)

    @property
    def tenant_id(self) -> UUID:
        """Whose records they are."""
        return self.home.tenant_id

    def owner(self, service: str) -> ApiClient:
        """The tenant's own app, which may do everything."""
        return self.services[service].harness.app_client(self.tenant_id, "*")

    def user(self, service: str) -> ApiClient:
        """The administrator, signed in; for what belongs to users alone."""
        harness = self.services[service].harness
        own = self.home.administrator_id
        return harness.user_client(self.tenant_id, {"*": "all"}, user_id=own)

    def fingerprint(self, service: str) -> str:
        """Changes with every row of the tenant in a service's database."""
        return self.services[service].fingerprint(self.tenant_id)


Recipe = Callable[[Estate], str]


def estate(services: Services) -> Estate:
    """A new tenant with a record of every kind."""
    made = Estate(services, organisation(services["identity"].harness, name=MARK))
    for name, recipe in RECIPES.items():
        made.ids[name] = recipe(made)
    return made


def _posted(path: str, **body: Any) -> Recipe:
    """Made by a POST of the tenant's app; braces in the path are filled with ids made before."""

    def recipe(owned: Estate) -> str:
        full = path.format_map(owned.ids)
        values = {name: value(owned) if callable(value) else value for name, value in body.items()}
        answer = owned.owner(full.split("/")[2]).post(full, values or None)
        return str(_good(answer, full).json["id"])

    return recipe


def _good(answer: ApiAnswer, path: str) -> ApiAnswer:
    assert answer.status_code in (200, 201, 202), f"{path}: {answer.text}"
    return answer


def _session(owned: Estate) -> str:
    def begin(tx: IdentityTx) -> str:
        lifetime = Lifetime(timedelta(days=1), timedelta(days=7))
        device = Device(f"Firefox on {MARK}", "192.0.2.1")
        session = Session.begin(
            tx.ids.new(), owned.home.administrator_id, device, lifetime, tx.clock.now()
        )
        tx.sessions.add(session)
        return str(session.id)

    run = owned.home.identity.service.operations.run
    return str(run(service_caller("identity", owned.tenant_id), begin))


def _factor(owned: Estate) -> str:
    """A passkey of the administrator's."""

    def add(tx: IdentityTx) -> str:
        passkey = Passkey(MARK.encode(), b"key", 1, synced=False)
        return str(add_factor(tx, owned.home.administrator_id, MARK, passkey, ()).factor.id)

    run = owned.home.identity.service.operations.run
    return str(run(service_caller("identity", owned.tenant_id), add))


def _audit_entry(owned: Estate) -> str:
    """The entry of a fact that mentions a record of the tenant."""
    record_id, fact_id = UUID(owned.ids["role_id"]), uuid4()
    envelope = Envelope(
        id=fact_id,
        type="rapport.identity.events.v1.RoleDefined",
        tenant_id=owned.tenant_id,
        aggregate_id=record_id,
        aggregate_version=1,
        actor=f"client:{MARK}",
        occurred_at=datetime.now(UTC),
        traceparent=None,
    )
    run = owned.home.identity.service.operations.run
    run(service_caller("identity", owned.tenant_id), keep_facts, [RawFact(b"", envelope)])
    return str(fact_id)


def _contact_point(owned: Estate) -> str:
    path = f"/v1/contacts/people/{owned.ids['person_id']}/contact-points"
    found = _good(owned.owner("contacts").get(path), path)
    return str(found.json["items"][0]["id"])


def _secret(owned: Estate) -> str:
    client = owned.owner("identity").get(f"/v1/identity/clients/{owned.ids['client_id']}")
    return str(client.json["secrets"][0]["id"])


def _job(owned: Estate) -> str:
    """A dry run of the import of one row."""
    owner, path = owned.owner("contacts"), f"/v1/contacts/imports/{owned.ids['import_id']}"
    part = f"name,email\n{MARK},a@customers.example\n".encode()
    headers = {"Content-Type": "text/csv"}
    _good(owner.put(f"{path}/parts/1", data=part, headers=headers), path)
    _good(owner.post(f"{path}/complete"), path)
    return str(_good(owner.post(f"{path}/run?dry_run=true"), path).json["id"])


def _purpose(owned: Estate) -> str:
    """The key of a purpose that the person has agreed to, by mail."""
    path = f"/v1/contacts/people/{owned.ids['person_id']}/consents/newsletter/email"
    body = {"state": "granted", "source": MARK, "proof": MARK, "confirmed": True}
    _good(owned.owner("contacts").put(path, body), path)
    return "newsletter"


def _merge(owned: Estate) -> str:
    """Two more people who turned out to be one."""
    owner, path = owned.owner("contacts"), "/v1/contacts/people"
    kept, gone = (_good(owner.post(path, {"given_name": MARK}), path).json["id"] for _ in range(2))
    merged = f"{path}/{kept}/merge"
    return str(_good(owner.post(merged, {"person_id": gone}), merged).json["id"])


def _opportunity(owned: Estate) -> str:
    """An opportunity on which the person has a part in buying."""
    owner, path = owned.owner("sales"), "/v1/sales/opportunities"
    body = {"pipeline_id": owned.ids["pipeline_id"], "name": MARK, "description": MARK}
    opportunity_id = str(_good(owner.post(path, body), path).json["id"])
    people = f"{path}/{opportunity_id}/people/{owned.ids['person_id']}"
    _good(owner.put(people, {"roles": ["decider"], "note": MARK}), people)
    return opportunity_id


def _submission(owned: Estate) -> str:
    """A submission of the form that was held back: nothing proves when the form was opened."""
    visitor = ApiClient(owned.services["sales"].harness.app, None)
    path = f"/p/sales/forms/{owned.ids['web_form_id']}"
    answer = visitor.post(path, {"email": f"{MARK}@customers.example"})
    assert answer.status_code == 202, answer.text
    listed = _good(owned.owner("sales").get("/v1/sales/form-submissions"), path)
    return str(listed.json["items"][0]["id"])


RECIPES: dict[str, Recipe] = {
    "tenant_id": lambda owned: str(owned.tenant_id),
    "user_id": lambda owned: str(owned.home.member("analyst", name=MARK)),
    "role_id": _posted(
        "/v1/identity/roles",
        name=MARK,
        grants=[{"permission": "contacts.people.read", "reach": "own"}],
    ),
    "team_id": _posted(
        "/v1/identity/teams", name=MARK, member_ids=lambda owned: [owned.ids["user_id"]]
    ),
    "client_id": _posted(
        "/v1/identity/clients", name=MARK, grant_types=["client_credentials"], scopes=["contacts.*"]
    ),
    "entry_id": _audit_entry,
    "secret_id": _secret,
    "session_id": _session,
    "factor_id": _factor,
    "person_id": _posted(
        "/v1/contacts/people",
        given_name=MARK,
        external_ids=[{"system": "erp", "id": "A-4711"}],
        emails=[{"address": f"{MARK}@customers.example"}],
    ),
    "export_id": _posted("/v1/contacts/people/{person_id}/data-exports"),
    "company_id": _posted(
        "/v1/contacts/companies", name=MARK, external_ids=[{"system": "erp", "id": "A-4711"}]
    ),
    "employment_id": _posted(
        "/v1/contacts/people/{person_id}/employments",
        company_id=lambda owned: owned.ids["company_id"],
        title=MARK,
    ),
    "relative_id": _posted("/v1/contacts/people", given_name=f"{MARK}'s sister"),
    "relation_id": _posted(
        "/v1/contacts/people/{person_id}/relations",
        person_id=lambda owned: owned.ids["relative_id"],
        kind="household",
        note=MARK,
    ),
    "field_id": _posted(
        "/v1/contacts/custom-fields",
        object="person",
        key="shoe_size",
        label={"en": MARK},
        type="number",
    ),
    "kind_id": _posted("/v1/contacts/interaction-kinds", key="serenade", label={"en": MARK}),
    "interaction_id": _posted(
        "/v1/contacts/interactions",
        kind="serenade",
        person=lambda owned: {"id": owned.ids["person_id"]},
        properties={"song": MARK},
    ),
    "purpose_id": _posted("/v1/contacts/purposes", key="regatta", name={"en": MARK}),
    "purpose": _purpose,
    "profile_question_id": _posted(
        "/v1/contacts/profile-questions",
        key="first_ship",
        asks_for="custom_fields.shoe_size",
        text={"en": MARK},
        purposes=["regatta"],
    ),
    "contact_point_id": _contact_point,
    "ask_id": _posted(
        "/v1/contacts/people/{person_id}/asked-questions",
        question_id=lambda owned: owned.ids["profile_question_id"],
        purpose="regatta",
    ),
    **messaging_recipes(_posted, _good),
    "merge_id": _merge,
    **doubting_recipes(_good),
    "import_id": _posted("/v1/contacts/imports", name=MARK, format="csv"),
    "job_id": _job,
    "reason_id": _posted("/v1/sales/reasons", kind="loss", key="storm", name={"en": MARK}),
    "pipeline_id": _posted(
        "/v1/sales/pipelines",
        name={"en": MARK},
        stages=[
            {"key": "new", "name": {"en": MARK}},
            {"key": "won", "name": {"en": "Won"}, "kind": "won", "probability": 100},
            {"key": "lost", "name": {"en": "Lost"}, "kind": "lost"},
        ],
    ),
    "playbook_id": _posted(
        "/v1/sales/playbooks",
        name={"en": MARK},
        pipeline_id=lambda owned: owned.ids["pipeline_id"],
        stage="new",
        steps=[{"key": "call", "subject": MARK}],
    ),
    "opportunity_id": _opportunity,
    **collaborating_recipes(_good),
    "activity_id": _posted(
        "/v1/sales/activities",
        subject=MARK,
        opportunity_id=lambda owned: owned.ids["opportunity_id"],
    ),
    **offering_recipes(_posted, _good),
    **assignment_recipes(_posted),
    "lead_id": _posted(
        "/v1/sales/leads",
        given_name=MARK,
        email=f"{MARK}@customers.example",
        external_ids=[{"system": "erp", "id": "A-4711"}],
    ),
    "web_form_id": _posted(
        "/v1/sales/web-forms",
        name=MARK,
        fields=[{"name": "email", "label": {"en": MARK}, "required": True}],
        allowed_origins=["https://www.customers.example"],
    ),
    "submission_id": _submission,
    **qualifying_recipes(_posted, _good),
    **CHOSEN_KEYS,
    # The platform's own, for operators.
    "kid": lambda _: "a-key",
    **membership_recipes(_good),
    **gaining_recipes(_posted),
    **pointing_recipes(_posted),
    **rewarding_recipes(_posted, _good),
    **retaining_recipes(_posted, _good),
    **inviting_recipes(_posted, _good),
    **ticketing_recipes(_posted, _good),
    **routing_recipes(_posted, _good),
    **mailing_recipes(_posted, _good),
    **promising_recipes(_posted, _good),
    **automating_recipes(_posted),
    **surveying_recipes(_posted, _good),
    **knowing_recipes(_posted),
}
"""How a record of each kind is made, by the name that path parameters have for it; in this order."""


def unknown_to_all() -> str:
    """An id that nobody has."""
    return str(uuid4())
