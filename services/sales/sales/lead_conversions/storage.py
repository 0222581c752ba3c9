"""How conversions are kept: one row for each lead that was converted, which stays as it is."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Any
from uuid import UUID

import sqlalchemy as sa
from sqlalchemy.dialects.postgresql import UUID as PgUUID

from chassis.storage.statements import Statement, json_text
from chassis.storage.unit_of_work import Reading, UnitOfWork
from sales.lead_conversions.domain import Conversion, Found, KeptBack
from sales.lead_facts.domain import Credit, Origin, Touch, TouchKind
from sales.leads.storage import ORIGIN

_metadata = sa.MetaData()
_uuid = PgUUID(as_uuid=True)
_time = sa.DateTime(timezone=True)
_word = sa.Text(collation="C")

lead_conversions = sa.Table(
    "lead_conversions",
    _metadata,
    sa.Column("tenant_id", _uuid, primary_key=True),
    sa.Column("lead_id", _uuid, primary_key=True),
    sa.Column("opportunity_id", _uuid),
    sa.Column("person_found", _word),
    sa.Column("company_found", _word),
    *(sa.Column(name, _word, nullable=False) for name in ORIGIN),
    sa.Column("credited_touch_at", _time, nullable=False),
    sa.Column("kept_back", sa.JSON, nullable=False),
    sa.Column("converted_at", _time, nullable=False),
    sa.Column("converted_by", sa.Text, nullable=False),
)
consents_passed_on = sa.Table(
    "lead_consents_passed_on",
    _metadata,
    sa.Column("tenant_id", _uuid, primary_key=True),
    sa.Column("lead_id", _uuid, primary_key=True),
    sa.Column("kept_back", sa.JSON, nullable=False),
    sa.Column("passed_on_at", _time, nullable=False),
)
"""One row for each conversion of which contacts was told what the lead had said."""


def keep_conversion(tx: UnitOfWork, conversion: Conversion) -> None:
    """Have a conversion kept."""
    values = {
        "tenant_id": tx.tenant_id,
        "lead_id": conversion.lead_id,
        "opportunity_id": conversion.opportunity_id,
        "person_found": conversion.person,
        "company_found": conversion.company,
        **{name: getattr(conversion.credit.origin, name) for name in ORIGIN},
        "credited_touch_at": conversion.credit.at,
        "kept_back": _kept_back(conversion.kept_back),
        "converted_at": conversion.at,
        "converted_by": conversion.by,
    }
    tx.write(_KEEP, values)


def keep_passed_on(tx: UnitOfWork, lead_id: UUID, kept_back: Sequence[KeptBack]) -> None:
    """Note that contacts was told what a lead has said, and what of it contacts did not take."""
    about = {"tenant_id": tx.tenant_id, "lead_id": lead_id}
    values = {"kept_back": _kept_back(kept_back), "at": tx.clock.now()}
    tx.write(_PASSED_ON, {**about, **values})


def conversion_of(reading: Reading | UnitOfWork, lead_id: UUID) -> Conversion | None:
    """What a lead has become; None while it was not converted."""
    row = reading.fetch_one(_ONE, {"tenant_id": reading.caller.tenant_id, "lead_id": lead_id})
    return None if row is None else conversion_in(row)


def conversion_in(row: Mapping[str, Any] | sa.RowMapping) -> Conversion:
    """The conversion that a row stands for, with what was passed on afterwards."""
    person, company = row["person_found"], row["company_found"]
    return Conversion(
        lead_id=row["lead_id"],
        opportunity_id=row["opportunity_id"],
        person=None if person is None else Found(person),
        company=None if company is None else Found(company),
        credit=Credit(Origin(**{name: row[name] for name in ORIGIN}), row["credited_touch_at"]),
        kept_back=tuple(
            KeptBack(**one) for one in (*row["kept_back"], *(row["kept_back_later"] or ()))
        ),
        at=row["converted_at"],
        by=row["converted_by"],
        consents_passed_on_at=row["passed_on_at"],
    )


def _kept_back(sayings: Sequence[KeptBack]) -> str:
    return json_text(
        [{"purpose": one.purpose, "channel": one.channel, "reason": one.reason} for one in sayings]
    )


def touches_of(tx: UnitOfWork, lead_id: UUID) -> list[Touch]:
    """A lead's touches, the latest thousand, and the first."""
    rows = tx.fetch_all(_TOUCHES, {"tenant_id": tx.tenant_id, "lead_id": lead_id})
    return [
        Touch(
            row["id"],
            TouchKind(row["kind"]),
            Origin(**{name: row[name] for name in ORIGIN}),
            row["at"],
            row["web_form_id"],
        )
        for row in rows
    ]


