"""What brings members closer: recommendations, days that matter and events, as the service wires them."""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from typing import Any

from google.protobuf.message import Message

from chassis.domain import Conflict
from chassis.http.pages import Pages
from chassis.http.routes import Routes
from chassis.service import Service
from chassis.work.timers import Timer
from loyalty.activities.api import activities
from loyalty.activities.facts import ACTIVITY_FACTS
from loyalty.activities.operations import (
    ACTIVITY_CALLING_OFF,
    ACTIVITY_END,
    activity_is_over,
    calling_off_goes_on,
)
from loyalty.occasions.api import celebrations, member_occasions, occasions
from loyalty.occasions.facts import OCCASION_FACTS
from loyalty.occasions.operations import OCCASION_PLANNING, occasion_is_due, planning_goes_on
from loyalty.occasions.planning import OCCASION
from loyalty.occasions.storage import OCCASION_KEY
from loyalty.recognitions.api import recognitions
from loyalty.recognitions.facts import RECOGNITION_FACTS
from loyalty.referral_codes.api import referral_code_routes
from loyalty.referral_codes.facts import REFERRAL_CODE_FACTS
from loyalty.referral_codes.pages import referral_pages
from loyalty.referral_terms.api import referral_terms
from loyalty.referral_terms.facts import REFERRAL_TERMS_FACTS
from loyalty.referrals.api import member_referrals, program_referrals, referrals
from loyalty.referrals.facts import REFERRAL_FACTS
from loyalty.referrals.operations import (
    REFERRAL_EXPIRY,
    REFERRAL_REVIEW,
    referral_is_due,
    referral_time_is_up,
)
from loyalty.registrations.api import all_registrations, check_ins, registrations
from loyalty.registrations.facts import REGISTRATION_FACTS
from loyalty.registrations.storage import REGISTRATION_ONCE
from loyalty.transaction import LoyaltyTx

INVITING_FACTS: Mapping[type[Any], Callable[[Any], Message]] = {
    **RECOGNITION_FACTS,
    **REFERRAL_TERMS_FACTS,
    **REFERRAL_CODE_FACTS,
    **REFERRAL_FACTS,
    **OCCASION_FACTS,
    **ACTIVITY_FACTS,
    **REGISTRATION_FACTS,
}
INVITING_TIMERS: Mapping[str, Callable[[LoyaltyTx, Timer], object]] = {
    REFERRAL_REVIEW: referral_is_due,
    REFERRAL_EXPIRY: referral_time_is_up,
    OCCASION: occasion_is_due,
    OCCASION_PLANNING: planning_goes_on,
    ACTIVITY_END: activity_is_over,
    ACTIVITY_CALLING_OFF: calling_off_goes_on,
}
INVITING_CONFLICTS: Mapping[str, Conflict] = {
    REGISTRATION_ONCE: Conflict("The member is registered already.", code="already_registered"),
    OCCASION_KEY: Conflict(
        "The program keeps an occasion with this key already, archived perhaps.",
        code="occasion_exists",
    ),
}


def inviting_routes(service: Service[LoyaltyTx]) -> Sequence[Routes]:
    """All that is answered over HTTP."""
    codes = referral_code_routes(service.settings.public_url)
    return (
        recognitions,
        referral_terms,
        codes,
        referrals,
        program_referrals,
        member_referrals,
        occasions,
        celebrations,
        member_occasions,
        activities,
        registrations,
        check_ins,
        all_registrations,
    )


def inviting_pages(service: Service[LoyaltyTx]) -> Pages:
    """The pages that friends come to."""
    return referral_pages(service.database, service.operations)
