"""Puts another part in the place of one that a service was built with."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

from chassis.service import Part, Service


def replace_part(
    service: Service[Any], kind: type[object], make: Callable[[Service[Any]], Part]
) -> None:
    """Give the worker role another part of this kind; fails if it has none."""
    parts = service._worker_parts  # noqa: SLF001 - a saboteur breaks in
    [place] = [number for number, part in enumerate(parts) if isinstance(part, kind)]
    parts[place] = make(service)
