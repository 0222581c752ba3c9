"""Makes happenings of what loyalty itself tells, so that rules, scores and tiers see them like all else."""

from __future__ import annotations

from collections.abc import Mapping
from datetime import datetime
from uuid import UUID

from chassis.events.reactions import Envelope, Reactions
from loyalty.happenings.domain import Happening, HappeningKind
from loyalty.happenings.reactions import Happenings, moment_of
from loyalty.referrals.domain import Side
from loyalty.transaction import LoyaltyTx
from rapport.loyalty.events.v1.member_events_pb2 import MemberEnrolled
from rapport.loyalty.events.v1.occasion_events_pb2 import OccasionReached
from rapport.loyalty.events.v1.referral_events_pb2 import ReferralRewarded
from rapport.loyalty.events.v1.registration_events_pb2 import ActivityAttended


class OwnHappenings:
    """Notes what follows within loyalty from its own facts."""

    def __init__(self, happenings: Happenings) -> None:
        self._happenings = happenings

    def follow_loyalty(self, reactions: Reactions) -> Reactions:
        """React to loyalty's own facts; gives the same."""
        reactions.on(MemberEnrolled, self.on_member_enrolled)
        reactions.on(OccasionReached, self.on_occasion_reached)
        reactions.on(ReferralRewarded, self.on_referral_rewarded)
        reactions.on(ActivityAttended, self.on_activity_attended)
        return reactions

    def on_member_enrolled(self, tx: LoyaltyTx, fact: MemberEnrolled, _envelope: Envelope) -> None:
        """Somebody has become a member."""
        about = {"program_id": fact.program_id, "source": fact.source}
        at = moment_of(fact.enrolled_at)
        self._note(tx, HappeningKind.ENROLLED, fact.member_id, fact.person_id, at, about)

    def on_occasion_reached(
        self, tx: LoyaltyTx, fact: OccasionReached, _envelope: Envelope
    ) -> None:
        """A member's birthday has come, say; `occasion` is what the tenant calls it."""
        about = {
            "program_id": fact.program_id,
            "occasion": fact.key,
            "date_kind": fact.date_kind,
        }
        kind, at = HappeningKind.OCCASION_REACHED, moment_of(fact.reached_at)
        self._note(tx, kind, fact.celebration_id, fact.person_id, at, about)

    def on_referral_rewarded(
        self, tx: LoyaltyTx, fact: ReferralRewarded, envelope: Envelope
    ) -> None:
        """A recommendation counts for whoever made it: it was neither held, refused nor capped.

        That the friend's order was delivered does not say so yet.
        """
        if fact.side != Side.REFERRER:
            return
        about = {"program_id": fact.program_id}
        kind, at = HappeningKind.REFERRAL_COMPLETED, envelope.occurred_at
        self._note(tx, kind, fact.referral_id, fact.person_id, at, about)

    def on_activity_attended(
        self, tx: LoyaltyTx, fact: ActivityAttended, _envelope: Envelope
    ) -> None:
        """A member was at an event."""
        about = {
            "program_id": fact.program_id,
            "activity_id": fact.activity_id,
            "activity_kind": fact.kind,
            "venue": fact.venue,
        }
        kind, at = HappeningKind.EVENT_ATTENDED, moment_of(fact.attended_at)
        self._note(tx, kind, fact.registration_id, fact.person_id, at, about)

    def _note(
        self,
        tx: LoyaltyTx,
        kind: HappeningKind,
        key: str,
        person_id: str,
        at: datetime,
        properties: Mapping[str, str],
    ) -> None:
        """Note it, unless the person was erased before it was told."""
        if person_id:
            happening = Happening(
                id=tx.ids.new(),
                kind=kind,
                key=key,
                person_id=UUID(person_id),
                happened_at=at,
                judged_at=at,
                properties=properties,
            )
            self._happenings.happened(tx, happening)
