"""What all public pages share: one small template, strict headers, refusals in the reader's language."""

from __future__ import annotations

import hashlib
from base64 import b64encode
from typing import Any, Final

from flask import Response, request
from jinja2 import Environment, StrictUndefined
from markupsafe import Markup

from chassis.http.problem import Problem
from notifications.pages.words import Words, words_for

STYLE: Final = (
    "body{font:16px/1.6 system-ui,sans-serif;margin:0;background:#f4f5f7;color:#1c1e21}"
    "main{max-width:32rem;margin:10vh auto;padding:2rem;background:#fff;border-radius:8px}"
    "h1{font-size:1.4rem;margin-top:0}button{font:inherit;padding:.5rem 1.2rem;border:0;"
    "border-radius:6px;background:#1257a8;color:#fff;cursor:pointer}"
    "button.plain{background:#e4e6ea;color:#1c1e21}label{display:block;padding:.4rem 0}"
    "form{margin:1rem 0}"
    "@media(prefers-color-scheme:dark){body{background:#16181c;color:#e6e8eb}"
    "main{background:#22262c}a{color:#8ab8f0}}"
)
_STYLE_HASH = b64encode(hashlib.sha256(STYLE.encode()).digest()).decode()
HEADERS: Final = {
    "Cache-Control": "no-store",
    "X-Content-Type-Options": "nosniff",
    "X-Frame-Options": "DENY",
    "Referrer-Policy": "no-referrer",
    "X-Robots-Tag": "noindex",
    "Content-Security-Policy": (
        f"default-src 'none'; style-src 'sha256-{_STYLE_HASH}'; base-uri 'none';"
        " frame-ancestors 'none'; form-action 'self'"
    ),
}
_PAGE = """<!doctype html>
<html lang="{{ t.language }}"><head><meta charset="utf-8">
<meta name="viewport" content="width=device-width, initial-scale=1">
<title>{{ title }}</title><style>{{ style }}</style></head>
<body><main><h1>{{ title }}</h1>
{% for paragraph in paragraphs %}<p>{{ paragraph }}</p>{% endfor %}
{% if form %}<form method="post">
{% for choice in form.choices %}
<label><input type="checkbox" name="choice" value="{{ choice.value }}"
{%- if choice.checked %} checked{% endif %}> {{ choice.label }}</label>
{% endfor %}
{% for name, value in form.hidden %}<input type="hidden" name="{{ name }}" value="{{ value }}">{% endfor %}
<button name="action" value="{{ form.action }}">{{ form.button }}</button></form>{% endif %}
{% if extra %}<form method="post"><button class="plain" name="action" value="{{ extra.action }}">
{{- extra.button }}</button></form>{% endif %}
{% if link %}<p><a href="{{ link.address }}">{{ link.text }}</a></p>{% endif %}
</main></body></html>
"""
_TEMPLATE = Environment(autoescape=True, undefined=StrictUndefined).from_string(_PAGE)


def page(words: Words, title: str, *paragraphs: str, status: int = 200, **parts: Any) -> Response:
    """A page with a title and some text; `form`, `extra` and `link` are what can be done."""
    shown = {"form": None, "extra": None, "link": None, **parts}
    html = _TEMPLATE.render(
        t=words,
        title=title,
        paragraphs=paragraphs,
        style=Markup(STYLE),  # noqa: S704 - our own text
        **shown,
    )
    response = Response(html, status, content_type="text/html; charset=utf-8")
    response.headers["Content-Language"] = words.language
    return response


def words_of_browser(*known: str) -> Words:
    """The reader's language, as far as it is known, else as the browser asks for."""
    accepted = [tag for tag, _ in request.accept_languages]
    return words_for(request.args.get("lang", ""), *known, accepted=accepted)


def refuse(problem: Problem) -> Response:
    """A refusal as a page."""
    words = words_of_browser()
    text = words("error.later" if problem.status in (429, 500, 503) else "error.link")
    return page(words, words("error.title"), text, status=problem.status)
