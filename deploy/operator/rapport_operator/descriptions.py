"""What each service says of itself: what it listens to, its migrations, its version."""

from __future__ import annotations

from importlib import import_module

from chassis.description import Description
from rapport_operator.errors import OperatorError


def description_of(service: str) -> Description:
    """As of the version installed here; raises `OperatorError` when the service is not installed."""
    package = service.replace("-", "_")
    try:
        found = import_module(f"{package}.description").DESCRIPTION
    except ModuleNotFoundError as error:
        raise OperatorError(
            f"the package of {service} is not installed here ({error.name}): "
            "run this in the image that the services run in"
        ) from None
    if not isinstance(found, Description):
        raise OperatorError(f"{package}.description names no Description")
    return found
