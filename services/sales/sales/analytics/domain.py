"""The figures of analytics: what they are made of, how they are worked out, and what they mean (SA-15)."""

from __future__ import annotations

from dataclasses import dataclass
from decimal import Decimal, localcontext
from enum import StrEnum

from chassis.money import EXACT, rounded
from sales.periods.domain import Period, PeriodLength

MOST_GROUPS = 500
"""A report tells at most this many groups apart, the largest ones."""

_PLACES = Decimal("0.0001")
_SECONDS_A_DAY = 86_400


class Dimension(StrEnum):
    """What opportunities are told apart by."""

    OWNER = "owner"
    TEAM = "team"
    PRODUCT = "product"
    SOURCE = "source"
    CAMPAIGN = "campaign"
    CHANNEL = "channel"
    BRANCH = "branch"
    INDUSTRY = "industry"
    PIPELINE = "pipeline"
    MONTH = "month"
    QUARTER = "quarter"
    YEAR = "year"


class LeadDimension(StrEnum):
    """What leads are told apart by."""

    OWNER = "owner"
    TEAM = "team"
    SOURCE = "source"
    CAMPAIGN = "campaign"
    MONTH = "month"
    QUARTER = "quarter"
    YEAR = "year"


@dataclass(frozen=True, slots=True)
class Definition:
    """What a figure means: how it is worked out, and what counts for it."""

    figure: str
    formula: str
    counts: str


@dataclass(frozen=True, slots=True)
class Spread:
    """How a length of time is spread over those that have one."""

    count: int
    mean: Decimal
    median: Decimal
    p90: Decimal


def ratio(part: int, whole: int) -> Decimal | None:
    """The part of a whole, to four places; None when there is no whole."""
    return None if not whole else _quotient(Decimal(part), Decimal(whole))


def average(total: Decimal, count: int, currency: str) -> Decimal | None:
    """The mean amount in whole minor units; None when nothing has one."""
    if not count:
        return None
    with localcontext(EXACT):
        return rounded(total / count, currency)


def velocity(
    opportunities: int, won: int, lost: int, deals: tuple[Decimal, int], cycle: Spread | None
) -> Decimal | None:
    """Money a day: opportunities * average deal * win rate / mean sales cycle in days, unrounded.

    `deals` are what the won ones that have an amount add up to, and how many those are. None while
    one of the four cannot be told, or when everything is won in no time.
    """
    total, valued = deals
    if not valued or not won + lost or cycle is None or not cycle.mean:
        return None
    with localcontext(EXACT):
        return opportunities * (total / valued) * (Decimal(won) / (won + lost)) / cycle.mean


def days(seconds: Decimal) -> Decimal:
    """A length of time in days, to four places."""
    return _quotient(seconds, Decimal(_SECONDS_A_DAY))


def hours(seconds: Decimal) -> Decimal:
    """A length of time in hours, to four places."""
    return _quotient(seconds, Decimal(3600))


def parts_of(period: Period, by: str | None) -> list[Period]:
    """The months, quarters or years of a period, cut off at its ends; itself by anything else."""
    if by not in set(PeriodLength):
        return [period]
    length, parts, day = PeriodLength(by), [], period.first
    while day in period:
        part = Period.containing(day, length)
        parts.append(Period(max(part.first, period.first), min(part.last, period.last)))
        day = part.following().first
    return parts


def _quotient(one: Decimal, other: Decimal) -> Decimal:
    with localcontext(EXACT):
        return (one / other).quantize(_PLACES)


_CLOSED = "Opportunities that stand as won or lost, by the time at which they were closed (UTC)."
_WON = "Won opportunities, by the time at which they were won (UTC)."

OUTCOME_DEFINITIONS = (
    Definition("won", "number of won opportunities", _WON),
    Definition("lost", "number of lost opportunities", _CLOSED),
    Definition("win_rate", "won / (won + lost)", _CLOSED),
    Definition(
        "won_amount",
        "sum of the amounts of won opportunities, in the base currency",
        f"{_WON} Each by the rate of the day on which it was won; `valued` is how many have one.",
    ),
    Definition(
        "average_deal",
        "won_amount / valued, rounded to the minor unit",
        "Won opportunities that have an amount.",
    ),
    Definition(
        "sales_cycle_days",
        "days from opening to winning: mean, median and 90th percentile, with linear interpolation",
        f"{_WON} `count` is how many.",
    ),
    Definition(
        "worked",
        "number of opportunities that were open at some time of the period",
        "Opened before its end, and not closed before its beginning.",
    ),
    Definition(
        "velocity",
        "worked * average_deal * win_rate / mean of sales_cycle_days",
        "In the base currency a day; deal and rate go in unrounded. Null while one of the parts is.",
    ),
)
CAMPAIGN_DEFINITION = Definition(
    "campaign",
    "the campaign that the conversion of the opportunity's lead is credited to",
    "The last touch with a campaign before the lead was qualified, or else converted. Null for what"
    " has come of no lead, and for what is credited to no campaign.",
)
"""What tells opportunities apart by campaign: a return is credited to what made the lead a prospect."""

STAGE_DEFINITIONS = (
    Definition(
        "reached",
        "number of opportunities that were ever in the stage, or in one behind it",
        "Opportunities opened in the period (UTC), by the stages of the pipeline's newest"
        " definition in their order; won ones have reached all. Entries into stages that only"
        " older definitions have are passed over.",
    ),
    Definition(
        "rate",
        "reached of the stage / reached of the stage before",
        "Count in B / count in A, for each stage B and the stage A before it.",
    ),
    Definition(
        "rate_of_all",
        "reached of the stage / opportunities",
        "Of all that were opened in the period.",
    ),
)
LOSS_DEFINITIONS = (
    Definition("lost", "number of lost opportunities, by their reason", _CLOSED),
    Definition("share", "lost for the reason / lost for any", _CLOSED),
    Definition(
        "lost_amount",
        "sum of their amounts, in the base currency",
        "Each by the rate of the day on which it was last valued.",
    ),
)
ACTIVITY_DEFINITIONS = (
    Definition(
        "on_won, on_lost",
        "number of completed activities about won, and about lost opportunities",
        f"{_CLOSED} All that was completed about them, whenever that was.",
    ),
    Definition("per_won", "on_won / won", "Won opportunities without any activity included."),
    Definition("per_lost", "on_lost / lost", "Lost opportunities without any activity included."),
)
LEAD_DEFINITIONS = (
    Definition(
        "leads",
        "number of leads, archived ones included",
        "By the time of capture (UTC), and the source and campaign of their first touch.",
    ),
    Definition(
        "converted",
        "number of them that were converted, whenever that was",
        "A lead counts for the period of its capture.",
    ),
    Definition("conversion_rate", "converted / leads", "All leads captured in the period."),
    Definition(
        "contacted",
        "number of them that somebody has turned to, whenever that was",
        "The first call, mail, meeting or visit of the tenant's own.",
    ),
    Definition(
        "hours_to_first_contact",
        "hours from capture to first contact: mean, median and 90th percentile",
        "Contacted leads; `count` is how many.",
    ),
    Definition(
        "credited",
        "number of conversions that are credited to the source or campaign",
        "To the last touch with a campaign, else the last with a source, else the first; told by"
        " source and campaign only.",
    ),
)
