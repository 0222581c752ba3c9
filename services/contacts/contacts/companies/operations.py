"""What users, apps and facts do to companies; each function is one transaction."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, replace
from typing import Any
from uuid import UUID

from chassis.domain import Conflict, Forbidden, Invalid
from chassis.storage.scope import Scope
from contacts.companies.domain import Company, CompanyDetails, require_place
from contacts.companies.matching import CompanyCandidate
from contacts.companies.normalisation import normalised
from contacts.companies.queries import READ, company_summary, find_candidates
from contacts.companies.storage import EXTERNAL_IDS_UNIQUE
from contacts.contact_points.domain import MOST_EXTERNAL_IDS, ExternalId, require_room
from contacts.custom_fields.domain import RecordKind
from contacts.custom_fields.validation import validate_values
from contacts.custom_fields.values import merged
from contacts.quality.normalise import Defaults
from contacts.transaction import ContactsTx

Changes = Mapping[str, Any]
"""Fields of `CompanyDetails` as far as they are mentioned."""


@dataclass(frozen=True, slots=True)
class Entered:
    """A company that was entered: new or known before, and which others may be the same one."""

    company: Company
    duplicates: Sequence[CompanyCandidate]
    created: bool


def create_company(
    tx: ContactsTx, details: CompanyDetails, *, refuse_duplicates: bool = False
) -> Entered:
    """Enter a company; whoever cannot see others' companies owns the new one.

    Raises `Invalid` for values that cannot be right, `Conflict` when an external id is taken, its
    place is too deep in the tree, or another matches and `refuse_duplicates` is set.
    """
    if details.owner_id is None and tx.caller.user_id is not None:
        details = replace(details, owner_id=tx.caller.user_id)
    _require_reach(tx, details)
    custom = validate_values(tx, RecordKind.COMPANY, details.custom_fields)
    details = normalised(replace(details, custom_fields=custom), Defaults())
    _require_place(tx, None, details.parent_company_id)
    candidates = find_candidates(tx, details)
    if candidates and refuse_duplicates:
        named = ", ".join(str(c.company_id) for c in candidates)
        raise Conflict(f"These companies match already: {named}.", code="duplicate")
    company = Company.create(tx.ids.new(), details, tx.clock.now())
    tx.companies.add(company)
    return Entered(company, candidates, created=True)


def change_company(tx: ContactsTx, company_id: UUID, changes: Changes) -> Company:
    """Change what is mentioned of a company.

    Raises `NotFound`, `Invalid`, and `Conflict` for an archived one and for a wrong place in the
    tree.
    """
    if changes.get("parent_company_id") is not None:
        tx.companies.lock_tree()
    company = tx.companies.get(company_id)
    _apply(tx, company, with_changes(company.details, changes))
    return company


def upsert_company(tx: ContactsTx, key: ExternalId, changes: Changes) -> Entered:
    """Change what is mentioned of the company with this external id, or enter a new one.

    External ids are added to those there are. However many do this at once, there is one company
    in the end. Raises as its two halves do, `Conflict` when the external id is that of a company out
    of reach, and `PreconditionFailed`.
    """
    added = (*changes.get("external_ids", ()), key)
    if changes.get("parent_company_id") is not None:
        tx.companies.lock_tree()
    owners = tx.companies.ids_of(added)
    company_id = owners.get(key)
    for taken in (other for other, owner in owners.items() if owner != company_id):
        raise _external_id_taken(taken)
    if company_id is None:
        tx.require_version(None)
        tx.try_again_on(EXTERNAL_IDS_UNIQUE)
        details = CompanyDetails(**{**changes, "external_ids": tuple(dict.fromkeys(added))})
        return create_company(tx, details)
    known = tx.companies.get_many([company_id])
    if not known:
        raise _external_id_taken(key)
    tx.require_version(known[0])
    before = known[0].details.external_ids
    kept = tuple(dict.fromkeys((*before, *added)))
    require_room("/external_ids", before, kept, MOST_EXTERNAL_IDS)
    _apply(tx, known[0], with_changes(known[0].details, {**changes, "external_ids": kept}))
    return Entered(known[0], (), created=False)


def archive_company(tx: ContactsTx, company_id: UUID) -> Company:
    """Put a company away."""
    company = tx.companies.get(company_id)
    company.archive(tx.clock.now())
    return company


def restore_company(tx: ContactsTx, company_id: UUID) -> Company:
    """Take an archived company back into use."""
    company = tx.companies.get(company_id)
    company.restore(tx.clock.now())
    return company


def with_changes(details: CompanyDetails, changes: Changes) -> CompanyDetails:
    """The details with what `changes` mentions; of custom fields, those that it mentions."""
    custom = changes.get("custom_fields")
    if custom is not None:
        changes = {**changes, "custom_fields": merged(details.custom_fields, custom)}
    return replace(details, **changes)


def _apply(tx: ContactsTx, company: Company, details: CompanyDetails) -> None:
    held = company.details.custom_fields
    if details.custom_fields != held:
        custom = validate_values(tx, RecordKind.COMPANY, details.custom_fields, before=held)
        details = replace(details, custom_fields=custom)
    details = normalised(details, Defaults())
    if details.owner_id != company.details.owner_id:
        _require_reach(tx, details)
    if details.parent_company_id != company.details.parent_company_id:
        _require_place(tx, company.id, details.parent_company_id)
    company.change(details, tx.clock.now())


def _require_place(tx: ContactsTx, company_id: UUID | None, parent_id: UUID | None) -> None:
    """Check a place in the tree, and that the parent is one that the caller sees and is in use."""
    if parent_id is None:
        return
    tx.companies.lock_tree()
    parent = company_summary(tx, parent_id, Scope.under(tx.caller, READ))
    if parent is None:
        raise Invalid.at("/parent_company_id", "company_unknown", "There is no such company.")
    if parent.archived:
        message = "The parent is archived; restore it first."
        raise Invalid.at("/parent_company_id", "company_archived", message)
    levels_below = 0 if company_id is None else tx.companies.levels_below(company_id)
    require_place(company_id, tx.companies.path_up(parent_id), levels_below)


def _require_reach(tx: ContactsTx, details: CompanyDetails) -> None:
    """Nobody gives a record to somebody whose records they cannot see."""
    if not tx.scope.allows(details.owner_id):
        raise Forbidden("You cannot give a company to this owner.", code="owner_out_of_reach")


def _external_id_taken(key: ExternalId) -> Conflict:
    return Conflict(
        f"Another company has the external id {key.id} of {key.system}.", code="external_id_taken"
    )
