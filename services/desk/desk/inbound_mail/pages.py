"""Where mail servers hand mail over: to one mailbox with its secret, or to the platform with its own.

The answer is 200 once the mail is stored for good, whatever becomes of it, so that nobody sends it
again. 404 means that nobody here gets mail at that address. With any other answer, or none, whoever has
the mail keeps it and tries again: the same mail twice is one.
"""

from __future__ import annotations

import hmac
from collections.abc import Sequence
from uuid import UUID

import orjson
from flask import Response, request

from chassis.context import service_caller
from chassis.domain import Clock, Forbidden, Invalid, NotFound, Unavailable
from chassis.http.pages import Pages
from chassis.http.problem import HttpProblem, Problem, problem_response
from chassis.storage.scope import EVERYTHING
from chassis.storage.unit_of_work import Operations
from desk.inbound_mail.domain import LARGEST, InboundMail
from desk.inbound_mail.flows import MailIntake
from desk.mailboxes.answer_addresses import plain_address
from desk.mailboxes.domain import Mailbox
from desk.mailboxes.operations import digest_of
from desk.mailboxes.queries import NOBODY, get_mailbox, owners_of, tenant_of_mailbox
from desk.metrics import inbound_mails
from desk.open_tenants import OpenTenants
from desk.transaction import DeskTx

PATH = "/p/desk/mail"
_KINDS = ("message/rfc822", "application/octet-stream")
_MOST_RECIPIENTS = 100
_SUSPENDED = "mailbox_suspended"
_FOR_MANY = 50
"""Few addresses hand over the mail of all: so many times what one visitor may ask."""
_LONGEST_ADDRESS = 320


def mail_pages(
    operations: Operations[DeskTx],
    intake: MailIntake,
    tenants: OpenTenants,
    clock: Clock,
    platform_secret: str | None,
) -> Pages:
    """The pages, declared; without a secret of the platform there is only the way by a mailbox's own."""
    pages = Pages("mail", refuse=_refused, limit_times=_FOR_MANY, body_limit=LARGEST)
    page = MailPages(operations, intake, tenants, clock, platform_secret)
    why = "mail servers have no account here, and show the secret of a mailbox or of the platform"
    pages.page(f"{PATH}/<uuid:mailbox_id>", "POST", public_because=why)(page.to_mailbox)
    pages.page(PATH, "POST", public_because=why)(page.to_recipients)
    return pages


class MailPages:
    """Takes mail over."""

    def __init__(
        self,
        operations: Operations[DeskTx],
        intake: MailIntake,
        tenants: OpenTenants,
        clock: Clock,
        platform_secret: str | None,
    ) -> None:
        self._operations = operations
        self._intake = intake
        self._tenants = tenants
        self._clock = clock
        self._platform_secret = platform_secret

    def to_mailbox(self, mailbox_id: UUID) -> Response:
        """Take a mail over for one mailbox, from who shows its secret."""
        tenant_id = self._operations.look_up(NOBODY, tenant_of_mailbox, mailbox_id)
        if tenant_id is None:
            raise NotFound.of("mailbox", mailbox_id)
        mailbox = self._mailbox(tenant_id, mailbox_id)
        if not mailbox.secret.fits(digest_of(_shown_secret()), self._clock.now()):
            raise Forbidden("The secret of the mailbox is another one.", code="mail_secret_wrong")
        return self._taken([(tenant_id, mailbox)], _addresses("recipient"))

    def to_recipients(self) -> Response:
        """Take a mail over for whatever mailboxes its recipients are, from who shows the platform's secret."""
        expected = self._platform_secret
        if expected is None or not _is_same(_shown_secret(), expected):
            raise Forbidden("The secret of the platform is another one.", code="mail_secret_wrong")
        recipients = _addresses("recipient")
        plain = list(dict.fromkeys(plain_address(one) for one in recipients))
        owners = self._operations.look_up(NOBODY, owners_of, plain) if plain else []
        if not owners:
            message = "Nobody here gets mail at any of these addresses."
            raise HttpProblem(404, "mailbox_unknown", message)
        found = [(tenant_id, self._mailbox(tenant_id, one)) for tenant_id, one in owners]
        return self._taken(found, recipients)

    def _mailbox(self, tenant_id: UUID, mailbox_id: UUID) -> Mailbox:
        caller = service_caller("desk", tenant_id)
        return self._operations.read(caller, EVERYTHING, get_mailbox, mailbox_id)

    def _taken(self, owners: Sequence[tuple[UUID, Mailbox]], envelope: Sequence[str]) -> Response:
        content = _content()
        sender = next(iter(_addresses("sender", may_be_empty=True)), None)
        mails = []
        for tenant_id, mailbox in owners:
            if not self._tenants.are_open(tenant_id):
                message = "The mailbox takes nothing at present."
                raise Unavailable(message, code=_SUSPENDED, retry_after=3600)
            mails.append(self._intake.take(tenant_id, mailbox, content, sender, envelope))
        return Response(
            orjson.dumps({"items": [_shown(mail) for mail in mails]}),
            200,
            content_type="application/json",
        )


def _shown(mail: InboundMail) -> dict[str, str]:
    return {
        "mail_id": str(mail.id),
        "mailbox_id": str(mail.mailbox_id),
        "outcome": mail.landing.outcome,
    }


def _shown_secret() -> str:
    scheme, _, secret = request.headers.get("Authorization", "").partition(" ")
    if scheme.lower() != "bearer" or not secret.strip():
        raise HttpProblem(
            401,
            "token_missing",
            "The secret is needed as a bearer token.",
            headers={"WWW-Authenticate": "Bearer"},
        )
    return secret.strip()[:200]


def _is_same(given: str, expected: str) -> bool:
    return hmac.compare_digest(given.encode("utf-8", "replace"), expected.encode())


def _addresses(name: str, *, may_be_empty: bool = False) -> list[str]:
    found = request.args.getlist(name)
    if len(found) > _MOST_RECIPIENTS:
        message = f"A mail is handed over for at most {_MOST_RECIPIENTS} recipients at once."
        raise Invalid.at(name, "too_many_recipients", message)
    for one in found:
        if len(one) > _LONGEST_ADDRESS or (not one and not may_be_empty) or not one.isprintable():
            raise Invalid.at(name, "not_an_address", "That is no address.")
    return found


def _content() -> bytes:
    if request.mimetype not in _KINDS:
        raise HttpProblem(415, "media_type", f"The body has to be {' or '.join(_KINDS)}.")
    content = request.get_data(cache=False)
    if not content:
        raise HttpProblem(400, "body_missing", "The request needs a mail as its body.")
    return content


def _refused(problem: Problem) -> Response:
    is_ours = problem.status >= 500 and problem.code != _SUSPENDED
    inbound_mails.labels("failed" if is_ours else "refused").inc()
    return problem_response(problem, request.path)
