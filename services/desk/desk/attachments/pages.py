"""Where customers get files: by a signed link, with no account."""

from __future__ import annotations

from flask import Response, request

from chassis.context import service_caller
from chassis.domain import Clock, NotFound
from chassis.http.pages import Pages
from chassis.http.problem import Problem, problem_response
from chassis.storage.scope import EVERYTHING
from chassis.storage.unit_of_work import Operations
from desk.attachments.files import FileStore
from desk.attachments.links import PAGE, FileLinks
from desk.attachments.queries import get_attachment
from desk.attachments.serving import file_headers
from desk.open_tenants import OpenTenants
from desk.transaction import DeskTx

_HEADERS = {
    "Cache-Control": "no-store",
    "X-Content-Type-Options": "nosniff",
    "Referrer-Policy": "no-referrer",
    "X-Robots-Tag": "noindex",
}


def attachment_pages(
    operations: Operations[DeskTx],
    files: FileStore,
    links: FileLinks,
    tenants: OpenTenants,
    clock: Clock,
) -> Pages:
    """The pages, declared."""
    pages = Pages("attachments", refuse=_refused, headers=_HEADERS)

    @pages.page(
        PAGE, public_because="the link itself is signed, and customers have no account here"
    )
    def follow_file_link() -> Response:
        """Send the file that a link leads to."""
        link = links.read(request.args.get("token", ""), clock.now())
        if link is None:
            raise NotFound("This link is not complete, or has ended. / 此連結不完整或已失效。")
        tenants.require(link.tenant_id)
        caller = service_caller("desk", link.tenant_id)
        one = operations.read(caller, EVERYTHING, get_attachment, link.attachment_id)
        response = Response(
            files.read(link.tenant_id, link.attachment_id), content_type=one["content_type"]
        )
        response.headers.update(file_headers(one))
        return response

    return pages


def _refused(problem: Problem) -> Response:
    """Words for a browser, a problem document for all else."""
    if "text/html" not in request.headers.get("Accept", ""):
        return problem_response(problem, request.path)
    text = problem.detail if problem.status < 500 else "Please try again later. / 請稍後再試。"
    return Response(text, problem.status, content_type="text/plain; charset=utf-8")
