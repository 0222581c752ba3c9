"""What the figures of retention mean, in the words that come with them."""

from __future__ import annotations

_PURCHASE = (
    "An order of which anything was delivered, at the time of its first delivery, unless all that was"
    " delivered was paid back."
)
_CUSTOMER = (
    "Whoever has bought and is not lost: from a purchase on, until the lapse factor times the cycle"
    " has passed without another. The rules are those that hold now, for the past, too."
)

CUSTOMER = {
    "purchase": _PURCHASE,
    "cycle": "The expected days between purchases of the category that is in most of the customer's"
    " purchases: their own median (own), else the tenant's for the category (given), else the median"
    " of all who bought of it again (estimated), or of anything (estimated_overall), else the default.",
    "counted_from": "The last purchase; a sign of life of weight w sets it ahead by w x (time of the"
    " sign - last purchase).",
    "drifting": "More than drift factor x cycle has passed since counted_from.",
    "lapsed": "More than lapse factor x cycle has passed since counted_from: the customer is lost.",
    "state": "As it was found at the last purchase or sign, and once a day at the tenant's hour.",
    "value_band": "High when the turnover of the year up to the last purchase is at least high_value;"
    " purchases in its currency count.",
    "timing": "Early when the last purchase came less than early_days after the first, else late.",
}
CYCLES = {
    "cycle": CUSTOMER["cycle"],
    "estimate": "The median of the days between purchases on different days by the same person, over"
    " all people; from least_buyers people on who have bought again. It is found anew once a day.",
}
RATES = {
    "purchase": _PURCHASE,
    "customer": _CUSTOMER,
    "customers_at_start": "Customers at the first moment of the period.",
    "lost": "Of the customers at the start, those who are not customers at the end of the period, or"
    " now while it is not over.",
    "retained": "customers_at_start - lost.",
    "retention_rate": "(customers_at_start - lost) / customers_at_start x 100.",
    "loss_rate": "lost / customers_at_start x 100.",
    "new": "Who bought for the first time in the period.",
    "returned": "Who was not a customer at the start, had been one before, and became one again in the"
    " period.",
    "customers_at_end": "Customers at the end of the period, or now while it is not over.",
}
COHORTS = {
    "purchase": _PURCHASE,
    "cohort": "Everybody whose first purchase was in the month.",
    "buyers": "Who of the cohort has bought in the month that comes so many after the first; month 0"
    " is the first one.",
    "percent": "buyers / size x 100.",
}
LOSSES = {
    "purchase": _PURCHASE,
    "customers": "Times as a customer that ended in the period, also of those who have returned since.",
    "by_reason": "What was entered for the loss; else the reason of the customer's last return, refund"
    " or cancelled order within the time that they were a customer.",
    "by_value": CUSTOMER["value_band"],
    "by_timing": CUSTOMER["timing"],
    "turnover": "What was bought in the year up to the last purchase, in the currency of high_value.",
}
