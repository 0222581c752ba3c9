"""The kinds of refusals that only loyalty knows."""

from __future__ import annotations

from chassis.http.problem_kinds import ProblemKind

PROBLEMS: tuple[ProblemKind, ...] = (
    # Programs
    ProblemKind("program_exists", 409, "There is a program with this key already."),
    ProblemKind("program_not_active", 409, "The program takes nobody now: open it first."),
    ProblemKind("program_not_redeeming", 409, "The program lets nobody spend points now."),
    ProblemKind("program_draft", 409, "The program is a draft, which was never open."),
    ProblemKind(
        "program_currency_fixed", 409, "The program was opened, so its currency stays as it is."
    ),
    # Members
    ProblemKind("member_number_taken", 409, "Another member has this number."),
    ProblemKind(
        "member_numbers_used_up", 409, "Nearly all numbers of the form are given: add digits."
    ),
    ProblemKind("member_external_id_taken", 409, "Another member has one of the external ids."),
    ProblemKind("member_not_in_state", 409, "The member is not in the state that this needs."),
    ProblemKind("member_without_person", 409, "The person whose membership it was is erased."),
    ProblemKind("person_erased", 409, "The person was erased: nothing is kept of them again."),
    # Tiers
    ProblemKind("tiers_missing", 409, "The program has no tiers, or the member was merged."),
    ProblemKind(
        "tier_not_granted", 409, "Nothing was given to the member that could be taken back."
    ),
    ProblemKind("member_not_active", 409, "The member is suspended, or has left the program."),
    ProblemKind(
        "enrolment_not_by_api", 409, "The program takes members by events and purchases alone."
    ),
    # Earning rules
    ProblemKind("earning_rule_not_active", 409, "The rule is not in force."),
    ProblemKind(
        "earning_rule_was_active", 409, "The rule was in force before: what it said then counts."
    ),
    ProblemKind("earning_rule_archived", 409, "The rule is archived: restore it first."),
    # Retention
    ProblemKind("retention_undefined", 409, "The tenant has not said who drifts and who is lost."),
    ProblemKind("customer_not_lost", 409, "The customer is not lost, and never was."),
    ProblemKind("win_back_begun", 409, "The win-back was begun, and stays as it is."),
    ProblemKind("win_back_ended", 409, "The win-back has ended: define another."),
    # Referrals
    ProblemKind("referral_code_off", 410, "The code can be used no more."),
    ProblemKind("self_referral", 409, "Nobody recommends to themselves."),
    ProblemKind("friend_claimed", 409, "The friend came by a code of the program before."),
    ProblemKind("friend_has_ordered", 409, "The friend is a customer already."),
    ProblemKind(
        "referral_ring",
        409,
        "Whoever recommends was brought by the friend, or by somebody whom the friend brought.",
    ),
    ProblemKind("referral_not_held", 409, "Only a referral that is held is decided on."),
    ProblemKind("occasion_exists", 409, "The program keeps an occasion with this key already."),
    ProblemKind("occasion_archived", 409, "The occasion is archived: restore it first."),
    # Activities
    ProblemKind("activity_begun", 409, "The activity has begun, so it stays as it is."),
    ProblemKind("activity_over", 409, "The activity is over, or does not take place."),
    ProblemKind("activity_not_open", 409, "Nobody can register: it is no published activity."),
    ProblemKind("registration_not_open", 409, "Registration for the activity has not begun."),
    ProblemKind("registration_closed", 409, "Registration for the activity is over."),
    ProblemKind("tier_needed", 409, "The activity is for members of other tiers."),
    ProblemKind("activity_full", 409, "There is no place left, and none to wait for one."),
    ProblemKind("already_registered", 409, "The member is registered for it already, or waits."),
    ProblemKind("registration_settled", 409, "The member is there, or it is settled who was."),
    ProblemKind("check_in_closed", 409, "Nobody checks in to the activity at this time."),
    ProblemKind("already_checked_in", 409, "Somebody has checked in with this registration."),
    ProblemKind("no_place", 409, "The registration gives no place: it waits or was cancelled."),
    ProblemKind("member_of_other_program", 409, "The member is of another program."),
    ProblemKind("recognition_withdrawn", 409, "The recognition was withdrawn already."),
    # Limits
    ProblemKind("velocity_limit_exceeded", 409, "That is more than the program's limits allow."),
    ProblemKind("velocity_limit_held", 409, "Somebody has to look at it before it goes on."),
    ProblemKind("velocity_review_decided", 409, "Somebody has decided about it already."),
    # Points
    ProblemKind("points_insufficient", 409, "The member has fewer points than are asked for."),
    ProblemKind("reservation_ended", 409, "The points were redeemed or set free already."),
    ProblemKind(
        "adjustment_expired",
        409,
        "The points were to expire before now: they are not given any more.",
    ),
    ProblemKind("adjustment_not_waiting", 409, "The adjustment was decided on, or is over."),
    ProblemKind(
        "second_person_needed",
        403,
        "Who asks for an adjustment does not decide on it as well, nor does an app.",
    ),
    ProblemKind("not_asker", 403, "Only who asked for an adjustment takes it back."),
    # Rewards
    ProblemKind("reward_not_active", 409, "The reward is a draft or paused: activate it first."),
    ProblemKind("reward_ended", 409, "The reward has ended: restore it first."),
    ProblemKind("reward_not_valid", 409, "The reward cannot be had on this day of the member's."),
    ProblemKind("reward_out_of_stock", 409, "There are fewer pieces left than are asked for."),
    ProblemKind("reward_ration_used", 409, "The member has had as many as one member may."),
    ProblemKind("stock_insufficient", 409, "Fewer pieces are in stock than are taken out."),
    ProblemKind("reward_for_other_tiers", 409, "The reward is for members of other tiers."),
    # Redemptions
    ProblemKind(
        "redemption_not_in_state", 409, "The redemption is not in the state that this needs."
    ),
    ProblemKind("redemption_hold_over", 409, "It is held no more; reserve it again."),
    ProblemKind(
        "redemption_elsewhere", 409, "It is reserved in another branch; `detail` says which."
    ),
    ProblemKind("redemption_not_collected_so", 409, "Nothing of it is collected by a code."),
    ProblemKind("redemption_not_fulfilled_so", 409, "It is collected in a branch, by its code."),
    # Coupons
    ProblemKind("coupon_code_taken", 409, "Another coupon has this code."),
    ProblemKind("coupon_pool_public", 409, "The pool has one public code: none can be made."),
    ProblemKind("coupon_pool_ended", 409, "The pool has ended, and stays as it is."),
    ProblemKind("coupon_pool_not_active", 409, "The pool is a draft or paused: activate it first."),
    ProblemKind(
        "coupon_benefit_settled", 409, "What coupons promise stays once their pool was active."
    ),
    ProblemKind("coupon_batch_unfinished", 409, "The codes are being made: wait for the job."),
    ProblemKind("coupon_used", 409, "The coupon was used already."),
    ProblemKind(
        "coupon_unknown", 409, "There is no coupon with this code: nothing more is told of it."
    ),
    ProblemKind(
        "coupon_refused",
        409,
        "A coupon cannot be used at this purchase: `errors` says for each why. None was used.",
    ),
    ProblemKind(
        "order_has_coupons", 409, "Other coupons were used at the order: roll them back first."
    ),
    ProblemKind(
        "too_many_unknown_codes",
        429,
        "The client has shown too many codes that nobody knows; `Retry-After` says how long to wait.",
    ),
)