def open_activities_of(tx: UnitOfWork, lead_id: UUID) -> list[UUID]:
    """What is still to be done about a lead, the first five hundred planned."""
    rows = tx.fetch_all(_TO_DO, {"tenant_id": tx.tenant_id, "lead_id": lead_id})
    return [row["id"] for row in rows]


def hand_over_activities(
    tx: UnitOfWork, lead_id: UUID, person_id: UUID | None, company_id: UUID | None
) -> None:
    """Have what was done about a lead be about whom it has become, where it names nobody else."""
    about = {"person_id": person_id, "company_id": company_id}
    tx.write(_HAND_OVER, {"tenant_id": tx.tenant_id, "lead_id": lead_id, **about})


_HAND_OVER = Statement(
    "UPDATE activities SET person_id = coalesce(person_id, %(person_id)s),"
    " company_id = coalesce(company_id, %(company_id)s), version = version + 1"
    " WHERE tenant_id = %(tenant_id)s AND lead_id = %(lead_id)s"
    " AND (person_id IS NULL OR company_id IS NULL)"
)
_KEEP = Statement(
    "INSERT INTO lead_conversions (tenant_id, lead_id, opportunity_id, person_found,"
    " company_found, source, campaign, landing_page, variant, credited_touch_at, kept_back,"
    " converted_at, converted_by) VALUES (%(tenant_id)s, %(lead_id)s, %(opportunity_id)s,"
    " %(person_found)s, %(company_found)s, %(source)s, %(campaign)s, %(landing_page)s,"
    " %(variant)s, %(credited_touch_at)s, %(kept_back)s::json, %(converted_at)s,"
    " %(converted_by)s)"
)
_PASSED_ON = Statement(
    "INSERT INTO lead_consents_passed_on (tenant_id, lead_id, kept_back, passed_on_at)"
    " VALUES (%(tenant_id)s, %(lead_id)s, %(kept_back)s::json, %(at)s) ON CONFLICT DO NOTHING"
)
_ONE = Statement(
    "SELECT c.*, p.passed_on_at, p.kept_back AS kept_back_later FROM lead_conversions c"
    " LEFT JOIN lead_consents_passed_on p ON p.tenant_id = c.tenant_id AND p.lead_id = c.lead_id"
    " WHERE c.tenant_id = %(tenant_id)s AND c.lead_id = %(lead_id)s"
)
_COLUMNS = "id, kind, source, campaign, landing_page, variant, web_form_id, at"
_THOSE = "FROM lead_touches WHERE tenant_id = %(tenant_id)s AND lead_id = %(lead_id)s"
_TOUCHES = Statement(
    f"(SELECT {_COLUMNS} {_THOSE} ORDER BY at, id LIMIT 1)"
    f" UNION (SELECT {_COLUMNS} {_THOSE} ORDER BY at DESC, id DESC LIMIT 1000)"
)
_TO_DO = Statement(
    "SELECT id FROM activities WHERE tenant_id = %(tenant_id)s AND lead_id = %(lead_id)s"
    " AND state = 'open' ORDER BY id LIMIT 500"
)
