"""A data-quality score from 0 to 100 for one person, with the reasons for every point that is missing.

| part | points | from what |
| --- | --- | --- |
| completeness | 30 | name 12 (a full name alone 9), a company or a postal address 6, birthday 4, language 3, source 3, tag or stage 2 |
| reachability | 30 | e-mail 12, phone 12 (a line that takes no text messages 8), LINE or social handle 4, postal address 2 |
| validity | 20 | 8 lost by each value that had to be refused or is doubtful in form |
| plausibility | 20 | 20 lost by each flag of high severity, 10 by medium, 3 by low |

Validity and plausibility say how far what is there can be trusted, so half of each is earned by having a name and
half by having a contact point: an empty record scores 0. The weights put reaching a customer before knowing details,
as the first is what every team needs and the second is asked for over time. `SCORE_VERSION` changes with the weights,
so that stored scores can be told apart.
"""

from typing import NamedTuple

from contacts.quality.person import PersonRecord
from contacts.quality.plausibility import Flag
from contacts.quality.problem import Problem

SCORE_VERSION = 1
_TRUST = 20
_PROBLEM_COSTS = 8
_FLAG_COSTS = {"high": 20, "medium": 10, "low": 3}


class Reason(NamedTuple):
    """Why points are missing: the part they belong to, how many, and where in the record."""

    part: str
    code: str
    points_lost: int
    message: str
    pointer: str = ""


class Score(NamedTuple):
    """The points of a record; the four parts add up to `total`."""

    total: int
    completeness: int
    reachability: int
    validity: int
    plausibility: int
    reasons: tuple[Reason, ...]


_NO_NAME = Reason("completeness", "name_missing", 12, "no name", "/full_name")
_NAME_PARTS = Reason(
    "completeness",
    "name_parts_missing",
    3,
    "given and family name are not told apart",
    "/given_name",
)
_NO_CONTEXT = Reason(
    "completeness", "context_missing", 6, "neither a company nor a postal address", "/company_name"
)
_NO_BIRTHDAY = Reason("completeness", "birthday_missing", 4, "no birthday", "/birthday")
_NO_LANGUAGE = Reason("completeness", "language_missing", 3, "no language", "/language")
_NO_SOURCE = Reason("completeness", "source_missing", 3, "no source", "/source")
_NO_CLASS = Reason(
    "completeness", "classification_missing", 2, "neither a tag nor a lifecycle stage", "/tags"
)
_NO_EMAIL = Reason("reachability", "email_missing", 12, "no e-mail address", "/emails")
_NO_PHONE = Reason("reachability", "phone_missing", 12, "no phone number", "/phones")
_NO_MOBILE = Reason(
    "reachability", "mobile_missing", 4, "no phone that takes text messages", "/phones"
)
_NO_HANDLE = Reason(
    "reachability", "messenger_missing", 4, "neither LINE nor a social handle", "/line_ids"
)
_NO_ADDRESS = Reason(
    "reachability", "postal_address_missing", 2, "no postal address", "/postal_addresses"
)
_UNTRUSTED_NAME = (
    Reason("validity", "name_missing", 10, "no name that could be valid", "/full_name"),
    Reason("plausibility", "name_missing", 10, "no name that could be plausible", "/full_name"),
)
_UNTRUSTED_CONTACT = (
    Reason(
        "validity", "contact_point_missing", 10, "no contact point that could be valid", "/emails"
    ),
    Reason(
        "plausibility",
        "contact_point_missing",
        10,
        "no contact point that could be plausible",
        "/emails",
    ),
)


def score(record: PersonRecord, problems: tuple[Problem, ...], flags: tuple[Flag, ...]) -> Score:
    """The score of a record in normal form, with the problems and flags that were found with it."""
    missing = [*_incomplete(record), *_unreachable(record)]
    completeness = 30 - sum(r.points_lost for r in missing if r.part == "completeness")
    reachability = 30 - sum(r.points_lost for r in missing if r.part == "reachability")
    trust, untrusted = _trust(record)
    validity = max(0, trust - _PROBLEM_COSTS * len(problems))
    plausibility = max(0, trust - sum(_FLAG_COSTS[flag.severity] for flag in flags))
    reasons = missing + untrusted
    if problems:
        reasons += [
            Reason("validity", p.code, _PROBLEM_COSTS, p.message, p.pointer) for p in problems
        ]
    if flags:
        reasons += [
            Reason("plausibility", f.code, _FLAG_COSTS[f.severity], f.message, f.pointer)
            for f in flags
        ]
    total = completeness + reachability + validity + plausibility
    return Score(total, completeness, reachability, validity, plausibility, tuple(reasons))


def _trust(record: PersonRecord) -> tuple[int, list[Reason]]:
    """The most that validity and plausibility can earn, and why it is not everything."""
    trust, reasons = _TRUST, list[Reason]()
    if not record.full_name:
        trust -= _TRUST // 2
        reasons += _UNTRUSTED_NAME
    if not (
        record.emails
        or record.phones
        or record.line_ids
        or record.social_handles
        or record.postal_addresses
    ):
        trust -= _TRUST // 2
        reasons += _UNTRUSTED_CONTACT
    return trust, reasons


def _incomplete(record: PersonRecord) -> list[Reason]:
    missing = []
    if not record.full_name:
        missing.append(_NO_NAME)
    elif not (record.given_name and record.family_name):
        missing.append(_NAME_PARTS)
    if not record.company_name and not record.postal_addresses:
        missing.append(_NO_CONTEXT)
    if record.birthday is None:
        missing.append(_NO_BIRTHDAY)
    if not record.language:
        missing.append(_NO_LANGUAGE)
    if not record.source:
        missing.append(_NO_SOURCE)
    if not record.tags and not record.lifecycle_stage:
        missing.append(_NO_CLASS)
    return missing


def _unreachable(record: PersonRecord) -> list[Reason]:
    missing = []
    if not record.emails:
        missing.append(_NO_EMAIL)
    if not record.phones:
        missing.append(_NO_PHONE)
    elif not any(phone.kind in {"mobile", "fixed_line_or_mobile"} for phone in record.phones):
        missing.append(_NO_MOBILE)
    if not record.line_ids and not record.social_handles:
        missing.append(_NO_HANDLE)
    if not record.postal_addresses:
        missing.append(_NO_ADDRESS)
    return missing
