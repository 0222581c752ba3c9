"""Currencies: ISO 4217 codes from codes, names in English and Chinese, and signs that mean just one."""

import re
import unicodedata
from functools import lru_cache

import pycountry
from babel import Locale

from contacts.quality.problem import Problem, shown

_LOCALES = ("en", "zh_Hant_TW", "zh_Hans_CN")
_MAX_CURRENCY = 60
_NAMES = {
    "TWD": "nt$, nt, ntd, 台幣, 臺幣, 新台幣, 新臺幣, 新台币, 元新台幣",
    "USD": "us$, u.s. dollar, 美元, 美金",
    "JPY": "jp¥, 日圓, 日元, 日幣, yen",
    "CNY": "cn¥, rmb, 人民幣, 人民币, yuan, renminbi",
    "HKD": "hk$, 港幣, 港元, 港币",
    "SGD": "s$, 新幣, 新加坡幣",
    "AUD": "a$, au$, 澳幣",
    "CAD": "c$, ca$, 加幣",
    "NZD": "nz$, 紐幣",
    "EUR": "€, 歐元, 欧元",
    "GBP": "£, 英鎊, 英镑, sterling, pound sterling",
    "KRW": "₩, 韓元, 韓圜, 韓幣",
    "VND": "₫, 越南盾",
    "THB": "฿, 泰銖",
    "INR": "₹, rs., 印度盧比",
    "PHP": "₱, 菲律賓披索",
    "ILS": "₪",
    "UAH": "₴",
    "TRY": "₺",
    "RUB": "₽, 盧布",
    "MYR": "rm, 馬來幣",
    "IDR": "rp, 印尼盾",
    "CHF": "瑞士法郎, 瑞郎",
    "MOP": "澳門幣",
}
_AMBIGUOUS = {
    "$": "TWD, USD, HKD or another dollar",
    "¥": "JPY or CNY",
    "￥": "JPY or CNY",
    "kr": "SEK, NOK or DKK",
    "元": "TWD, CNY or another one",
    "dollar": "USD, TWD or another dollar",
    "dollars": "USD, TWD or another dollar",
}


def _key(text: str) -> str:
    return re.sub(r"[\s_.]+", "", unicodedata.normalize("NFKC", text).casefold())


@lru_cache(maxsize=1)
def _codes_by_name() -> dict[str, str]:
    codes = [currency.alpha_3 for currency in pycountry.currencies]
    known = {_key(code): code for code in codes}
    for code, names in _NAMES.items():
        known.update({_key(name): code for name in names.split(",")})
    for locale in _LOCALES:
        localised = Locale.parse(locale).currencies
        for code in codes:
            if code in localised:
                known.setdefault(_key(localised[code]), code)
    for currency in pycountry.currencies:
        known.setdefault(_key(currency.name), currency.alpha_3)
    return known


def normalise_currency(raw: str) -> str | Problem:
    """The ISO 4217 code; a sign shared by several currencies is a problem that names them; empty stays empty."""
    text = raw.strip()
    if not text:
        return ""
    if len(text) > _MAX_CURRENCY:
        return Problem("currency_unknown", f"“{shown(text)}” is too long for a currency")
    return _currency(text)


@lru_cache(maxsize=1024)
def _currency(text: str) -> str | Problem:
    if text.lower() in _AMBIGUOUS:
        return Problem(
            "currency_ambiguous",
            f"“{text}” may be {_AMBIGUOUS[text.lower()]}; give the ISO 4217 code",
        )
    code = _codes_by_name().get(_key(text))
    if code is None:
        return Problem(
            "currency_unknown", f"“{shown(text)}” is no currency known by code or name (ISO 4217)"
        )
    return code
