"""Writes HTML anew so that whatever reads it after has little to do: balanced, and never deep.

Parsers that follow the standard open elements anew where others have ended wrongly: a few kilobytes
become gigabytes. So no element for the looks of text is open twice, nor while a block begins; nothing is
left open, and nothing is deep. This makes nothing safe: that is the cleaner's, which reads what comes out of here.
"""

from __future__ import annotations

import re
from html import escape, unescape
from typing import Final

_DEEPEST: Final = 60
_INLINE: Final = frozenset("a b code del em i s span strong sub sup u".split())
_VOID: Final = frozenset(("br", "hr"))
_ENDS_ITSELF: Final = frozenset("dd dt li p td th tr".split())
_DROPPED: Final = frozenset("head noframes script select style template textarea title xmp".split())
_KEPT: Final = ("href", "title", "class", "id", "type", "cite", "colspan", "rowspan")
_TAG: Final = re.compile(r"(/?)([a-zA-Z][a-zA-Z0-9]{0,15})(?=[\s/>])")
_CLOSED: Final = re.compile(r"""=\s*+(?:"[^"]*+"|'[^']*+')""")
_UNCLOSED: Final = re.compile(r"""=\s*+["']""")
_ATTRIBUTE: Final = re.compile(
    r"""([a-zA-Z-]{1,20})\s*+=\s*+(?:"([^"]*+)"|'([^']*+)'|([^\s"'>]++))"""
)
_MOST_PIECES: Final = 5
_LONGEST_VALUE: Final = 2_000


def balanced(html: str, tags: frozenset[str]) -> str:
    """The same with elements of `tags` alone, each ended in its turn; of others the content stays."""
    writer = _Balancer(tags)
    place = 0
    while (begins := html.find("<", place)) >= 0:
        writer.text(html[place:begins])
        place = writer.markup(html, begins)
    writer.text(html[place:])
    return writer.finish()


class _Balancer:
    """Keeps what is open, and whether an end of something was looked for in vain."""

    def __init__(self, tags: frozenset[str]) -> None:
        self._tags = tags
        self._written: list[str] = []
        self._open: list[str] = []
        self._missing: set[str] = set()

    def text(self, text: str) -> None:
        """Write text, in which characters by name stay what they are."""
        self._written.append(text.replace(">", "&gt;"))

    def markup(self, html: str, begins: int) -> int:
        """Write what begins with `<`, and give where it ends."""
        if html.startswith("<!--", begins):
            return self._after(html, "-->", begins + 4)
        if html.startswith(("<!", "<?"), begins):
            return self._after(html, ">", begins)
        found = _TAG.match(html, begins + 1)
        if found is None:
            self._written.append("&lt;")
            return begins + 1
        name, ends = found[2].lower(), self._end_of_tag(html, found.end())
        if found[1]:
            self._end(name)
        elif name in _DROPPED:
            return self._after_dropped(html, name, ends)
        elif name in self._tags:
            self._begin(name, html[found.end() : ends])
        return ends

    def finish(self) -> str:
        """All that was written, with nothing open."""
        self._end_to(0)
        return "".join(self._written)

    def _begin(self, name: str, within: str) -> None:
        if name in _VOID:
            self._written.append(f"<{name}>")
            return
        if name not in _INLINE:
            self._end_looks(name)
        if len(self._open) < _DEEPEST and not (name in _INLINE and name in self._open):
            self._open.append(name)
            self._written.append(f"<{name}{_attributes(within)}>")

    def _end_looks(self, name: str) -> None:
        """End what may hold no block, and what ends by itself before another of its kind."""
        while self._open and self._open[-1] in (*_INLINE, "p"):
            self._end_to(len(self._open) - 1)
        if name in _ENDS_ITSELF and self._open and self._open[-1] == name:
            self._end_to(len(self._open) - 1)

    def _end(self, name: str) -> None:
        if name in self._open:
            place = len(self._open) - 1 - self._open[::-1].index(name)
            self._end_to(place)

    def _end_to(self, place: int) -> None:
        while len(self._open) > place:
            self._written.append(f"</{self._open.pop()}>")

    def _end_of_tag(self, html: str, place: int) -> int:
        """Where a tag ends: at the next `>` that is not within quotation marks, or else at the next."""
        first = ends = self._after(html, ">", place)
        for _ in range(_MOST_PIECES):
            if not _UNCLOSED.search(_CLOSED.sub("", html[place:ends])):
                return ends
            ends = self._after(html, ">", ends)
        return first

    def _after(self, html: str, what: str, place: int) -> int:
        """Where `what` is over; the end of all where it does not come."""
        found = -1 if what in self._missing else html.find(what, place)
        if found < 0:
            self._missing.add(what)
            return len(html)
        return found + len(what)

    def _after_dropped(self, html: str, name: str, place: int) -> int:
        found = None
        if name not in self._missing:
            found = re.compile(rf"</{name}(?=[\s/>])", re.IGNORECASE).search(html, place)
        if found is None:
            # A head that nothing ends is none; of a script all that follows is script.
            self._missing.add(name)
            return place if name == "head" else len(html)
        return self._after(html, ">", found.end())


def _attributes(within: str) -> str:
    kept: dict[str, str] = {}
    for found in _ATTRIBUTE.finditer(within):
        name, value = found[1].lower(), unescape(found[2] or found[3] or found[4] or "")
        if name in _KEPT and len(value) <= _LONGEST_VALUE:
            kept.setdefault(name, value)
    return "".join(f' {name}="{escape(value)}"' for name, value in kept.items())
