"""Reads earning rules and their versions, straight to the response."""

from __future__ import annotations

from typing import Any
from uuid import UUID

import sqlalchemy as sa

from chassis.domain import NotFound
from chassis.storage.listing import Listing, ListSpec, choice_filter, uuid_filter
from chassis.storage.statements import Statement
from chassis.storage.unit_of_work import Reading, UnitOfWork
from loyalty.earning_rules.domain import EarningRule, RuleStatus
from loyalty.earning_rules.encoding import terms_of
from loyalty.earning_rules.models import shown, terms_out
from loyalty.earning_rules.storage import earning_rules, rule_of
from loyalty.earning_terms.domain import TRIGGERS
from loyalty.happenings.vocabulary import MEANINGS, VARIABLES

_columns = earning_rules.c
_all = sa.select(*(column for column in _columns if column.name != "tenant_id"))
_one = Statement.of(
    _all.where(_columns.tenant_id == sa.bindparam("tenant_id"), _columns.id == sa.bindparam("id"))
)

EARNING_RULES = ListSpec(
    key=_columns.id,
    sorts={"created_at": _columns.created_at, "name": _columns.name},
    default_sort="-created_at",
    filters={
        "program_id": uuid_filter(_columns.program_id),
        "status": choice_filter(_columns.status, *RuleStatus),
        "trigger": choice_filter(_columns.trigger, *TRIGGERS),
    },
)


def rule(reading: Reading | UnitOfWork, rule_id: UUID) -> EarningRule:
    """A rule as it is now, to go by and not to change. Raises `NotFound`."""
    row = reading.fetch_one(_one, {"tenant_id": reading.caller.tenant_id, "id": rule_id})
    if row is None:
        raise NotFound.of("earning rule", rule_id)
    return rule_of(row)


def get_rule(reading: Reading, rule_id: UUID) -> dict[str, Any]:
    """A rule as the API shows one. Raises `NotFound`."""
    return shown(rule(reading, rule_id))


def list_rules(reading: Reading, listing: Listing) -> dict[str, Any]:
    """A page of rules."""
    mine = _all.where(_columns.tenant_id == reading.caller.tenant_id)
    return listing.fetch(reading.connection, mine, lambda row: shown(rule_of(dict(row._mapping))))


def list_versions(reading: Reading, rule_id: UUID) -> dict[str, Any]:
    """What was ever in force of a rule, the latest first. Raises `NotFound`."""
    rule(reading, rule_id)
    about = {"tenant_id": reading.caller.tenant_id, "rule_id": rule_id}
    return {
        "items": [
            {
                "number": row["number"],
                "valid_from": row["valid_from"],
                "valid_until": row["valid_until"],
                "terms": terms_out(terms_of(row["terms"])),
            }
            for row in reading.fetch_all(_VERSIONS, about)
        ]
    }


def vocabulary() -> dict[str, Any]:
    """What conditions can ask about."""
    return {
        "variables": [
            {"name": name, "kind": kind, "meaning": MEANINGS[name]}
            for name, kind in VARIABLES.items()
        ],
        "triggers": list(TRIGGERS),
    }


_VERSIONS = Statement(
    "SELECT number, valid_from, valid_until, terms FROM earning_rule_versions"
    " WHERE tenant_id = %(tenant_id)s AND rule_id = %(rule_id)s ORDER BY number DESC LIMIT 500"
)
