"""Every table of loyalty that names a person, and those that follow a member.

Contacts decides who is who; `chassis.storage.following` has the tables follow. Rows of an erased
person stay for their sums and dates, without the person: the ledger still adds up.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence

from chassis.storage.following import NamingTable
from loyalty.people.named import PEOPLE

FOLLOWING: Sequence[NamingTable] = (
    PEOPLE.named_by(
        "members",
        first_gone=("member_external_ids.member_id",),
        first_blanked=(
            ("tier_standings.id", '"grant" = NULL'),
            ("adjustments.member_id", "reason = '', decision_reason = ''"),
            ("velocity_reviews.member_id", "reason = ''"),
        ),
        # The number is what the person is known by at every till.
        forget="number = 'ERASED-' || id, reason = '', external_ids = '[]',"
        " status = CASE WHEN status = 'merged' THEN status ELSE 'left' END, updated_at = %(now)s",
    ),
    PEOPLE.named_by("happenings", versioned=False),
    # Who is left is asked about anew.
    PEOPLE.named_by("profiles", drop=True, stays=True),
    PEOPLE.named_by("profile_refreshes", drop=True, stays=True),
    PEOPLE.named_by("recognitions"),
    PEOPLE.named_by(
        "referral_codes", forget="shown_name = '', enabled = false, updated_at = %(now)s"
    ),
    PEOPLE.named_by("referrals", "referrer_person_id"),
    PEOPLE.named_by("referrals", "friend_person_id"),
    PEOPLE.named_by("celebrations"),
    PEOPLE.named_by("registrations"),
    PEOPLE.named_by("contact_refreshes", drop=True),
    PEOPLE.named_by("coupons"),
    PEOPLE.named_by("coupon_uses"),
    PEOPLE.named_by("redemptions", forget="reason = '', reference = ''"),
    # Scores and customers are counted anew for whoever is left.
    PEOPLE.named_by("engagement_scores", drop=True, stays=True),
    PEOPLE.named_by("engagement_tallies", drop=True, stays=True),
    PEOPLE.named_by("retention_purchases", versioned=False),
    PEOPLE.named_by("retention_customers", stays=True),
    PEOPLE.named_by("win_back_offers"),
)
"""Every table that names a person; a test looks into the database for one that is missing here."""

FOLLOWING_MEMBERS: Sequence[NamingTable] = (
    NamingTable("recognitions", "member_id"),
    NamingTable("earnings", "member_id", versioned=False),
    NamingTable("velocity_reviews", "member_id"),
    NamingTable("adjustments", "member_id"),
    NamingTable("redemptions", "member_id"),
)
"""Tables whose rows go along by `member_id` when two members of a program turn out to be one person.

Each has `id`, and `version` unless it is named with `versioned=False`. The ledger is not among
them: points go over by transactions of its own.
"""

NOT_FOLLOWING_MEMBERS: Mapping[tuple[str, str], str] = {
    ("tier_moves", "member_id"): "tells how each membership came to its tiers, by itself",
    (
        "ledger_transactions",
        "member_id",
    ): "never change: points go over by transactions of their own",
    ("ledger_balances", "member_id"): "sums of the entries of each",
    ("ledger_lots", "member_id"): "what is in them goes over to new ones",
    ("expiry_notices", "member_id"): "says to whom it was told; copied to whom the points come",
    ("celebrations", "member_id"): "both may have kept the same day: found by the person as well",
    ("registrations", "member_id"): "both may be registered: found by the person as well",
    ("contact_refreshes", "member_id"): "says for which member a person was asked",
    ("referral_codes", "member_id"): "each may have one, and both lead to who is left",
    ("coupon_uses", "member_id"): "says to whose points a coupon has added, as the ledger does",
    ("win_back_offers", "member_id"): "says which membership was made an offer, once for good",
    ("member_external_ids", "member_id"): "leads from the name that others know to who is left",
}
"""Tables and columns that name a member and do not go along, and why."""
