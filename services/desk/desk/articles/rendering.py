"""Markdown to HTML that may stand on a page of ours.

Two hands: the parser takes HTML in Markdown as text, and what it makes is cleaned by a list of what is
allowed, so that an error in one of them lets nothing through.
"""

from __future__ import annotations

from collections.abc import Mapping
from functools import lru_cache
from typing import Final

import nh3
from markdown_it import MarkdownIt
from markdown_it.token import Token

_TAGS: Final = frozenset(
    "a blockquote br code del em h2 h3 h4 h5 h6 hr img li ol p pre s strong table tbody td th thead"
    " tr ul".split()
)
_ATTRIBUTES: Final[Mapping[str, set[str]]] = {
    "a": {"href", "title"},
    "img": {"src", "alt", "title"},
    "ol": {"start"},
}
_LAST_LEVEL: Final = 6
_REMEMBERED = 256


@lru_cache(_REMEMBERED)
def html_of(markdown: str) -> str:
    """The HTML of a text. Its headings begin below the page's own; links lead out without a trace."""
    parser = MarkdownIt("commonmark", {"html": False}).enable(["table", "strikethrough"])
    tokens = parser.parse(markdown)
    for token in tokens:
        _lower_heading(token)
    html = parser.renderer.render(tokens, parser.options, {})
    return nh3.clean(
        html,
        tags=set(_TAGS),
        attributes={tag: set(names) for tag, names in _ATTRIBUTES.items()},
        url_schemes={"http", "https", "mailto", "tel"},
        link_rel="noopener noreferrer nofollow",
    )


def _lower_heading(token: Token) -> None:
    if token.type in ("heading_open", "heading_close"):
        token.tag = f"h{min(int(token.tag[1]) + 1, _LAST_LEVEL)}"
