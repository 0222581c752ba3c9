"""Where the outside must be asked first: whether an address may be called."""

from __future__ import annotations

from chassis.domain import Invalid
from chassis.outbound.errors import OutboundFailed, OutboundRefused
from chassis.outbound.http import OutboundHttp


def require_address(outbound: OutboundHttp, url: str) -> None:
    """Raise `Invalid` for an address that is not to be called, or that leads nowhere.

    It is looked at again with every delivery, since a name may lead somewhere else by then.
    """
    try:
        outbound.check(url)
    except OutboundRefused as error:
        raise Invalid.at("/url", error.code, error.message) from None
    except OutboundFailed as error:
        raise Invalid.at("/url", "host_unknown", error.message) from None
