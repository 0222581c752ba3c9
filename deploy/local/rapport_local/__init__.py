"""Runs the whole platform on one machine: database, broker, services and gateway, all real."""

from rapport_local.errors import PlatformError
from rapport_local.platform import Platform
from rapport_local.trial import running_platform

__all__ = ["Platform", "PlatformError", "running_platform"]
