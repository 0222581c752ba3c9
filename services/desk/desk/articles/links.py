"""Where customers read articles: plain addresses of public ones, signed ones of those for customers.

A signed link is handed on in replies, and ends with the article: it needs no end of its own. Internal
articles have none.
"""

from __future__ import annotations

import binascii
from collections.abc import Sequence
from urllib.parse import urlencode
from uuid import UUID

from desk.articles.domain import Article, Visibility
from desk.signing import Signer

PAGES = "/p/desk/<uuid:tenant_id>/articles"
_TAG = 16


class ArticleLinks:
    """Makes and checks links, with secrets that all replicas share."""

    def __init__(self, secrets: Sequence[str], public_url: str) -> None:
        self._signer = Signer(secrets, "article links")
        self._public_url = public_url.rstrip("/")

    def address(self, tenant_id: UUID, article: Article) -> str:
        """The address at which a customer reads an article."""
        page = f"{self._public_url}{path_of(tenant_id)}/{article.key}"
        if article.place.visibility is Visibility.PUBLIC:
            return page
        access = self._signer.tag(_body(tenant_id, article.id), _TAG).hex()
        return f"{page}?{urlencode({'access': access})}"

    def opens(self, tenant_id: UUID, article_id: UUID, access: str) -> bool:
        """Whether somebody who shows this may read an article for customers."""
        try:
            tag = binascii.unhexlify(access.encode())
        except (binascii.Error, ValueError):
            return False
        return self._signer.fits(_body(tenant_id, article_id), tag, _TAG)


def path_of(tenant_id: UUID) -> str:
    """The path of a tenant's public articles."""
    return PAGES.replace("<uuid:tenant_id>", str(tenant_id))


def _body(tenant_id: UUID, article_id: UUID) -> bytes:
    return tenant_id.bytes + article_id.bytes
