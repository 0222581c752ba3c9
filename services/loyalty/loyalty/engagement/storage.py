"""How engagement is kept: a tenant's one scheme, a score for each person, a tally for each kind of act."""

from __future__ import annotations

from collections.abc import Mapping
from decimal import Decimal
from typing import Any

import sqlalchemy as sa
from sqlalchemy.dialects.postgresql import UUID as PgUUID

from chassis.storage.one_per_tenant import OnePerTenantRepository
from chassis.storage.statements import Statement
from chassis.storage.unit_of_work import Reading, UnitOfWork
from loyalty.acts.domain import Act
from loyalty.engagement.domain import USUAL, Band, EngagementScheme, Scheme, Weight
from loyalty.happenings.domain import HappeningKind

_uuid = PgUUID(as_uuid=True)
_time = sa.DateTime(timezone=True)
_word = sa.Text(collation="C")

engagement_schemes = sa.Table(
    "engagement_schemes",
    sa.MetaData(),
    sa.Column("tenant_id", _uuid, primary_key=True),
    sa.Column("id", _uuid, primary_key=True),
    sa.Column("version", sa.BigInteger, nullable=False),
    sa.Column("half_life_days", sa.Integer, nullable=False),
    sa.Column("weights", sa.JSON, nullable=False),
    sa.Column("bands", sa.JSON, nullable=False),
    sa.Column("weights_version", sa.BigInteger, nullable=False),
    sa.Column("recounted_version", sa.BigInteger, nullable=False),
    sa.Column("changed_at", _time),
)
engagement_scores = sa.Table(
    "engagement_scores",
    sa.MetaData(),
    sa.Column("tenant_id", _uuid, primary_key=True),
    sa.Column("person_id", _uuid, primary_key=True),
    sa.Column("version", sa.BigInteger, nullable=False),
    sa.Column("weights_version", sa.BigInteger, nullable=False),
    sa.Column("half_life_days", sa.Integer, nullable=False),
    sa.Column("held", sa.Double, nullable=False),
    sa.Column("falling", sa.Double, nullable=False),
    sa.Column("valued_at", _time, nullable=False),
    sa.Column("look_at", _time),
    sa.Column("band", _word, nullable=False),
    sa.Column("band_since", _time, nullable=False),
    sa.Column("acts", sa.Integer, nullable=False),
    sa.Column("last_act_at", _time, nullable=False),
    sa.Column("last_sign_at", _time),
)

_OWN = ("weights_version", "recounted_version", "changed_at")
_MAKE = Statement(
    "INSERT INTO engagement_schemes (tenant_id, id, version, half_life_days, weights, bands,"
    " weights_version, recounted_version)"
    " VALUES (%(tenant_id)s, %(tenant_id)s, 0, 1, '[]', '[]', 0, 0) ON CONFLICT DO NOTHING"
)
_READ = Statement(
    "SELECT version, half_life_days, weights, bands, weights_version, recounted_version, changed_at"
    " FROM engagement_schemes WHERE tenant_id = %(tenant_id)s AND id = %(tenant_id)s"
)


class EngagementSchemesRepository(OnePerTenantRepository[EngagementScheme]):
    """A tenant's one scheme for a change."""

    table = engagement_schemes
    kind = "engagement scheme"
    make = _MAKE

    def _aggregate(self, row: sa.RowMapping) -> EngagementScheme:
        return _scheme_of(row, row["id"])

    def _row(self, aggregate: EngagementScheme) -> dict[str, Any]:
        scheme = aggregate.scheme
        return {
            "half_life_days": scheme.half_life_days,
            "weights": [_weight_out(weight) for weight in scheme.weights],
            "bands": [{"key": band.key, "lowest": f"{band.lowest:f}"} for band in scheme.bands],
            **{name: getattr(aggregate, name) for name in _OWN},
        }


def scheme_of(reading: Reading | UnitOfWork) -> EngagementScheme:
    """The tenant's scheme to go by, read without a lock; version 0 of the weights when it has none."""
    tenant_id = reading.caller.tenant_id
    if tenant_id is None:
        raise RuntimeError("a scheme is a tenant's")
    row = reading.fetch_one(_READ, {"tenant_id": tenant_id})
    return EngagementScheme(id=tenant_id) if row is None else _scheme_of(row, tenant_id)


def _scheme_of(row: Mapping[str, Any] | sa.RowMapping, tenant_id: Any) -> EngagementScheme:
    scheme = USUAL
    if row["weights_version"]:
        scheme = Scheme(
            row["half_life_days"],
            tuple(_weight_in(weight) for weight in row["weights"]),
            tuple(Band(band["key"], Decimal(band["lowest"])) for band in row["bands"]),
        )
    known = {name: row[name] for name in _OWN}
    return EngagementScheme(id=tenant_id, version=row["version"], scheme=scheme, **known)


def _weight_out(weight: Weight) -> dict[str, Any]:
    return {
        "kind": weight.act.kind,
        "interaction_kind": weight.act.interaction_kind,
        "channel": weight.act.channel,
        "points": f"{weight.points:f}",
        "most": None if weight.most is None else f"{weight.most:f}",
        "sign_of_life": weight.sign_of_life,
    }


def _weight_in(given: Mapping[str, Any]) -> Weight:
    act = Act(HappeningKind(given["kind"]), given["interaction_kind"], given["channel"])
    most = None if given["most"] is None else Decimal(given["most"])
    return Weight(act, Decimal(given["points"]), most, given["sign_of_life"])
