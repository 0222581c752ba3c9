"""The kinds of refusals that only sales knows, by slice."""

from __future__ import annotations

from chassis.http.problem_kinds import ProblemKind

PROBLEMS = (
    # Reasons
    ProblemKind("reason_exists", 409, "There is a reason of this kind with this key already."),
    ProblemKind("too_many_reasons", 409, "A tenant has at most as many reasons as `detail` says."),
    # Exchange rates
    ProblemKind(
        "base_currency_missing",
        409,
        "The tenant has not said yet in which currency it adds up: set it first.",
    ),
    ProblemKind(
        "base_currency_in_use", 409, "Amounts were valued in the base currency, so it stays."
    ),
    ProblemKind(
        "exchange_rate_missing",
        409,
        "No exchange rate holds on the day for the currency; `detail` names both. Enter one first.",
    ),
    ProblemKind("exchange_rate_exists", 409, "There is a rate of this day already: correct it."),
    # Orders
    ProblemKind("external_id_taken", 409, "Another order has one of these external ids."),
    ProblemKind("quote_ordered", 409, "There is an order for this quote already."),
    ProblemKind("order_not_confirmed", 409, "Only an order that is confirmed can be delivered."),
    ProblemKind("order_cancelled", 409, "The order was cancelled; nothing happens to it any more."),
    ProblemKind("order_delivered", 409, "Something of the order was delivered; it cannot be off."),
    ProblemKind(
        "refund_too_large",
        409,
        "More would be paid back than was paid; `detail` says what is left.",
    ),
)
