"""Languages: BCP 47 tags from tags, ISO 639 codes and names in English, in Chinese and in the language itself."""

import re
import unicodedata
from functools import lru_cache

import pycountry
from babel import Locale

from contacts.quality.problem import Problem, shown

_LOCALES = ("en", "zh_Hant_TW", "zh_Hans_CN")
_MAX_LANGUAGE = 60
_TAG = re.compile(
    r"([a-z]{2,3})(?:-([a-z]{4}))?(?:-([a-z]{2}|[0-9]{3}))?((?:-(?:[a-z0-9]{5,8}|[0-9][a-z0-9]{3}))*)",
    re.IGNORECASE,
)
_REPLACED = {
    "iw": "he",
    "in": "id",
    "ji": "yi",
    "jw": "jv",
    "mo": "ro",
    "sh": "sr-Latn",
    "cmn": "zh",
}
_NAMES = {
    "zh-Hant": "traditional chinese, chinese (traditional), 繁體中文, 正體中文, 繁中, 繁體, 中文(繁體), 中文(台灣)",
    "zh-Hans": "simplified chinese, chinese (simplified), 简体中文, 簡體中文, 簡中, 简中, 中文(简体)",
    "zh": "mandarin, 中文, 國語, 国语, 華語, 普通話, 普通话, 漢語, 汉语",
    "yue": "cantonese, 粵語, 廣東話, 广东话",
    "nan": "taiwanese, hokkien, 台語, 臺語, 閩南語, 台灣話",
    "hak": "hakka, 客語, 客家話",
    "ja": "日本語, 日文, 日語",
    "ko": "한국어, 韓文, 韓語",
    "en": "英文, 英語, 英语",
    "de": "deutsch, 德文, 德語",
    "fr": "français, 法文, 法語",
    "es": "español, castellano, 西文",
    "pt": "português, 葡文",
    "it": "italiano, 義文, 義大利文",
    "nl": "nederlands",
    "pl": "polski",
    "ru": "русский, 俄文",
    "uk": "українська",
    "tr": "türkçe",
    "vi": "tiếng việt, 越南文",
    "th": "ไทย, ภาษาไทย, 泰文",
    "id": "bahasa indonesia, 印尼文",
    "ms": "bahasa melayu, 馬來文",
    "ar": "العربية",
    "he": "עברית",
    "hi": "हिन्दी",
    "sv": "svenska",
    "da": "dansk",
    "nb": "norsk",
    "fi": "suomi",
    "cs": "čeština",
    "el": "ελληνικά",
    "hu": "magyar",
    "fil": "tagalog",
}


def _key(text: str) -> str:
    return re.sub(r"[\W_]+", "", unicodedata.normalize("NFKC", text).casefold())


@lru_cache(maxsize=1)
def _tags_by_name() -> dict[str, str]:
    known: dict[str, str] = {}
    for tag, names in _NAMES.items():
        known.update({_key(name): tag for name in names.split(",")})
    for locale in _LOCALES:
        for code, name in Locale.parse(locale).languages.items():
            known.setdefault(_key(name), code.replace("_", "-"))
    return known


@lru_cache(maxsize=1)
def _primary_codes() -> dict[str, str]:
    """Each ISO 639 code with the one BCP 47 wants for it: the shortest there is."""
    codes: dict[str, str] = {}
    for language in pycountry.languages:
        best = getattr(language, "alpha_2", language.alpha_3)
        for field in ("alpha_2", "alpha_3", "bibliographic"):
            code = getattr(language, field, None)
            if code is not None:
                codes[code] = best
    return codes


def _tag(text: str) -> str | None:
    match = _TAG.fullmatch(text.replace("_", "-"))
    if match is None:
        return None
    primary, script, region, variants = match.groups()
    code = _primary_codes().get(primary.lower())
    code = _REPLACED.get(primary.lower()) or _REPLACED.get(code or "", code)
    if code is None or (
        region and region.isalpha() and pycountry.countries.get(alpha_2=region.upper()) is None
    ):
        return None
    if script and pycountry.scripts.get(alpha_4=script.title()) is None:
        return None
    parts = [code, script.title() if script else "", region.upper() if region else ""]
    return "-".join(part for part in parts if part) + variants.lower()


def normalise_language(raw: str) -> str | Problem:
    """The BCP 47 tag in its canonical case (`zh_tw` is `zh-TW`, `chi` is `zh`); empty stays empty."""
    text = raw.strip()
    if not text:
        return ""
    if len(text) > _MAX_LANGUAGE:
        return Problem("language_unknown", f"“{shown(text)}” is too long for a language")
    return _language(text)


@lru_cache(maxsize=4096)
def _language(text: str) -> str | Problem:
    tag = _tag(text.partition(".")[0]) or _tags_by_name().get(_key(text))
    if tag is None:
        return Problem(
            "language_unknown",
            f"“{shown(text)}” is no language known by tag or name (BCP 47, ISO 639)",
        )
    return tag
