"""Postal addresses: lines, city, region, postal code and country in normal form, with what Taiwan needs besides.

`region` is the upper level and `city` the lower one, as the postal unions have it: in Taiwan the county or city
(臺北市) is the region and the district or township (大安區) is the city; 臺 is the official spelling and is used.
"""

import re
import unicodedata
from typing import NamedTuple

from contacts.quality.country import normalise_country
from contacts.quality.names import clean_line
from contacts.quality.problem import Problem, shown
from contacts.quality.taiwan_address import (
    is_taiwan_postal_code,
    region_of_postal_code,
    split_taiwan_line,
    taiwan_region,
)

MAX_LINES = 5
MAX_LINE = 200

_POSTAL_CODES = {
    country: re.compile(pattern)
    for country, pattern in {
        "AT": r"\d{4}",
        "AU": r"\d{4}",
        "BE": r"\d{4}",
        "BR": r"\d{5}-?\d{3}",
        "CA": r"[A-Z]\d[A-Z] ?\d[A-Z]\d",
        "CH": r"\d{4}",
        "CN": r"\d{6}",
        "CZ": r"\d{3} ?\d{2}",
        "DE": r"\d{5}",
        "DK": r"\d{4}",
        "ES": r"\d{5}",
        "FI": r"\d{5}",
        "FR": r"\d{5}",
        "GB": r"[A-Z]{1,2}\d[A-Z\d]? ?\d[A-Z]{2}",
        "ID": r"\d{5}",
        "IN": r"\d{3} ?\d{3}",
        "IT": r"\d{5}",
        "JP": r"\d{3}-?\d{4}",
        "KR": r"\d{5}|\d{3}-?\d{3}",
        "MY": r"\d{5}",
        "NL": r"\d{4} ?[A-Z]{2}",
        "NO": r"\d{4}",
        "NZ": r"\d{4}",
        "PH": r"\d{4}",
        "PL": r"\d{2}-?\d{3}",
        "PT": r"\d{4}-?\d{3}",
        "SE": r"\d{3} ?\d{2}",
        "SG": r"\d{6}",
        "TH": r"\d{5}",
        "US": r"\d{5}(?:-\d{4})?",
        "VN": r"\d{5,6}",
    }.items()
}
_ANY_POSTAL_CODE = re.compile(r"[A-Z0-9][A-Z0-9 -]{0,10}[A-Z0-9]|[A-Z0-9]")


class PostalAddress(NamedTuple):
    """An address in normal form; `match_key` compares equal for two spellings of one place."""

    lines: tuple[str, ...] = ()
    city: str = ""
    region: str = ""
    postal_code: str = ""
    country: str = ""

    @property
    def match_key(self) -> str:
        """Letters and digits only, without case and width: `羅斯福路四段１號` and `羅斯福路四段1號` are one place."""
        text = (
            unicodedata.normalize("NFKC", "".join((*self.lines, self.city)))
            .casefold()
            .replace("台", "臺")
        )
        return (
            "".join(c for c in text if c.isalnum())
            + "|"
            + self.postal_code[:3]
            + "|"
            + self.country
        )


def normalise_postal_address(
    raw: PostalAddress, default_country: str = ""
) -> tuple[PostalAddress, tuple[Problem, ...]]:
    """The address in normal form and what is wrong with it; a part that is wrong is kept as it was written."""
    problems: list[Problem] = []
    country = normalise_country(raw.country) if raw.country else default_country
    if isinstance(country, Problem):
        problems.append(country.at("/country"))
        country = default_country
    lines = tuple(line for line in map(clean_line, raw.lines) if line)
    if len(lines) > MAX_LINES or any(len(line) > MAX_LINE for line in lines):
        bound = f"an address has at most {MAX_LINES} lines of {MAX_LINE} characters"
        problems.append(Problem("address_too_long", bound, "/lines"))
        lines = tuple(line[:MAX_LINE] for line in lines[:MAX_LINES])
    city, region = clean_line(raw.city)[:MAX_LINE], clean_line(raw.region)[:MAX_LINE]
    code = clean_line(raw.postal_code)
    code = (code if code.isascii() else unicodedata.normalize("NFKC", code)).upper()
    address = PostalAddress(lines, city, region, code, country)
    if country == "TW":
        address = _in_taiwan(address)
    problem = _postal_code_problem(address)
    return address, (*problems, *((problem,) if problem else ()))


def _in_taiwan(address: PostalAddress) -> PostalAddress:
    """Parts that stand in the first line or in the wrong field, put in their place."""
    lines, city, region, code, country = address
    if not region and taiwan_region(city):
        city, region = "", taiwan_region(city)
    region = taiwan_region(region) or region
    if lines and not (city and region and code):
        found = split_taiwan_line(lines[0])
        if region and not (found.region or found.postal_code):
            # The county has a column of its own, as most tables have it.
            found = split_taiwan_line(region + lines[0])
        agrees = not region or not found.region or found.region == region
        if agrees and (found.region or found.postal_code):
            first = (found.rest,) if found.rest else ()
            if not city or not found.city or city == found.city:
                lines, city = (*first, *lines[1:]), city or found.city
            region, code = region or found.region, code or found.postal_code
    if "-" in code and code.replace("-", "").isdigit():
        code = code.replace("-", "")
    if not region and is_taiwan_postal_code(code):
        region = region_of_postal_code(code)
    return PostalAddress(lines, city, region, code, country)


def _postal_code_problem(address: PostalAddress) -> Problem | None:
    code, country = address.postal_code, address.country
    if not code:
        return None
    if country == "TW":
        if not is_taiwan_postal_code(code):
            return Problem(
                "postal_code_invalid",
                f"“{shown(code)}” is no postal code in Taiwan",
                "/postal_code",
            )
        region = region_of_postal_code(code)
        if region != address.region and taiwan_region(address.region):
            message = f"postal code {code} belongs to {region}, not to {address.region}"
            return Problem("postal_code_elsewhere", message, "/postal_code")
        return None
    if _POSTAL_CODES.get(country, _ANY_POSTAL_CODE).fullmatch(code) is None:
        where = f"in {country}" if country else "of any country"
        return Problem(
            "postal_code_invalid", f"“{shown(code)}” is no postal code {where}", "/postal_code"
        )
    return None
