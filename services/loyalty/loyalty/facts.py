"""Recorded facts of loyalty to protobuf: each slice maps its own, and all are gathered here."""

from __future__ import annotations

from chassis.events.outbox import FactEncoder
from loyalty.adjustments.facts import ADJUSTMENT_FACTS
from loyalty.engagement.facts import ENGAGEMENT_FACTS
from loyalty.expiry.facts import EXPIRY_FACTS
from loyalty.gaining import GAINING_FACTS
from loyalty.inviting import INVITING_FACTS
from loyalty.ledger.facts import POINTS_FACTS
from loyalty.members.facts import MEMBER_FACTS
from loyalty.messages.facts import MESSAGE_FACTS
from loyalty.programs.facts import PROGRAM_FACTS
from loyalty.retention.facts import RETENTION_FACTS
from loyalty.rewarding import REWARDING_FACTS
from loyalty.tier_standings.facts import TIER_STANDING_FACTS
from loyalty.tiers.facts import TIER_FACTS
from loyalty.win_backs.facts import WIN_BACK_FACTS

ENCODER = FactEncoder(
    {
        **PROGRAM_FACTS,
        **MEMBER_FACTS,
        **TIER_FACTS,
        **TIER_STANDING_FACTS,
        **MESSAGE_FACTS,
        **ENGAGEMENT_FACTS,
        **RETENTION_FACTS,
        **WIN_BACK_FACTS,
        **POINTS_FACTS,
        **EXPIRY_FACTS,
        **ADJUSTMENT_FACTS,
        **GAINING_FACTS,
        **INVITING_FACTS,
        **REWARDING_FACTS,
    }
)
