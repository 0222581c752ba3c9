"""A push service over HTTP."""

from services.notifications.tests.providers.conftest import remote

__all__ = ["remote"]
