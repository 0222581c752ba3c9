"""Countries: ISO 3166 alpha-2 codes from codes and from names in English and Chinese."""

import re
import unicodedata
from functools import lru_cache

import pycountry
from babel import Locale

from contacts.quality.problem import Problem, shown

_LOCALES = ("en", "zh_Hant_TW", "zh_Hant_HK", "zh_Hans_CN")
_MAX_COUNTRY = 80
_NOT_IN_A_NAME = re.compile(r"[\W_]+")

# What people write and the standard does not list.
_ALIASES = {
    "TW": "taiwan roc, taiwan r.o.c., republic of china, roc, r.o.c., formosa, 臺灣, 台湾, 中華民國, 中华民国, 中華民國台灣",
    "US": "usa, u.s., u.s.a., america, the united states, united states of america, 美利堅合眾國, 美利坚合众国",
    "GB": "uk, u.k., great britain, england, scotland, wales, northern ireland, britain, 英格蘭, 蘇格蘭, 大不列顛",
    "KR": "south korea, korea, 韓國, 大韓民國, 南韓, 韩国",
    "KP": "north korea, 北韓, 朝鮮, 北朝鮮",
    "CN": "china, prc, p.r.c., mainland china, people's republic of china, 中國大陸, 大陸, 中华人民共和国, 中華人民共和國",
    "HK": "hong kong, hong kong sar, 香港",
    "MO": "macau, macao, 澳門, 澳门",
    "JP": "日本, nippon, 日本國",
    "RU": "russia, 俄國",
    "VN": "vietnam, viet nam, 越南",
    "CZ": "czech republic, czechia, 捷克",
    "AE": "uae, u.a.e., emirates, 阿聯",
    "NL": "holland, the netherlands, 荷蘭",
    "XK": "kosovo, 科索沃",
    "MM": "burma",
    "CI": "ivory coast",
    "TR": "turkey",
    "MK": "macedonia",
    "SZ": "swaziland",
    "CV": "cape verde",
    "IR": "iran",
    "SY": "syria",
    "LA": "laos",
    "BO": "bolivia",
    "VE": "venezuela",
    "TZ": "tanzania",
    "MD": "moldova",
    "BN": "brunei",
    "VA": "vatican",
    "PS": "palestine",
}


def _key(text: str) -> str:
    return _NOT_IN_A_NAME.sub("", unicodedata.normalize("NFKC", text).casefold())


@lru_cache(maxsize=1)
def _codes_by_name() -> dict[str, str]:
    """Every spelling that stands for a country, under its key. Codes win over names, the standard over aliases."""
    known: dict[str, str] = {"XK": "XK"}
    countries = list(pycountry.countries)
    names: list[tuple[str, str]] = []
    for country in countries:
        known.update(
            {
                _key(code): country.alpha_2
                for code in (country.alpha_2, country.alpha_3, country.numeric)
            }
        )
        written = (
            getattr(country, field, "") for field in ("name", "official_name", "common_name")
        )
        names += [(name, country.alpha_2) for name in written if name]
    codes = {country.alpha_2 for country in countries} | {"XK"}
    for locale in _LOCALES:
        names += [
            (n, code) for code, n in Locale.parse(locale).territories.items() if code in codes
        ]
    names += [(alias, code) for code, aliases in _ALIASES.items() for alias in aliases.split(",")]
    for name, code in names:
        known.setdefault(_key(name), code)
    return known


def normalise_country(raw: str) -> str | Problem:
    """The alpha-2 code of a country given by code (alpha-2, alpha-3, numeric) or name; empty stays empty."""
    if not raw or raw.isspace():
        return ""
    if len(raw) > _MAX_COUNTRY:
        return Problem("country_unknown", f"“{shown(raw)}” is too long for a country")
    return _country(raw)


@lru_cache(maxsize=4096)
def _country(raw: str) -> str | Problem:
    code = _codes_by_name().get(_key(raw))
    if code is None:
        return Problem(
            "country_unknown", f"“{shown(raw)}” is no country known by code or name (ISO 3166)"
        )
    return code
