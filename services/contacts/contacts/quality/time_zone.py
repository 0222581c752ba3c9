"""Time zones: IANA names from IANA names, Windows names, city names and whole-hour offsets."""

import re
from collections import Counter
from functools import lru_cache
from zoneinfo import available_timezones

from babel.core import get_global

from contacts.quality.problem import Problem, shown

_MAX_TIME_ZONE = 100
_IN_PARENTHESES = re.compile(r"\(([A-Za-z_]+/[A-Za-z0-9_+\-/]+)\)")
_OFFSET_IN_FRONT = re.compile(r"^\((?:UTC|GMT)[^)]*\)\s*", re.IGNORECASE)
_OFFSET = re.compile(r"(?:UTC|GMT)\s*([+-])(\d{1,2})(?::?00)?", re.IGNORECASE)
_FURTHEST_WEST, _FURTHEST_EAST = 12, 14
_NAMES = {
    "utc": "UTC",
    "gmt": "UTC",
    "z": "UTC",
    "zulu": "UTC",
    "台北": "Asia/Taipei",
    "臺北": "Asia/Taipei",
    "台灣": "Asia/Taipei",
    "taiwan": "Asia/Taipei",
    "東京": "Asia/Tokyo",
    "日本": "Asia/Tokyo",
    "香港": "Asia/Hong_Kong",
    "上海": "Asia/Shanghai",
    "北京": "Asia/Shanghai",
    "beijing": "Asia/Shanghai",
    "新加坡": "Asia/Singapore",
}


def _key(name: str) -> str:
    return re.sub(r"[\s_]+", "", name.casefold())


@lru_cache(maxsize=1)
def _zones() -> dict[str, str]:
    """Names by key: IANA names, their last part where only one zone has it, Windows names, ours."""
    names = [
        z
        for z in available_timezones()
        if z != "localtime" and not z.startswith(("posix/", "right/"))
    ]
    zones = {_key(name): name for name in names}
    areas = [name for name in names if "/" in name and not name.startswith("Etc/")]
    cities = Counter(_key(name.rpartition("/")[2]) for name in areas)
    for name in areas:
        city = _key(name.rpartition("/")[2])
        if cities[city] == 1:
            zones.setdefault(city, name)
    for windows, iana in get_global("windows_zone_mapping").items():
        zones.setdefault(_key(windows), iana)
    return {**zones, **_NAMES}


def _of_offset(text: str) -> str | None:
    match = _OFFSET.fullmatch(text)
    if match is None:
        return None
    sign, hours = match.group(1), int(match.group(2))
    if hours > (_FURTHEST_EAST if sign == "+" else _FURTHEST_WEST):
        return None
    # The names in Etc count the other way round: Etc/GMT-8 is eight hours ahead of Greenwich (POSIX).
    return f"Etc/GMT{'-' if sign == '+' else '+'}{hours}" if hours else "UTC"


def normalise_time_zone(raw: str) -> str | Problem:
    """The IANA name; empty stays empty. An offset gives a zone without summer time (`UTC+8`: `Etc/GMT-8`)."""
    text = raw.strip()
    if not text:
        return ""
    if len(text) > _MAX_TIME_ZONE:
        return Problem("time_zone_unknown", f"“{shown(text)}” is too long for a time zone")
    return _time_zone(text)


@lru_cache(maxsize=2048)
def _time_zone(text: str) -> str | Problem:
    within = _IN_PARENTHESES.search(text)
    bare = within.group(1) if within else _OFFSET_IN_FRONT.sub("", text)
    zone = _zones().get(_key(bare)) or _of_offset(bare)
    if zone is None:
        return Problem(
            "time_zone_unknown",
            f"“{shown(text)}” is no time zone known by name (IANA, for one Asia/Taipei)",
        )
    return zone
