"""A visitor of a public page, who has no token: fills in a form, reads a quote, and answers it."""

from __future__ import annotations

import time
from collections.abc import Callable, Mapping
from weakref import finalize

import httpx

from deploy.demo.selling.definitions import SITE

_AS_QUICK_AS_PEOPLE_ARE = 3.5
"""Seconds: who is quicker than a form's `min_fill_seconds` is taken for a program."""


class Visitor:
    """Somebody in front of a browser."""

    def __init__(self, gateway: str, pause: Callable[[float], None] = time.sleep) -> None:
        self._client = httpx.Client(base_url=gateway, timeout=30, headers={"Origin": SITE})
        self._pause = pause
        self.close = finalize(self, self._client.close)
        """Closes its connections; happens by itself when nobody uses it any more."""

    def fill_in(self, web_form_id: str, answers: Mapping[str, str]) -> int:
        """Open a form of a public page, fill it in, and submit it; gives the status."""
        path = f"/p/sales/forms/{web_form_id}"
        ticket = self._client.get(f"{path}/ticket").raise_for_status().json()["ticket"]
        self._pause(_AS_QUICK_AS_PEOPLE_ARE)
        return self._client.post(path, json={**answers, "ticket": ticket}).status_code

    def read(self, link: str) -> str:
        """Open the link of a quote; gives the page."""
        return self._client.get(link).raise_for_status().text

    def download(self, link: str) -> bytes:
        """Take the quote along, as a PDF."""
        page, _, token = link.partition("?")
        return self._client.get(f"{page}/pdf?{token}").raise_for_status().content

    def accept(self, link: str, name: str) -> int:
        """Say yes to a quote, by name; gives the status."""
        page, _, token = link.partition("?token=")
        form = {"token": token, "name": name, "terms": "yes"}
        return self._client.post(f"{page}/accept", data=form, follow_redirects=True).status_code
