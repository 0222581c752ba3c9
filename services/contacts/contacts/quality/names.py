"""Names and other single lines of text: normal form, no invisible characters, single blanks, case untouched."""

import re
import unicodedata
from functools import lru_cache

from contacts.quality.problem import Problem, shown

MAX_NAME = 200

# Joiners are letters' business in Arabic and Indic scripts (they change the shape and the reading), so there
# they stay between letters; everywhere else they are invisible noise from copy and paste.
_JOINING = "\u0600-\u06ff\u0700-\u074f\u0750-\u077f\u0900-\u0dff\u0f00-\u0fff\u1000-\u109f\u1780-\u17ff\u1800-\u18af"
_CONTROL_TO_BLANK = re.compile("[\x00-\x1f\x7f-\x9f\u2028\u2029]")
_INVISIBLE = re.compile(
    "[\u00ad\u034f\u061c\u115f\u1160\u17b4\u17b5\u180b-\u180f\u200b\u200e\u200f\u202a-\u202e\u2060-\u206f"
    "\u3164\ufe00-\ufe0f\ufeff\uffa0\ufff0-\ufffb\ufffe\uffff\ud800-\udfff"
    "\U0001d173-\U0001d17a\U000e0000-\U000e0fff]"
    f"|(?<![{_JOINING}])[\u200c\u200d]|[\u200c\u200d](?![{_JOINING}])"
)
# The few invisible characters that Unicode counts as letters or marks, so that `isprintable` lets them pass.
_PRINTABLE_INVISIBLE = re.compile(
    "[\u034f\u115f\u1160\u17b4\u17b5\u180b-\u180f\u3164\ufe00-\ufe0f\uffa0\U000e0100-\U000e01ef]"
)
_CACHED_LENGTH = 64


def clean_line(raw: str) -> str:
    """One line of text in NFC without control, zero-width and direction characters, blanks collapsed.

    A control character separates words (a tab or a line break does), an invisible one joins them.
    """
    if raw.isascii() and raw.isprintable():
        return " ".join(raw.split()) if "  " in raw or raw[:1] == " " or raw[-1:] == " " else raw
    if raw.isprintable() and _PRINTABLE_INVISIBLE.search(raw) is None:
        text = " ".join(raw.split()) if " " in raw else raw
    else:
        text = " ".join(_INVISIBLE.sub("", _CONTROL_TO_BLANK.sub(" ", raw)).split())
    return text if unicodedata.is_normalized("NFC", text) else unicodedata.normalize("NFC", text)


def normalise_name(raw: str) -> str | Problem:
    """A given, family, full or company name as it is to be stored; an empty string stays empty."""
    if len(raw) <= _CACHED_LENGTH:
        return _short_name(raw)
    if len(raw) > MAX_NAME * 4:
        return Problem(
            "name_too_long", f"a name has at most {MAX_NAME} characters, this one has {len(raw)}"
        )
    return _name(raw)


def _name(raw: str) -> str | Problem:
    name = clean_line(raw)
    if len(name) > MAX_NAME:
        return Problem(
            "name_too_long", f"a name has at most {MAX_NAME} characters, this one has {len(name)}"
        )
    if name and not any(map(str.isalnum, name)):
        return Problem("name_without_letters", f"“{shown(name)}” has no letter in it")
    return name


# Most given, family and company names are other people's too.
_short_name = lru_cache(maxsize=8_192)(_name)
