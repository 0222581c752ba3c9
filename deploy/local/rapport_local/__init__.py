"""Runs the whole platform on one machine: database, broker, services and gateway, all real."""

from rapport_local.errors import PlatformError
from rapport_local.platform import Platform, running_platform

__all__ = ["Platform", "PlatformError", "running_platform"]
