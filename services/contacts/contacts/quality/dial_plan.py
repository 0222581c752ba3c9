"""Dialling plans by country, made from the metadata of `phonenumbers` for a quick decision on ordinary numbers.

`phonenumbers` takes some 80 microseconds to parse and check a number; an import cannot afford that a row. A plan
decides the ordinary cases in a few: it only ever says “valid”, and only where `phonenumbers` would say the same.
Everything else (extensions, letters, prefixes with transformations, doubtful numbers) is left to the library.
"""

import re
from functools import lru_cache
from typing import NamedTuple

from phonenumbers import COUNTRY_CODE_TO_REGION_CODE, PhoneMetadata
from phonenumbers.phonemetadata import PhoneNumberDesc

_OTHER_KINDS = (
    "premium_rate",
    "toll_free",
    "shared_cost",
    "voip",
    "personal_number",
    "pager",
    "uan",
    "voicemail",
)
_NEVER = "(?!)"
_OTHER, _FIXED, _MOBILE = 1, 2, 3
_KIND_OF_GROUP = {_OTHER: "other", _FIXED: "fixed_line", _MOBILE: "mobile"}


class DialPlan(NamedTuple):
    """What is needed to recognise a national significant number of one country."""

    region: str
    calling_code: str
    trunk: str | None
    """The digits dialled before a national number inside the country ("" for none); None: too odd to decide here."""
    abroad: re.Pattern[str]
    """What is dialled before a foreign number; may begin like the trunk prefix does."""
    possible: re.Pattern[str]
    kinds: re.Pattern[str]
    """Of a possible number: group 1 other kinds, group 2 fixed lines, group 3 mobile numbers."""
    mobile: re.Pattern[str]
    one_pattern: bool
    """Fixed and mobile numbers cannot be told apart."""

    def kind(self, national: str) -> str | None:
        """Kind of a valid national significant number, or None where the plan does not know it."""
        match = self.kinds.fullmatch(national)
        if match is None:
            return None
        if match.lastindex == _FIXED and (
            self.one_pattern or self.mobile.fullmatch(national) is not None
        ):
            return "fixed_line_or_mobile"
        return _KIND_OF_GROUP[match.lastindex or _OTHER]


def _pattern(*descriptions: PhoneNumberDesc | None) -> str:
    parts = [
        d.national_number_pattern
        for d in descriptions
        if d is not None and d.national_number_pattern
    ]
    return "|".join(f"(?:{part})" for part in parts) or _NEVER


def _kinds(metadata: PhoneMetadata) -> re.Pattern[str]:
    other = _pattern(*(getattr(metadata, kind) for kind in _OTHER_KINDS))
    fixed, mobile = _pattern(metadata.fixed_line), _pattern(metadata.mobile)
    return re.compile(
        rf"(?=(?:{_pattern(metadata.general_desc)})\Z)(?:({other})|({fixed})|({mobile}))"
    )


def _trunk(metadata: PhoneMetadata) -> str | None:
    for_parsing = metadata.national_prefix_for_parsing
    if not for_parsing:
        return ""
    simple = for_parsing.isdigit() and not metadata.national_prefix_transform_rule
    return for_parsing if simple else None


@lru_cache(maxsize=512)
def plan_of_region(region: str) -> DialPlan | None:
    """The plan of a country by its ISO code; None for a code that has no telephone numbers of its own."""
    metadata = PhoneMetadata.metadata_for_region(region, None)
    if metadata is None or metadata.country_code is None:
        return None
    return DialPlan(
        region=region,
        calling_code=str(metadata.country_code),
        trunk=_trunk(metadata),
        abroad=re.compile(metadata.international_prefix or _NEVER),
        possible=re.compile(_pattern(metadata.general_desc)),
        kinds=_kinds(metadata),
        mobile=re.compile(_pattern(metadata.mobile)),
        one_pattern=bool(metadata.same_mobile_and_fixed_line_pattern),
    )


@lru_cache(maxsize=2048)
def plan_of_international(first_digits: str) -> DialPlan | None:
    """The plan behind the first three digits of an international number (calling codes are prefix-free).

    It is the main country's of a calling code (of +1: the United States), and None where a number that fits
    the main country's plan might belong to another country with the same code.
    """
    if first_digits.startswith("0"):
        return None  # no calling code does, and read as numbers these would be shorter ones
    codes = (int(first_digits[:length]) for length in (1, 2, 3))
    regions = next((r for r in map(COUNTRY_CODE_TO_REGION_CODE.get, codes) if r), ("001",))
    if regions[0] == "001":
        return None
    metadata = PhoneMetadata.metadata_for_region(regions[0], None)
    if metadata is None or metadata.leading_digits is not None:
        return None
    return plan_of_region(regions[0])
