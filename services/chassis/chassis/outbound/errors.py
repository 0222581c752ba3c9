"""Why a call to an address outside came to nothing."""

from __future__ import annotations

from enum import StrEnum


class OutboundRefused(Exception):
    """The address is one that is never called: trying again cannot help while it stays as it is.

    `code` is stable: `not_a_url`, `not_https`, `host_not_allowed`, `port_not_allowed`.
    """

    def __init__(self, code: str, message: str) -> None:
        super().__init__(message)
        self.code = code
        self.message = message


class Failure(StrEnum):
    """At which step a call failed."""

    RESOLVE = "resolve"
    CONNECT = "connect"
    TLS = "tls"
    SEND = "send"
    TIMEOUT = "timeout"
    PROTOCOL = "protocol"


class OutboundFailed(Exception):
    """The call was tried and there is no answer; another time it may go well.

    `handed_over` says whether the receiver may have got the request: then nobody can tell here
    whether it had its effect.
    """

    def __init__(self, failure: Failure, message: str, *, handed_over: bool) -> None:
        super().__init__(message)
        self.failure = failure
        self.message = message
        self.handed_over = handed_over
