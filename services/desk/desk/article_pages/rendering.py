"""Makes the pages that customers see out of templates; all share one frame and one style."""

from __future__ import annotations

import base64
import hashlib
from collections.abc import Mapping
from importlib.resources import files
from typing import Any

from flask import Response
from jinja2 import ChoiceLoader, Environment, PackageLoader, StrictUndefined

from chassis.http.words import LANGUAGES, Words

_FRAME = "desk.article_pages"


class Renderer:
    """Fills the templates of a package; the policy of each page allows the style, pictures, and nothing else."""

    def __init__(self, package: str = _FRAME) -> None:
        templates = files(_FRAME).joinpath("templates")
        self._style = templates.joinpath("style.css").read_text("utf-8")
        digest = base64.b64encode(hashlib.sha256(self._style.encode()).digest()).decode()
        self._policy = (
            f"default-src 'none'; style-src 'sha256-{digest}'; img-src https:; base-uri 'none'; "
            "form-action 'self'; frame-ancestors 'none'"
        )
        self._templates = Environment(
            loader=ChoiceLoader([PackageLoader(package), PackageLoader(_FRAME)]),
            autoescape=True,
            undefined=StrictUndefined,
            trim_blocks=True,
            lstrip_blocks=True,
        )

    def page(
        self,
        words: Words,
        title: str,
        status: int,
        template: str,
        said: Mapping[str, Any],
        *,
        languages: Mapping[str, str] | None = None,
    ) -> Response:
        """A page; `languages` are the addresses of the same page in others."""
        listed = [(tag, LANGUAGES[tag], address) for tag, address in (languages or {}).items()]
        html = self._templates.get_template(f"{template}.html").render(
            t=words, title=title, style=self._style, languages=listed, **said
        )
        response = Response(html, status, content_type="text/html; charset=utf-8")
        response.headers["Content-Security-Policy"] = self._policy
        response.headers["Content-Language"] = words.language
        return response
