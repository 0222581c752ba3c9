"""The page that a member's link leads to: who invites, to what, and with which code (LO-8).

It sends nobody anywhere: the friend goes on by a link to the one address that the tenant has
configured, which is named on the page. Of the member it shows a first name, if they allow it, and
nothing else. A code that cannot be one costs no look into the database.
"""

from __future__ import annotations

import base64
import hashlib
from collections.abc import Mapping
from dataclasses import dataclass
from importlib.resources import files
from typing import Any
from urllib.parse import urlsplit

import orjson
from flask import Response, request
from jinja2 import Environment, PackageLoader, StrictUndefined

from chassis.context import service_caller
from chassis.domain import NotFound
from chassis.http.pages import Pages
from chassis.http.problem import HttpProblem, Problem, problem_response
from chassis.http.words import LANGUAGES, Words, catalogues, said_in, words_for
from chassis.storage.database import Database
from chassis.storage.scope import EVERYTHING
from chassis.storage.unit_of_work import Operations, Reading
from loyalty.codes.domain import normalized
from loyalty.gifts.domain import Gift
from loyalty.members.queries import active_members
from loyalty.programs.domain import ProgramTerms
from loyalty.programs.queries import program
from loyalty.referral_codes.domain import SHAPE, ReferralCode
from loyalty.referral_codes.queries import find_code, tenant_of_code
from loyalty.referral_terms.domain import ReferralPolicy
from loyalty.referral_terms.queries import find_terms
from loyalty.transaction import LoyaltyTx

PAGE = "/p/loyalty/r/<string:code>"
CATALOGUE = catalogues(Words, "loyalty.referral_codes")
_NOWHERE, _GONE = 404, 410
_HEADERS = {
    "Cache-Control": "no-store",
    "X-Content-Type-Options": "nosniff",
    "X-Frame-Options": "DENY",
    "X-Robots-Tag": "noindex, nofollow, noarchive",
    "Referrer-Policy": "no-referrer",
    "Cross-Origin-Opener-Policy": "same-origin",
    "Permissions-Policy": "camera=(), geolocation=(), microphone=(), payment=()",
    "Vary": "Accept, Accept-Language",
}


@dataclass(frozen=True, slots=True)
class Invitation:
    """What a code leads to."""

    code: ReferralCode
    program: ProgramTerms
    policy: ReferralPolicy


def referral_pages(database: Database, operations: Operations[LoyaltyTx]) -> Pages:
    """The page, declared."""
    page = ReferralPages(database, operations)
    pages = Pages("referrals", refuse=page.refuse, headers=_HEADERS, body_limit=1024)
    why = "friends who follow a member's link have no token"
    pages.page(PAGE, "GET", public_because=why)(page.show)
    return pages


class ReferralPages:
    """Shows invitations."""

    def __init__(self, database: Database, operations: Operations[LoyaltyTx]) -> None:
        self._database = database
        self._operations = operations
        templates = files("loyalty.referral_codes").joinpath("templates")
        self._style = templates.joinpath("style.css").read_text("utf-8")
        digest = base64.b64encode(hashlib.sha256(self._style.encode()).digest()).decode()
        self._policy = (
            f"default-src 'none'; style-src 'sha256-{digest}'; base-uri 'none'; "
            "form-action 'none'; frame-ancestors 'none'"
        )
        self._template = Environment(
            loader=PackageLoader("loyalty.referral_codes"),
            autoescape=True,
            undefined=StrictUndefined,
            trim_blocks=True,
            lstrip_blocks=True,
        ).get_template("invitation.html")

    def show(self, code: str) -> Response:
        """Say who invites to what, and hand over the code; changes nothing."""
        invitation = self._invitation(normalized(code))
        words = _words()
        if not _wants_html():
            return _json(_as_json(invitation, words))
        address = invitation.policy.sign_up_address(invitation.code.written)
        said = {
            "title": words("title", program=invitation.program.name),
            "texts": _texts(invitation, words),
            "code": invitation.code.written,
            "address": address,
            "host": urlsplit(address).hostname or "",
        }
        return self._page(words, 200, said)

    def refuse(self, problem: Problem) -> Response:
        """A refusal: words for a browser, a problem document for all else."""
        if not _wants_html():
            return problem_response(problem, request.path)
        known = {_NOWHERE: "unknown", _GONE: "gone", 429: "busy", 503: "busy"}
        key, words = known.get(problem.status, "failed"), _words()
        said = {"title": words(f"{key}.title"), "texts": [words(f"{key}.text")]}
        return self._page(words, problem.status, {"code": "", "address": "", "host": "", **said})

    def _invitation(self, code: str) -> Invitation:
        tenant_id = tenant_of_code(self._database, code) if SHAPE.fits(code) else None
        if tenant_id is None:
            raise NotFound("There is no such code.")
        caller = service_caller("loyalty", tenant_id)
        found = self._operations.read(caller, EVERYTHING, _look, code)
        if found is None:
            raise HttpProblem(_GONE, "referral_code_off", "This invitation holds no more.")
        return found

    def _page(self, words: Words, status: int, said: Mapping[str, Any]) -> Response:
        languages = list(LANGUAGES.items())
        html = self._template.render(t=words, style=self._style, languages=languages, **said)
        response = Response(html, status, content_type="text/html; charset=utf-8")
        response.headers["Content-Security-Policy"] = self._policy
        response.headers["Content-Language"] = words.language
        return response


def _look(reading: Reading, code: str) -> Invitation | None:
    """What a code leads to; None for one that can be used no more."""
    found = find_code(reading, code)
    terms = None if found is None else find_terms(reading, found.program_id)
    if found is None or terms is None or not (found.enabled and terms.policy.enabled):
        return None
    # By the person, who may have become another member by a merge.
    person_id = found.person_id
    members = [] if person_id is None else active_members(reading, person_id)
    if all(member.program_id != found.program_id for member in members):
        return None
    return Invitation(found, program(reading, found.program_id).terms, terms.policy)


def _texts(invitation: Invitation, words: Words) -> list[str]:
    name, of = invitation.code.shown_name, invitation.program
    invited = (
        words("invited_by", name=name, program=of.name)
        if name
        else words("invited", program=of.name)
    )
    return [invited, *_promise(invitation.policy.friend_gift, of, words)]


def _promise(gift: Gift, of: ProgramTerms, words: Words) -> list[str]:
    if gift.points:
        points_name = said_in(words.language, of.points_name)
        return [words("points", points=gift.points, points_name=points_name)]
    return [] if gift.is_nothing else [words("gift")]


def _as_json(invitation: Invitation, words: Words) -> dict[str, Any]:
    code, policy = invitation.code, invitation.policy
    return {
        "program": invitation.program.name,
        "invited_by": code.shown_name or None,
        "code": code.written,
        "points": policy.friend_gift.points,
        "sign_up_url": policy.sign_up_address(code.written) or None,
        "language": words.language,
        "texts": _texts(invitation, words),
    }


def _wants_html() -> bool:
    return "text/html" in request.headers.get("Accept", "")


def _words() -> Words:
    """The texts in the language that is chosen on the page, else the browser's."""
    chosen = request.args.get("lang", "")[:20]
    return words_for(CATALOGUE, (chosen, *request.accept_languages.values()))


def _json(body: object) -> Response:
    return Response(orjson.dumps(body), 200, content_type="application/json")
