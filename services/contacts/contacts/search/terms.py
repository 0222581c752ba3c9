"""What a person or a company is found by: the terms that are stored for each, and why they look as they do.

Under row-level security PostgreSQL uses an index only for leakproof operators, so `LIKE`, trigrams and text search
scan the whole table. Equality and order of text are leakproof. Search therefore stands on one table of terms whose
key is its only use, and every question to it is a range of that B-tree:

    search_terms(tenant_id uuid, term text COLLATE "C", record_id uuid), primary key in that order

A prefix as somebody types it is the range from the prefix to `prefix_end(prefix)`. A term begins with the letter of its
kind, which keeps kinds apart without a column for it.

**Names are stored rotated.** For each word of a name there is one term that begins with that word and goes on with
the rest, the front part moved to the end: Mary Jane Wang is `nmary jane wang`, `njane wang mary`, `nwang mary jane`.
That is as many terms as words, yet `wang ma` is one range without any intersection, and where words stand in
another order the scan over one word's range filters by the others in the term itself (`LIKE '% wang%'`, applied to
rows that the range has found, which is allowed), without fetching a record.

**Chinese, Japanese and Korean** names have no blanks, so every character begins a rotation: 王小明 is `n王小明`,
`n小明 王` and `n明 王小`. Any piece of a name (`小明`, `明`) is then the front of a term.

**Companies** are records of their own with terms of their own, and are found by themselves: to rename one must not
rewrite the people who work there.

**E-mail addresses** and **phones** in full are found in the table of exact keys that there is anyway for duplicates
(`person_keys`, `company_keys`). Terms add what it cannot find: the domain (unless it is one of the large free mail hosts, which tell
nobody apart), later pieces of the local part, and the digits of a phone reversed, for its last digits and for a whole
number without country.

The order of the key makes exact words come first: a blank sorts before every letter.
"""

import re
from collections.abc import Iterable
from enum import StrEnum
from typing import NamedTuple

from contacts.search.folding import Word, fold, without_blanks_in_names, words_of

MAX_TERM = 64
MAX_ROTATIONS = 24
_MAX_WORDS = 16
_MIN_PIECE = 2
_SHORTEST_CORRECTED = 4
_LONGEST_CORRECTED = 40
_SHORTEST_WITH_LEGAL_FORM = 3
_LOCAL_PIECES = re.compile(r"[^\W_]+")


class Kind(StrEnum):
    """What is looked up. One letter: the front of a term in `search_terms`; a word: a kind of `person_keys`."""

    NAME = "n"
    MAIL = "m"
    PHONE_END = "t"
    KEY_EMAIL = "email"
    KEY_PHONE = "phone"


class IndexEntry(NamedTuple):
    """What is stored for one record: its terms in key order, and its words for the dictionary of spellings."""

    terms: tuple[str, ...]
    words: frozenset[str]


# Hosts of private mailboxes: their names match a large part of all people and so find nobody.
FREE_MAIL_HOSTS = frozenset(
    {
        "126.com",
        "163.com",
        "aol.com",
        "foxmail.com",
        "gmail.com",
        "gmx.de",
        "gmx.net",
        "googlemail.com",
        "hotmail.com",
        "hotmail.com.tw",
        "icloud.com",
        "live.com",
        "mail.com",
        "mail.ru",
        "me.com",
        "msn.com",
        "msa.hinet.net",
        "naver.com",
        "outlook.com",
        "pchome.com.tw",
        "proton.me",
        "protonmail.com",
        "qq.com",
        "seed.net.tw",
        "web.de",
        "yahoo.co.jp",
        "yahoo.com",
        "yahoo.com.hk",
        "yahoo.com.tw",
        "yandex.ru",
    }
)
# Said of every second company; as first words of a term they would find half of all companies.
_LEGAL_FORMS = frozenset(
    "inc incorporated ltd limited llc llp plc corp corporation co company gmbh ag kg sa sarl srl bv nv ab as oy pty"
    " pte sdn bhd kk the and of".split()
)
_LEGAL_ENDINGS = (
    "股份有限公司",
    "有限责任公司",
    "有限公司",
    "株式会社",
    "합자회사",
    "주식회사",
    "公司",
)


