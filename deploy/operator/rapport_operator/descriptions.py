"""What each service says of itself: what it listens to, its migrations, its version."""

from __future__ import annotations

from importlib import import_module
from types import ModuleType

from chassis.description import Description
from rapport_operator.errors import OperatorError


def module_of(service: str, module: str) -> ModuleType:
    """A module of the service's package, as of the version installed here.

    Raises `OperatorError` when the service is not installed.
    """
    package = service.replace("-", "_")
    try:
        return import_module(f"{package}.{module}")
    except ModuleNotFoundError as error:
        raise OperatorError(
            f"the package of {service} is not installed here ({error.name}): "
            "run this in the image that the services run in"
        ) from None


def description_of(service: str) -> Description:
    """As of the version installed here; raises `OperatorError` when the service is not installed."""
    found = module_of(service, "description").DESCRIPTION
    if not isinstance(found, Description):
        raise OperatorError(f"{service.replace('-', '_')}.description names no Description")
    return found
