"""The mail that a development platform has sent, for developers to look at: list, letter, its HTML, its source."""

from __future__ import annotations

from collections.abc import Callable

from flask import Blueprint, Response, abort, request

from portal.mailbox import Letter, Mailbox

# What a sender wrote is shown without scripts, forms, or anything fetched from elsewhere, in a frame
# that is no part of this site.
_LETTER_POLICY = (
    "sandbox allow-popups; default-src 'none'; img-src data: 'self'; style-src 'unsafe-inline'; "
    "frame-ancestors 'self'; base-uri 'none'"
)


class MailPages:
    """The pages over a mailbox. `page` renders a template of the site under a title."""

    def __init__(self, mailbox: Mailbox, page: Callable[..., Response]) -> None:
        self._mailbox = mailbox
        self._page = page

    def blueprint(self) -> Blueprint:
        """The routes of the pages."""
        pages = Blueprint("mail", __name__, template_folder="templates")
        pages.add_url_rule("/docs/mail", view_func=self._list, endpoint="list")
        pages.add_url_rule("/docs/mail/<name>", view_func=self._letter, endpoint="letter")
        pages.add_url_rule("/docs/mail/<name>/html", view_func=self._html, endpoint="html")
        pages.add_url_rule("/docs/mail/<name>/source", view_func=self._source, endpoint="source")
        return pages

    def _list(self) -> Response:
        words = request.args.get("q", "").strip()
        lines = self._mailbox.newest(words)
        return self._page("mail.html", "mail", here="mail", lines=lines, words=words)

    def _letter(self, name: str) -> Response:
        letter = self._found(name)
        title = letter.line.subject or name
        return self._page("letter.html", title, here="mail", letter=letter)

    def _html(self, name: str) -> Response:
        response = Response(self._found(name).html, content_type="text/html; charset=utf-8")
        response.headers["Content-Security-Policy"] = _LETTER_POLICY
        response.headers["Cache-Control"] = "no-store"
        return response

    def _source(self, name: str) -> Response:
        source = self._found(name).source.decode("utf-8", "replace")
        return Response(source, content_type="text/plain; charset=utf-8")

    def _found(self, name: str) -> Letter:
        letter = self._mailbox.letter(name)
        if letter is None:
            abort(404)
        return letter
