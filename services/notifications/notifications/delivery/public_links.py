"""The addresses of public pages about a message: unsubscribing, preferences, opens and clicks."""

from __future__ import annotations

import re
from collections.abc import Mapping
from dataclasses import replace
from html import escape, unescape

from notifications.delivery.queue import Turn
from notifications.messages.domain import Content
from notifications.policies.domain import Rules
from notifications.secrecy import Links

PREFIX = "/p/notifications"
UNSUBSCRIBE, PREFERENCES, OPENED, CLICKED = "unsubscribe", "preferences", "o", "c"

_LINK = re.compile(r"""(<a\b[^>]*?\bhref\s*=\s*)(["'])(https?://.*?)\2""", re.IGNORECASE)
_BODY_END = re.compile(r"</body\s*>", re.IGNORECASE)
_LONGEST_TRACKED = 2000


class MessageLinks:
    """Makes links that only we can have made, below the platform's public address."""

    def __init__(self, links: Links, public_url: str) -> None:
        self._links = links
        self._public_url = public_url.rstrip("/")

    def unsubscribe(self, turn: Turn) -> str:
        """Where a click or a mail program's POST ends it (RFC 8058)."""
        return self._link(UNSUBSCRIBE, turn)

    def preferences(self, turn: Turn) -> str:
        """The page on which a person chooses what to get."""
        return self._link(PREFERENCES, turn)

    def for_templates(self, turn: Turn) -> Mapping[str, str]:
        """What templates may point to."""
        return {
            "unsubscribe_url": self.unsubscribe(turn),
            "preferences_url": self.preferences(turn),
        }

    def tracked(self, turn: Turn, content: Content, rules: Rules) -> Content:
        """The content with what tells of opens and clicks, where the rules allow that."""
        html = content.html
        if rules.track_clicks:
            html = _LINK.sub(lambda found: self._tracked_link(turn, found), html)
        if rules.track_opens and html:
            pixel = f'<img src="{self._link(OPENED, turn)}" width="1" height="1" alt="">'
            end = _BODY_END.search(html)
            html = (
                html + pixel if end is None else html[: end.start()] + pixel + html[end.start() :]
            )
        link = self._tracked_address(turn, content.link) if rules.track_clicks else content.link
        same = (html, link) == (content.html, content.link)
        return content if same else replace(content, html=html, link=link)

    def _tracked_link(self, turn: Turn, found: re.Match[str]) -> str:
        before, quote, address = found.group(1), found.group(2), unescape(found.group(3))
        own = address.startswith(f"{self._public_url}{PREFIX}/")
        if own or len(address) > _LONGEST_TRACKED:
            return found.group(0)
        return f"{before}{quote}{escape(self._link(CLICKED, turn, address))}{quote}"

    def _tracked_address(self, turn: Turn, address: str) -> str:
        """An address by way of us; the console's own pages are nobody's click, and long ones stay."""
        if not address.startswith("http"):
            return address
        tracked = self._link(CLICKED, turn, address)
        return tracked if len(tracked) <= _LONGEST_TRACKED else address

    def _link(self, what: str, turn: Turn, extra: str = "") -> str:
        token = self._links.token(what, turn.tenant_id, turn.message_id, extra)
        return f"{self._public_url}{PREFIX}/{what}/{token}"
