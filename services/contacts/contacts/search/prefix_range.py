"""The range of all strings that begin with a prefix, for comparison in code point order (`COLLATE "C"` over UTF-8)."""

_LAST = 0x10FFFF
_BEFORE_SURROGATES = 0xD7FF
_AFTER_SURROGATES = "\ue000"


def prefix_end(prefix: str) -> str | None:
    """The least string after every string that begins with `prefix`; None where there is none (all U+10FFFF, empty).

    PostgreSQL stores no surrogates, so the code point after U+D7FF is U+E000.
    """
    stem = prefix.rstrip("\U0010ffff")
    if not stem:
        return None
    code = ord(stem[-1])
    return stem[:-1] + (_AFTER_SURROGATES if code == _BEFORE_SURROGATES else chr(code + 1))
