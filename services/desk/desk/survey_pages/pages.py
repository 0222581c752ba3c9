"""The page on which a customer says how content they are, by a link of ours, without signing in.

Looking at it changes nothing: readers of mail and what guards them follow links before people do. Only
the form counts; a score in the address is merely chosen already.
"""

from __future__ import annotations

from http import HTTPStatus
from typing import Any
from urllib.parse import urlencode
from uuid import UUID

from flask import Response, request

from chassis.context import Caller, service_caller
from chassis.domain import Clock, Conflict, Invalid, NotFound
from chassis.http.pages import Pages
from chassis.http.problem import HttpProblem, Problem
from chassis.http.words import LANGUAGES, Words, catalogues, words_for
from chassis.storage.scope import EVERYTHING
from chassis.storage.unit_of_work import Operations, Reading
from chassis.telemetry.tracing import current_trace_id
from desk.article_pages.rendering import Renderer
from desk.open_tenants import NOT_AVAILABLE, OpenTenants
from desk.survey_requests.domain import LONGEST_COMMENT, RequestState, SurveyRequest
from desk.survey_requests.links import PAGES, SurveyLinks
from desk.survey_requests.operations import answer_survey
from desk.survey_requests.storage import request_or_none
from desk.surveys.domain import SCORES, SurveyKind
from desk.surveys.storage import survey_or_none
from desk.transaction import DeskTx

CATALOGUE = catalogues(Words, "desk.survey_pages")
_HEADERS = {
    "Cache-Control": "no-store",
    "X-Content-Type-Options": "nosniff",
    "X-Frame-Options": "DENY",
    "X-Robots-Tag": "noindex, nofollow, noarchive",
    # The address of the page stands for the customer, so nobody else may see it.
    "Referrer-Policy": "no-referrer",
    "Cross-Origin-Opener-Policy": "same-origin",
    "Permissions-Policy": "camera=(), geolocation=(), microphone=(), payment=()",
}


def survey_pages(
    operations: Operations[DeskTx], links: SurveyLinks, tenants: OpenTenants, clock: Clock
) -> Pages:
    """The page, declared."""
    page = SurveyPage(operations, links, tenants, clock)
    pages = Pages("surveys", refuse=page.refuse, headers=_HEADERS, body_limit=32 * 1024)
    proof = "the link that went to the customer is the proof"
    pages.page(f"{PAGES}/<token>", "GET", public_because=proof)(page.show)
    pages.page(f"{PAGES}/<token>", "POST", public_because=proof)(page.take)
    return pages


class SurveyPage:
    """Shows the question, and takes the answer."""

    def __init__(
        self,
        operations: Operations[DeskTx],
        links: SurveyLinks,
        tenants: OpenTenants,
        clock: Clock,
    ) -> None:
        self._operations = operations
        self._links = links
        self._tenants = tenants
        self._clock = clock
        self._renderer = Renderer("desk.survey_pages")

    def show(self, token: str) -> Response:
        """Show the question; changes nothing."""
        tenant_id, request_id = self._who(token)
        return self._form(token, tenant_id, request_id, wrong=False)

    def take(self, token: str) -> Response:
        """Take the answer, and send the browser on."""
        if request.headers.get("Sec-Fetch-Site", "same-origin") not in ("same-origin", "none"):
            message = "Surveys are answered on their own page only."
            raise HttpProblem(403, "origin_refused", message)
        tenant_id, request_id = self._who(token)
        score, comment = _score(request.form.get("score", "")), _comment()
        if score is None or len(comment) > LONGEST_COMMENT:
            return self._form(token, tenant_id, request_id, wrong=True)
        try:
            self._operations.run(_caller(tenant_id), answer_survey, request_id, score, comment)
        except Invalid:
            return self._form(token, tenant_id, request_id, wrong=True)
        except Conflict as error:
            if error.code != "survey_closed":
                raise
            return self._form(token, tenant_id, request_id, wrong=False)
        return Response(status=303, headers={"Location": _address(token, _wish(), done="yes")})

    def refuse(self, problem: Problem) -> Response:
        """A refusal as a page."""
        words, key = _words(), "failed"
        if problem.status == HTTPStatus.NOT_FOUND:
            key = "closed" if problem.code == NOT_AVAILABLE else "missing"
        elif problem.status in (HTTPStatus.TOO_MANY_REQUESTS, HTTPStatus.SERVICE_UNAVAILABLE):
            key = "busy"
        said = {"text": words(f"{key}.text", trace_id=current_trace_id() or "-")}
        return self._renderer.page(words, words(f"{key}.title"), problem.status, "notice", said)

    def _who(self, token: str) -> tuple[UUID, UUID]:
        """Tenant and request of a link. Raises `NotFound` for one that is not ours."""
        read = self._links.read(token)
        if read is None:
            raise NotFound("That is no link of ours.")
        self._tenants.require(read[0])
        return read

    def _form(self, token: str, tenant_id: UUID, request_id: UUID, *, wrong: bool) -> Response:
        words = _words()
        asked, question = self._operations.read(
            _caller(tenant_id), EVERYTHING, _asked, request_id, words.language
        )
        is_open = asked.can_answer(self._clock.now())
        chosen = _score(request.values.get("score", "")) if is_open else None
        done = request.args.get("done") == "yes" and asked.state is RequestState.ANSWERED
        said: dict[str, Any] = {
            "question": question or words(f"{asked.kind}.question"),
            "kind": asked.kind,
            "scores": list(SCORES[asked.kind]),
            "chosen": asked.score if chosen is None else chosen,
            "comment": asked.comment,
            "longest": LONGEST_COMMENT,
            "action": _address(token, words.language),
            "is_open": is_open,
            "wrong": wrong,
            "done": done,
        }
        addresses = {tag: _address(token, tag) for tag in LANGUAGES}
        status, title = (422 if wrong else 200), words("title")
        return self._renderer.page(words, title, status, "survey", said, languages=addresses)


def _asked(reading: Reading, request_id: UUID, language: str) -> tuple[SurveyRequest, str]:
    """Who was asked, and the tenant's own question in the language; empty for the usual one.

    Raises `NotFound` for what was never sent.
    """
    asked = request_or_none(reading, request_id)
    if asked is None or asked.sent_at is None:
        raise NotFound.of("survey request", request_id)
    survey = survey_or_none(reading, asked.survey_id)
    own = {} if survey is None else survey.terms.question
    return asked, own.get(language) or next(iter(own.values()), "")


def _score(text: str) -> int | None:
    """The score that a text says; None for anything else."""
    most = SCORES[SurveyKind.NPS][-1]
    return next((one for one in range(most + 1) if text == str(one)), None)


def _comment() -> str:
    """What was written, without what no text column can hold."""
    text = request.form.get("comment", "").replace("\x00", "").replace("\r\n", "\n").strip()
    return text.encode("utf-8", "replace").decode()


def _wish() -> str:
    return request.args.get("lang", "")[:20]


def _words() -> Words:
    """The texts in the language that is chosen, else the browser's."""
    return words_for(CATALOGUE, (_wish(), *request.accept_languages.values()))


def _address(token: str, language: str, **more: str) -> str:
    query = {**({"lang": language} if language else {}), **more}
    return f"{PAGES}/{token}" + (f"?{urlencode(query)}" if query else "")


def _caller(tenant_id: UUID) -> Caller:
    return service_caller("desk", tenant_id)
