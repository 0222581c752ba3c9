"""What analytics count: a row for each opportunity, entry, activity and lead, as facts have told.

Nothing here is entered by anybody, and nothing names a person: everything comes of facts of sales,
in any order and any number of times, and can be counted anew from the records (`recount.py`).
"""

from __future__ import annotations

import sqlalchemy as sa
from sqlalchemy.dialects.postgresql import ARRAY
from sqlalchemy.dialects.postgresql import UUID as PgUUID

_metadata = sa.MetaData()
_uuid = PgUUID(as_uuid=True)
_time = sa.DateTime(timezone=True)
_word = sa.Text(collation="C")

counted_opportunities = sa.Table(
    "counted_opportunities",
    _metadata,
    sa.Column("tenant_id", _uuid, primary_key=True),
    sa.Column("opportunity_id", _uuid, primary_key=True),
    sa.Column("version", sa.BigInteger, nullable=False),
    sa.Column("pipeline_id", _uuid, nullable=False),
    sa.Column("state", _word, nullable=False),
    sa.Column("owner_id", _uuid),
    sa.Column("base_amount", sa.Numeric(20, 4)),
    sa.Column("source", _word, nullable=False),
    sa.Column("channel", _word, nullable=False),
    sa.Column("branch", _word, nullable=False),
    sa.Column("industry", _word, nullable=False),
    sa.Column("product_ids", ARRAY(_uuid), nullable=False),
    sa.Column("loss_reason", _word, nullable=False),
    sa.Column("opened_at", _time, nullable=False),
    sa.Column("closed_at", _time),
    sa.Column("lead_id", _uuid),
)
counted_entries = sa.Table(
    "counted_entries",
    _metadata,
    sa.Column("tenant_id", _uuid, primary_key=True),
    sa.Column("opportunity_id", _uuid, primary_key=True),
    sa.Column("number", sa.Integer, primary_key=True),
    sa.Column("stage", _word, nullable=False),
    sa.Column("entered_at", _time, nullable=False),
)
counted_activities = sa.Table(
    "counted_activities",
    _metadata,
    sa.Column("tenant_id", _uuid, primary_key=True),
    sa.Column("activity_id", _uuid, primary_key=True),
    sa.Column("kind", _word, nullable=False),
    sa.Column("opportunity_id", _uuid),
    sa.Column("lead_id", _uuid),
    sa.Column("owner_id", _uuid),
    sa.Column("outcome", _word, nullable=False),
    sa.Column("minutes", sa.Integer, nullable=False),
    sa.Column("completed_at", _time, nullable=False),
)
counted_leads = sa.Table(
    "counted_leads",
    _metadata,
    sa.Column("tenant_id", _uuid, primary_key=True),
    sa.Column("lead_id", _uuid, primary_key=True),
    sa.Column("version", sa.BigInteger, nullable=False),
    sa.Column("owner_id", _uuid),
    sa.Column("source", _word, nullable=False),
    sa.Column("campaign", _word, nullable=False),
    sa.Column("captured_at", _time),
    sa.Column("contacted_at", _time),
    sa.Column("converted_at", _time),
    sa.Column("credited_source", _word, nullable=False),
    sa.Column("credited_campaign", _word, nullable=False),
)
