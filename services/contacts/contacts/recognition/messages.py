"""What another service describes, and what came of it, as gRPC messages."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

import orjson

from chassis.context import Caller
from chassis.domain import Forbidden, Invalid
from chassis.http.body import parse_json, validate
from contacts.companies.domain import CompanyDetails
from contacts.companies.models import CompanyIn
from contacts.companies.models import changes_of as company_changes_of
from contacts.contact_points.domain import ExternalId
from contacts.contact_points.models import ExternalIdIn
from contacts.quality.country import normalise_country
from contacts.quality.problem import Problem
from contacts.recognition.rules import Likeness, Outcome, Recognition
from rapport.common.v1.external_id_pb2 import ExternalId as ExternalIdMessage
from rapport.contacts.v1 import contacts_service_pb2 as messages

_LONGEST_TITLE = 100
_OUTCOMES = {
    Outcome.CREATED: messages.MATCH_OUTCOME_CREATED,
    Outcome.MATCHED: messages.MATCH_OUTCOME_MATCHED,
    Outcome.AMBIGUOUS: messages.MATCH_OUTCOME_AMBIGUOUS,
}


def require_also(caller: Caller, permission: str) -> None:
    """Check a second permission: whoever may not read learns nothing of who is known. Raises `Forbidden`."""
    if caller.reach(permission) is None:
        raise Forbidden(f"This needs the permission {permission}.", code="permission_missing")


def key_in(given: ExternalIdMessage) -> ExternalId:
    """What the caller calls the record. Raises `Invalid` for nothing, or what none can be called."""
    if not given.system or not given.id:
        raise Invalid.at("known_as", "required", "known_as needs a system and an id.")
    raw = orjson.dumps({"system": given.system, "id": given.id})
    parse_json(raw)
    known_as = validate(ExternalIdIn, raw)
    return ExternalId(known_as.system, known_as.id)


def country_in(given: str) -> str:
    """The country of telephone numbers; empty when none is given. Raises `Invalid`."""
    country = normalise_country(given) if given else ""
    if isinstance(country, Problem):
        raise Invalid.at("country", country.code, f"country: {country.message}.")
    return country


def company_in(request: messages.MatchOrCreateCompanyRequest) -> CompanyDetails:
    """What the request says, by the same rules as a body over REST; the domain is read later on."""
    if not request.name.strip():
        raise Invalid.at("name", "required", "A company needs a name.")
    body: dict[str, Any] = {
        "name": request.name,
        "domain": request.domain,
        "industry": request.industry,
        "source": request.source,
    }
    for optional in ("employee_count", "owner_id"):
        if request.HasField(optional):
            body[optional] = getattr(request, optional)
    raw = orjson.dumps(body)
    parse_json(raw)  # for its bounds, which no schema knows
    return CompanyDetails(**company_changes_of(validate(CompanyIn, raw)))


def person_answer(found: Recognition) -> messages.MatchOrCreatePersonResponse:
    """Who it is, or who may be meant."""
    return messages.MatchOrCreatePersonResponse(
        person_id=None if found.record_id is None else str(found.record_id),
        outcome=_OUTCOMES[found.outcome],
        matched_on=sorted(found.matched_on),
        candidates=map(_candidate, found.candidates),
    )


def company_answer(found: Recognition) -> messages.MatchOrCreateCompanyResponse:
    """Which one it is, or which may be meant."""
    return messages.MatchOrCreateCompanyResponse(
        company_id=None if found.record_id is None else str(found.record_id),
        outcome=_OUTCOMES[found.outcome],
        matched_on=sorted(found.matched_on),
        candidates=map(_candidate, found.candidates),
    )


def company_message(row: Mapping[str, Any]) -> messages.Company:
    """A company as the API shows one, as a message."""
    return messages.Company(
        company_id=str(row["id"]),
        name=row["name"],
        domain=row["domain"],
        industry=row["industry"],
        owner_id=str(row["owner_id"]) if row["owner_id"] else None,
        external_ids=[
            ExternalIdMessage(system=e["system"], id=e["id"]) for e in row["external_ids"]
        ],
        archived=row["archived_at"] is not None,
        version=row["version"],
    )


def title_in(given: str) -> str:
    """A job title. Raises `Invalid` for one that cannot be stored."""
    if len(given) > _LONGEST_TITLE or "\x00" in given:
        message = f"title has at most {_LONGEST_TITLE} characters, and none is U+0000."
        raise Invalid.at("title", "out_of_bounds", message)
    return given


def _candidate(one: Likeness) -> messages.MatchCandidate:
    return messages.MatchCandidate(id=str(one.id), name=one.name, matched_on=sorted(one.shared))
