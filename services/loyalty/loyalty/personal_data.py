"""What loyalty keeps of people, table by table, for whoever asks what is known of them (CO-12).

Codes and tickets are left out: whoever has one may use it.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence

from chassis.personal_data.kept import Kept, by, hanging_on, of
from chassis.personal_data.rpc import Contract, personal_data_service
from rapport.common.v1 import personal_data_service_pb2 as messages
from rapport.common.v1 import personal_data_service_pb2_grpc as stubs

_PERSON = by("person_id")
_OF_MEMBER = of("member_id", "members")
_EITHER = (_PERSON, _OF_MEMBER)
_OF_CUSTOMER = of("customer_id", "retention_customers")

_MEMBERSHIP: Sequence[Kept] = (
    Kept("member", "members", _PERSON),
    Kept("member_external_id", "member_external_ids", _OF_MEMBER, key=("system", "id")),
    Kept(
        "member_merge",
        "member_merges",
        (of("merged_id", "members"), of("into_id", "members")),
        key=("merge_id", "merged_id"),
    ),
    Kept("tier_standing", "tier_standings", of("id", "members")),
    Kept("tier_move", "tier_moves", _OF_MEMBER),
    Kept("happening", "happenings", _PERSON),
    Kept("earning", "earnings", _OF_MEMBER),
    Kept("ledger_balance", "ledger_balances", _OF_MEMBER, key=("member_id",)),
    Kept("ledger_lot", "ledger_lots", _OF_MEMBER),
    Kept(
        "ledger_transaction",
        "ledger_transactions",
        _OF_MEMBER,
        without=frozenset({"openings"}),  # how lots are opened, which are told
    ),
    Kept("adjustment", "adjustments", _OF_MEMBER),
    Kept("velocity_review", "velocity_reviews", _OF_MEMBER),
    Kept(
        "velocity_act",
        "velocity_acts",
        hanging_on("subject", "members m", "m.person_id = ANY(%(ids)s)", "m.id::text"),
        key=("program_id", "act", "scope", "subject", "key"),
    ),
    Kept("expiry_notice", "expiry_notices", _OF_MEMBER, key=("member_id", "expires_at", "days")),
)
_BENEFITS: Sequence[Kept] = (
    Kept("redemption", "redemptions", _EITHER, without=frozenset({"code_digest"})),
    Kept("coupon", "coupons", _PERSON, without=frozenset({"digest", "sealed"})),
    Kept("coupon_use", "coupon_uses", (*_EITHER, of("coupon_id", "coupons"))),
    Kept("recognition", "recognitions", _EITHER),
    Kept("celebration", "celebrations", _EITHER),
    Kept("registration", "registrations", _EITHER, without=frozenset({"ticket"})),
    Kept("referral_code", "referral_codes", _EITHER, without=frozenset({"code"})),
    Kept("referral", "referrals", (by("referrer_person_id"), by("friend_person_id"))),
    Kept("contact_refresh", "contact_refreshes", _EITHER),
)
_REGARD: Sequence[Kept] = (
    Kept("profile", "profiles", _PERSON),
    Kept("engagement_score", "engagement_scores", _PERSON, key=("person_id",)),
    Kept("engagement_tally", "engagement_tallies", _PERSON, key=("person_id", "act")),
    Kept("retention_customer", "retention_customers", _PERSON),
    Kept("retention_purchase", "retention_purchases", (_PERSON, _OF_CUSTOMER)),
    Kept("retention_rhythm", "retention_rhythms", _OF_CUSTOMER, key=("customer_id", "category")),
    Kept("retention_spell", "retention_spells", _OF_CUSTOMER, key=("customer_id", "began_at")),
    Kept(
        "retention_loss_reason",
        "retention_loss_reasons",
        _OF_CUSTOMER,
        key=("customer_id", "began_at"),
    ),
    Kept("win_back_offer", "win_back_offers", (*_EITHER, _OF_CUSTOMER)),
)

KEPT: Sequence[Kept] = (*_MEMBERSHIP, *_BENEFITS, *_REGARD)
"""In the order in which it is told."""

NOT_TOLD: Mapping[str, str] = {
    "person_merges": "who was merged with whom is told by contacts, which decides it",
    "profile_refreshes": "when contacts is asked again; what it said is told",
    "erased_people": "of those who are gone that they are",
}
"""Tables that name people or what is told, and are not told themselves, and why; a test holds that all others are."""

PERSONAL_DATA = personal_data_service(
    Contract(messages, stubs.add_PersonalDataServiceServicer_to_server), KEPT
)
