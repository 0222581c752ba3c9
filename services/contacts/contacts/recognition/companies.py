"""Recognises a company that another service describes, or enters it; one transaction."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import replace

from chassis.domain import Conflict, Invalid
from chassis.storage.scope import Scope
from chassis.storage.statements import Statement
from contacts.companies.domain import CompanyDetails
from contacts.companies.matching import domain_in, name_key
from contacts.companies.normalisation import normalise_domain, normalised
from contacts.companies.operations import create_company
from contacts.companies.queries import READ, company_summary
from contacts.contact_points.domain import ExternalId
from contacts.quality.normalise import Defaults
from contacts.quality.problem import Problem
from contacts.recognition.rules import Likeness, Outcome, Recognition, recognised
from contacts.recognition.turns import take_turns
from contacts.transaction import ContactsTx

_WAYS = (("domain",), ("name",))


def match_or_create_company(
    tx: ContactsTx, known_as: ExternalId, details: CompanyDetails, *, must_create: bool = False
) -> Recognition:
    """The one company that is `known_as`, or fits the details, or else is entered.

    The details' domain may be an e-mail address there; one at which anybody may be says nothing.
    Raises `Invalid` for values that cannot be right, `Conflict` when `known_as` is that of a company
    that is archived or out of reach.
    """
    details = normalised(replace(details, domain=_domain(details.domain)), Defaults())
    name, domain = name_key(details.name), domain_in(details.domain)
    keys = [("external_id", f"{known_as.system} {known_as.id}"), ("name", name), ("domain", domain)]
    take_turns(tx, "company", [pair for pair in keys if pair[1]])
    known = _known_as(tx, known_as)
    if known is not None:
        return known
    found = None if must_create else recognised(_alike(tx, name, domain), *_WAYS)
    if found is not None:
        return found
    entered = create_company(tx, replace(details, external_ids=(known_as,)))
    return Recognition(Outcome.CREATED, entered.company.id)


def _domain(text: str) -> str:
    """The domain of a domain or an e-mail address. Raises `Invalid`."""
    domain = domain_in(text)
    checked = normalise_domain(domain) if domain else ""
    if isinstance(checked, Problem):
        raise Invalid.at("/domain", checked.code, checked.message)
    return checked


def _known_as(tx: ContactsTx, key: ExternalId) -> Recognition | None:
    """What an earlier call has entered."""
    company_id = tx.companies.ids_of([key]).get(key)
    if company_id is None:
        return None
    summary = company_summary(tx, company_id, Scope.under(tx.caller, READ))
    if summary is None or summary.archived:
        message = f"Another company has the external id {key.id} of {key.system}."
        raise Conflict(message, code="external_id_taken")
    return Recognition(Outcome.CREATED, company_id, ("external_id",))


def _alike(tx: ContactsTx, name: str, domain: str) -> Sequence[Likeness]:
    scope = Scope.under(tx.caller, READ)
    rows = tx.fetch_all(_ALIKE, {"tenant_id": tx.tenant_id, "name": name, "domain": domain})
    return [
        Likeness(
            row["id"],
            row["name"],
            tuple(row["shared"]),
            differs=bool(domain) and row["has_domain"] and "domain" not in row["shared"],
        )
        for row in rows
        if scope.allows(row["owner_id"])
    ]


_ALIKE = Statement(
    # Lateral with limits, so that the order of the joins is stated; see contacts/people/finding.py.
    """
    WITH matches AS MATERIALIZED (
        SELECT k.company_id, given.kind
        FROM (VALUES ('name', %(name)s::text), ('domain', %(domain)s::text)) AS given (kind, key)
        CROSS JOIN LATERAL (
            SELECT company_id FROM company_keys
            WHERE tenant_id = %(tenant_id)s AND kind = given.kind AND key = given.key
            LIMIT 50
        ) k
    )
    SELECT c.id, c.name, c.owner_id, array_agg(DISTINCT m.kind ORDER BY m.kind) AS shared,
        EXISTS (
            SELECT FROM company_keys k
            WHERE k.tenant_id = %(tenant_id)s AND k.company_id = c.id AND k.kind = 'domain'
        ) AS has_domain
    FROM matches m
    CROSS JOIN LATERAL (
        SELECT id, name, owner_id FROM companies
        WHERE tenant_id = %(tenant_id)s AND id = m.company_id AND archived_at IS NULL
        LIMIT 1
    ) c
    GROUP BY c.id, c.name, c.owner_id
    ORDER BY c.id
    """
)