def index_terms(
    names: Iterable[str],
    emails: Iterable[str] = (),
    phones: Iterable[str] = (),
) -> IndexEntry:
    """The terms of a person or a company: the names (full name first), the addresses, the numbers in E.164.

    A company's own domain may stand among the addresses, as `@domain`.
    """
    name = _phrase(tuple(filter(None, names)))
    terms = _rotated(name)
    for email in emails:
        terms += _mail_terms(email.lower() if email.isascii() else email.casefold(), name.words)
    terms += [
        f"t{phone[:0:-1] if phone[:1] == '+' else phone[::-1]}"[:MAX_TERM] for phone in phones
    ]
    return IndexEntry(tuple(sorted(set(terms))), name.dictionary)


def is_correctable(word: str) -> bool:
    """Whether slips of the pen in a word are looked for: letters only, neither short nor endless."""
    return _SHORTEST_CORRECTED <= len(word) <= _LONGEST_CORRECTED and word.isalpha()


class _Phrase(NamedTuple):
    """All words of a name or of a company, the places where a rotation begins, and the words worth correcting."""

    text: str
    starts: tuple[int, ...]
    words: frozenset[str]
    dictionary: frozenset[str]


def _phrase(texts: tuple[str, ...]) -> _Phrase:
    words = list(words_of(without_blanks_in_names(fold(texts[0])))) if texts else []
    for text in texts[1:]:
        if text not in texts[0]:
            _add_new_words(words, words_of(without_blanks_in_names(fold(text))))
    for text in texts:
        if "-" in text:
            _add_new_words(words, _joined(text))
    starts: list[int] = []
    position = 0
    for word, is_cjk in words[:_MAX_WORDS]:
        if is_cjk:
            starts += range(position, position + _end_of_name(word))
        elif not position or word not in _LEGAL_FORMS:
            starts.append(position)
        position += len(word) + 1
    kept = [word for word, _ in words[:_MAX_WORDS]]
    dictionary = [
        w for w, is_cjk in words if not is_cjk and is_correctable(w) and w not in _LEGAL_FORMS
    ]
    return _Phrase(" ".join(kept), tuple(starts), frozenset(kept), frozenset(dictionary))


def _add_new_words(words: list[Word], more: Iterable[Word]) -> None:
    whole = " ".join([word.text for word in words])
    words += [
        word for word in more if word not in words and not (word.is_cjk and word.text in whole)
    ]


def _joined(text: str) -> Iterable[Word]:
    """A hyphenated word as one (`xiaoming` for Xiao-Ming), for it is typed both ways."""
    parts = [fold(part.replace("-", "")) for part in text.split() if "-" in part.strip("-")]
    return [Word(part, is_cjk=False) for part in parts if part.isascii() and part.isalpha()]


def _rotated(phrase: _Phrase) -> list[str]:
    """A term for every word (for every character of a run), each followed by everything else."""
    text = phrase.text
    whole = [f"n{text}"] if text else []
    rest = [f"n{text[i:]} {text[:i].rstrip()}" for i in phrase.starts[1:MAX_ROTATIONS]]
    return [term if len(term) <= MAX_TERM else term[:MAX_TERM].rstrip() for term in whole + rest]


def _end_of_name(run: str) -> int:
    """Where a run stops being a name: before 股份有限公司 and its like."""
    if len(run) > _SHORTEST_WITH_LEGAL_FORM:
        for ending in _LEGAL_ENDINGS:
            if len(run) > len(ending) and run.endswith(ending):
                return len(run) - len(ending)
    return len(run)


def _mail_terms(address: str, known: frozenset[str]) -> list[str]:
    local, _, domain = address.rpartition("@")
    terms = [] if domain in FREE_MAIL_HOSTS else [f"m{domain}"[:MAX_TERM]]
    if not local.isalnum():
        terms += [
            f"m{piece}"[:MAX_TERM]
            for piece in _LOCAL_PIECES.findall(local)[1:]
            if len(piece) >= _MIN_PIECE and piece not in known and not piece.isdigit()
        ]
    return terms
