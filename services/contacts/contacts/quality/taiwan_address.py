"""Addresses in Taiwan written in Chinese: postal code, county or city, district, and the rest of the line."""

import re
import unicodedata
from typing import NamedTuple

# Postal codes (three digits) of each county or city, as Chunghwa Post assigns them.
_CODES: dict[str, tuple[tuple[int, int], ...]] = {
    "臺北市": ((100, 116),),
    "基隆市": ((200, 206),),
    "新北市": ((207, 208), (220, 253)),
    "連江縣": ((209, 212),),
    "宜蘭縣": ((260, 272), (290, 290)),
    "新竹市": ((300, 300),),
    "新竹縣": ((302, 315),),
    "桃園市": ((320, 338),),
    "苗栗縣": ((350, 369),),
    "臺中市": ((400, 439),),
    "彰化縣": ((500, 530),),
    "南投縣": ((540, 558),),
    "嘉義市": ((600, 600),),
    "嘉義縣": ((602, 625),),
    "雲林縣": ((630, 655),),
    "臺南市": ((700, 745),),
    "高雄市": ((800, 852),),
    "澎湖縣": ((880, 885),),
    "金門縣": ((890, 896),),
    "屏東縣": ((900, 947),),
    "臺東縣": ((950, 966),),
    "花蓮縣": ((970, 983),),
}
_REGION_OF_CODE = {
    n: region
    for region, ranges in _CODES.items()
    for low, high in ranges
    for n in range(low, high + 1)
}
_REGIONS = {
    **{name: name for name in _CODES},
    **{name.replace("臺", "台"): name for name in _CODES},
    **{name[:-1]: name for name in _CODES if not name.startswith(("新竹", "嘉義"))},
    **{
        name[:-1].replace("臺", "台"): name
        for name in _CODES
        if not name.startswith(("新竹", "嘉義"))
    },
}
_POSTAL_CODE = re.compile(r"\d{3}(?:-?\d{2,3})?")
_FRONT = re.compile(
    r"(?:\(?(\d{6}|\d{5}|\d{3}-\d{2,3}|\d{3})\)?)?\s*(?:(?:台灣|臺灣|中華民國)(?:省)?)?\s*"
)
_REGION_NAME = re.compile(
    "|".join(sorted((n for n in _REGIONS if n[-1] in "市縣"), key=len, reverse=True))
)
# Cities have districts (區) and counties have townships (鄉鎮市): 前鎮區 is one name, not the town 前鎮.
_DISTRICT = {"市": re.compile(r"[^\W\d_]{1,3}?區"), "縣": re.compile(r"[^\W\d_]{1,3}?[鄉鎮市]")}


class TaiwanAddress(NamedTuple):
    """The parts of a line; each may be empty."""

    postal_code: str
    region: str
    city: str
    rest: str


def taiwan_region(text: str) -> str:
    """The official name of a county or city (`台北` and `台北市` are `臺北市`), or empty."""
    return _REGIONS.get(text, "")


def split_taiwan_line(line: str) -> TaiwanAddress:
    """What the front of a line says; a line that does not begin like an address is all rest."""
    text = unicodedata.normalize("NFKC", line).strip()
    front = _FRONT.match(text)
    code, start = (front.group(1) or "", front.end()) if front else ("", 0)
    region = _REGION_NAME.match(text, start)
    if region is None:
        return TaiwanAddress("", "", "", text)
    name = _REGIONS[region.group()]
    after = region.end() + (len(text) - region.end() - len(text[region.end() :].lstrip()))
    district = _DISTRICT[name[-1]].match(text, after)
    city, end = (district.group(), district.end()) if district else ("", after)
    return TaiwanAddress(code.replace("-", ""), name, city, text[end:].strip())


def region_of_postal_code(postal_code: str) -> str:
    """The county or city that a postal code belongs to, or empty for a code that is not in use."""
    digits = postal_code[:3]
    return _REGION_OF_CODE.get(int(digits), "") if digits.isascii() and digits.isdigit() else ""


def is_taiwan_postal_code(postal_code: str) -> bool:
    """Three, five or six digits of which the first three are in use."""
    return _POSTAL_CODE.fullmatch(postal_code) is not None and bool(
        region_of_postal_code(postal_code)
    )
