"""HTML of mail: made safe to be shown, without pictures that tell who reads it, and as plain text."""

from __future__ import annotations

import re
from html.parser import HTMLParser

import nh3

from desk.mail_reading.balancing import balanced

_TAGS = frozenset(
    "a b blockquote br code del div em h1 h2 h3 h4 h5 h6 hr i li ol p pre s span strong sub sup table"
    " tbody td tfoot th thead tr u ul".split()
)
_HREFS = frozenset(("http", "https", "mailto", "tel"))
_SEEN = {"div": {"class", "id"}, "blockquote": {"class", "id", "type", "cite"}, "a": {"href"}}
_QUOTES = (
    "gmail_quote",
    "gmail_extra",
    "yahoo_quoted",
    "moz-cite-prefix",
    "protonmail_quote",
    "zmail_extra",
)
_REST = (
    "divrplyfwdmsg",
    "appendonsend",
    "mail-editor-reference-message-container",
    "x_divrplyfwdmsg",
)
_BLOCKS = frozenset("blockquote div h1 h2 h3 h4 h5 h6 hr li ol p pre table tr ul".split())
_VOID = frozenset(("br", "hr"))
_MANY_LINES = re.compile(r"\n{3,}")


def safe_html(html: str) -> str:
    """What may be shown: no scripts, no styles, no pictures, no forms, and links that lead outside."""
    return nh3.clean(
        balanced(html, _TAGS),
        tags=set(_TAGS),
        attributes={
            "a": {"href", "title"},
            "td": {"colspan", "rowspan"},
            "th": {"colspan", "rowspan"},
        },
        url_schemes=set(_HREFS),
        link_rel="noopener noreferrer nofollow",
        clean_content_tags={"script", "style", "title"},
    )


def without_quotation(html: str) -> str:
    """The safe HTML of what the writer of a mail says; all of it where nothing else is left."""
    normal = nh3.clean(
        balanced(html, _TAGS),
        tags=set(_TAGS),
        attributes={tag: set(names) for tag, names in _SEEN.items()},
        url_schemes=set(_HREFS),
    )
    cutter = _Cutter()
    cutter.feed(normal)
    cutter.close()
    kept = "".join(cutter.kept)
    return safe_html(kept if text_of(kept).strip() else html)


def text_of(html: str) -> str:
    """HTML as plain text: lines where there are blocks, and where links lead."""
    writer = _Writer()
    writer.feed(safe_html(html))
    writer.close()
    lines = (" ".join(line.split()) for line in "".join(writer.written).split("\n"))
    return _MANY_LINES.sub("\n\n", "\n".join(lines)).strip()


class _Cutter(HTMLParser):
    """Leaves out what programs mark as a quotation; its input is well-formed."""

    def __init__(self) -> None:
        super().__init__(convert_charrefs=False)
        self.kept: list[str] = []
        self._within = 0
        self._over = False

    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        """Begin to leave out at a quotation."""
        given = {name: (value or "").lower() for name, value in attrs}
        self._over = self._over or given.get("id", "") in _REST
        marked = any(mark in given.get("class", "") for mark in _QUOTES)
        is_quotation = marked or (tag == "blockquote" and given.get("type") == "cite")
        if self._within or is_quotation:
            self._within += tag not in _VOID
        elif not self._over:
            self.kept.append(self.get_starttag_text() or "")

    def handle_endtag(self, tag: str) -> None:
        """End to leave out with it."""
        if self._within:
            self._within -= tag not in _VOID
        elif not self._over:
            self.kept.append(f"</{tag}>")

    def handle_data(self, data: str) -> None:
        """Keep text."""
        self._keep(data)

    def handle_entityref(self, name: str) -> None:
        """Keep a character by name."""
        self._keep(f"&{name};")

    def handle_charref(self, name: str) -> None:
        """Keep a character by number."""
        self._keep(f"&#{name};")

    def _keep(self, data: str) -> None:
        if not self._within and not self._over:
            self.kept.append(data)


class _Writer(HTMLParser):
    """Writes HTML as text."""

    def __init__(self) -> None:
        super().__init__(convert_charrefs=True)
        self.written: list[str] = []
        self._link = ""
        self._linked_from = 0

    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        """Begin a line, or a link."""
        if tag == "br" or tag in _BLOCKS:
            self.written.append("\n")
        if tag in ("p", "table"):
            self.written.append("\n")
        if tag == "li":
            self.written.append("- ")
        if tag in ("td", "th"):
            self.written.append("  ")
        if tag == "a":
            self._link = dict(attrs).get("href") or ""
            self._linked_from = len(self.written)

    def handle_endtag(self, tag: str) -> None:
        """End a line, or say where a link leads that does not say so itself."""
        if tag in _BLOCKS:
            self.written.append("\n")
        if tag == "a" and self._link:
            shown = "".join(self.written[self._linked_from :]).strip()
            where = self._link.removeprefix("mailto:").removeprefix("tel:")
            if where.rstrip("/") not in (shown, f"https://{shown}", f"http://{shown}"):
                self.written.append(f" <{where}>")
            self._link = ""

    def handle_data(self, data: str) -> None:
        """Write text; ends of lines within it mean nothing."""
        self.written.append(data.replace("\n", " "))
