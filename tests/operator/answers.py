"""What the command answers to programs."""

from __future__ import annotations

import json
from typing import Any

from click.testing import Result


def answer(result: Result) -> Any:
    """The JSON on standard output."""
    return json.loads(result.stdout)
