"""The kinds of refusals that every service knows, with what they mean to a caller.

`code` is the last part of a problem's `type`, whose address the portal documents.
"""

from __future__ import annotations

from dataclasses import dataclass


@dataclass(frozen=True, slots=True)
class ProblemKind:
    """One kind of refusal: its stable code, the HTTP status it comes with, and what to do."""

    code: str
    status: int
    description: str


PLATFORM_PROBLEMS = (
    ProblemKind("bad_request", 400, "The request cannot be understood; `detail` says why."),
    ProblemKind("body_missing", 400, "The operation needs a JSON body, and none was sent."),
    ProblemKind(
        "json_unparsable", 400, "The body is not JSON in UTF-8; `detail` says where it breaks."
    ),
    ProblemKind(
        "unknown_parameter",
        400,
        "A query parameter or operator means nothing here; `errors` names it. Nothing is ignored"
        " silently, since a misspelt filter would return far too much.",
    ),
    ProblemKind("parameter_invalid", 400, "A query parameter has a value that it cannot have."),
    ProblemKind("parameter_repeated", 400, "A query parameter was given more than once."),
    ProblemKind(
        "page_token_invalid",
        400,
        "The page token was changed, or is of a list with other filters or another order."
        " Begin again without a token.",
    ),
    ProblemKind("token_missing", 401, "The operation needs an access token as bearer."),
    ProblemKind(
        "token_invalid",
        401,
        "The access token has expired, was revoked, or is not one of this platform. Get a new one.",
    ),
    ProblemKind("permission_missing", 403, "The token lacks the permission that is named."),
    ProblemKind("forbidden", 403, "The caller may not do this."),
    ProblemKind("tenant_needed", 403, "The operation needs the token of a tenant."),
    ProblemKind("operator_needed", 403, "The operation is for the platform's operators only."),
    ProblemKind("service_needed", 403, "The operation is for the platform's services only."),
    ProblemKind(
        "not_found",
        404,
        "There is no such thing, or it is another tenant's, or out of the caller's reach.",
    ),
    ProblemKind("route_unknown", 404, "There is no operation at this address."),
    ProblemKind("method_not_allowed", 405, "The address knows other methods; `Allow` names them."),
    ProblemKind("conflict", 409, "The request does not go with the state that things are in."),
    ProblemKind(
        "idempotency_key_in_use",
        409,
        "The first request with this Idempotency-Key is still running. Ask again shortly.",
    ),
    ProblemKind("job_finished", 409, "The job has ended already."),
    ProblemKind("length_needed", 411, "The body needs a Content-Length."),
    ProblemKind(
        "version_mismatch",
        412,
        "The resource is at another version than `If-Match` says. Read it again, then decide.",
    ),
    ProblemKind("body_too_large", 413, "The body is larger than the bound in `detail`."),
    ProblemKind("line_too_long", 413, "A line of the stream is longer than the bound in `detail`."),
    ProblemKind("query_too_long", 414, "The query is longer than the bound in `detail`."),
    ProblemKind("media_type", 415, "The body's media type is not one that the operation takes."),
    ProblemKind(
        "validation_failed", 422, "The body does not fit its schema; `errors` points at each place."
    ),
    ProblemKind("invalid_value", 422, "A value is not allowed; `errors` points at each place."),
    ProblemKind("json_out_of_bounds", 422, "The JSON is too deep, too wide, or has a long string."),
    ProblemKind("not_an_object", 422, "The body has to be a JSON object."),
    ProblemKind(
        "idempotency_key_reused", 422, "The Idempotency-Key was used with another request before."
    ),
    ProblemKind("idempotency_key_invalid", 422, "An Idempotency-Key has 1 to 255 characters."),
    ProblemKind(
        "batch_refused",
        422,
        "An atomic batch was refused as a whole; `errors` points at the items.",
    ),
    ProblemKind(
        "rate_limited", 429, "The client calls too often; `Retry-After` says how long to wait."
    ),
    ProblemKind("internal_error", 500, "A defect. Report it with the trace id."),
    ProblemKind("unavailable", 503, "Something that is needed does not answer. Try again later."),
    ProblemKind("database_busy", 503, "The database is too busy for this now. Try again later."),
    ProblemKind("peer_unavailable", 503, "Another service does not answer now. Try again later."),
    ProblemKind("rendering_busy", 503, "Too many documents are being made; try again later."),
    ProblemKind(
        "service_token_unavailable", 503, "The service cannot get a token now. Try again later."
    ),
)
