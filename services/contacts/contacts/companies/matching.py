"""Finds companies that share a domain, a phone or an external id with another (CO-8, exact)."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Final
from uuid import UUID

from contacts.companies.domain import CompanyDetails
from contacts.contact_points.keys import point_keys
from contacts.quality.email_address import EmailAddress, normalise_email
from contacts.search.folding import fold

DUPLICATE_KINDS: Final = ("domain", "phone")

_MAIL_FOR_ALL: Final = frozenset(
    """
    126.com 163.com aol.com fastmail.com gmail.com gmx.com gmx.de gmx.net googlemail.com
    hinet.net hotmail.com hotmail.com.tw icloud.com kimo.com live.com mac.com mail.com mail.ru me.com
    msa.hinet.net msn.com naver.com outlook.com pchome.com.tw proton.me protonmail.com qq.com
    seed.net.tw sina.com web.de yahoo.co.jp yahoo.com yahoo.com.hk yahoo.com.tw yandex.ru zoho.com
    """.split()
)
"""Domains at which anybody may have an address: sharing one says nothing about two companies."""


@dataclass(frozen=True, slots=True)
class CompanyCandidate:
    """A company that may be the same: by `domain`, `phone` or `external_id`."""

    company_id: UUID
    name: str
    matched_on: tuple[str, ...]


def keys_of(details: CompanyDetails) -> list[tuple[str, str]]:
    """What a company can be found by exactly: kind and key, in normal form."""
    keys = point_keys(details.emails, details.phones, details.handles, details.tags)
    domains = [domain_key(details.domain)] if details.domain else []
    for point in details.emails:
        value = normalise_email(point.address)
        if isinstance(value, EmailAddress) and value.ascii_domain not in _MAIL_FOR_ALL:
            domains.append(value.ascii_domain)
    keys += [("domain", domain) for domain in dict.fromkeys(domains)]
    names = dict.fromkeys((name_key(details.name), name_key(details.legal_name)))
    keys += [("name", name) for name in names if name]
    return keys


def name_key(name: str) -> str:
    """The form in which names are compared: without case, width, accents, punctuation and blanks."""
    return fold(name).replace(" ", "")


def domain_in(text: str) -> str:
    """The domain of an e-mail address or a domain; empty for one at which anybody may be."""
    domain = domain_key(text.rsplit("@", 1)[-1].strip()) if text.strip() else ""
    return "" if domain in _MAIL_FOR_ALL else domain


def domain_key(domain: str) -> str:
    """The form in which domains are compared."""
    value = normalise_email(f"any@{domain}")
    return value.ascii_domain if isinstance(value, EmailAddress) else domain.lower()
