"""Follows what contacts says of companies: whose they are, and that they were put away."""

from __future__ import annotations

from uuid import UUID

from chassis.events.reactions import Envelope, Reactions
from chassis.storage.statements import Statement
from chassis.storage.unit_of_work import UnitOfWork
from rapport.contacts.events.v1.company_events_pb2 import (
    CompanyArchived,
    CompanyChanged,
    CompanyCreated,
    CompanyRestored,
)

Owned = CompanyCreated | CompanyChanged | CompanyRestored


def on_company_owned(tx: UnitOfWork, fact: Owned, envelope: Envelope) -> None:
    """Keep whose the company is, unless something later was said before."""
    owner_id = UUID(fact.owner_id) if fact.HasField("owner_id") else None
    _keep(tx, UUID(fact.company_id), envelope.aggregate_version, owner_id)


def on_company_archived(tx: UnitOfWork, fact: CompanyArchived, envelope: Envelope) -> None:
    """Count its owner no more: nothing new is to be about it."""
    _keep(tx, UUID(fact.company_id), envelope.aggregate_version, None, archived=True)


def follow_companies(reactions: Reactions) -> Reactions:
    """React to all that contacts says of whose companies are; gives the same."""
    reactions.on(CompanyCreated, on_company_owned, "projection")
    reactions.on(CompanyChanged, on_company_owned, "projection")
    reactions.on(CompanyRestored, on_company_owned, "projection")
    reactions.on(CompanyArchived, on_company_archived, "projection")
    return reactions


def _keep(
    tx: UnitOfWork, company_id: UUID, version: int, owner_id: UUID | None, *, archived: bool = False
) -> None:
    about = {
        "tenant_id": tx.tenant_id,
        "company_id": company_id,
        "version": version,
        "owner_id": owner_id,
        "archived": archived,
    }
    tx.write(_KEEP, about)


_KEEP = Statement(
    "INSERT INTO company_owners (tenant_id, company_id, version, owner_id, archived)"
    " VALUES (%(tenant_id)s, %(company_id)s, %(version)s, %(owner_id)s, %(archived)s)"
    " ON CONFLICT (tenant_id, company_id) DO UPDATE SET version = excluded.version,"
    " owner_id = excluded.owner_id, archived = excluded.archived"
    " WHERE company_owners.version < excluded.version"
)
