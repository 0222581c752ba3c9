"""How files leave: to be saved, never to be shown or run by a browser in the platform's name."""

from __future__ import annotations

import re
from typing import Any
from urllib.parse import quote

_PLAIN = re.compile(r"[^A-Za-z0-9._ -]")


def file_headers(attachment: dict[str, Any]) -> dict[str, str]:
    """The headers of an answer that is a file (RFC 6266: the plain name for what knows no other)."""
    name = attachment["name"]
    plain, encoded = _PLAIN.sub("_", name), quote(name, safe="")
    return {
        "Content-Length": str(attachment["size"]),
        "Content-Disposition": f"attachment; filename=\"{plain}\"; filename*=UTF-8''{encoded}",
        "X-Content-Type-Options": "nosniff",
        "Content-Security-Policy": "default-src 'none'; sandbox",
        "Cache-Control": "private, no-store",
        "Referrer-Policy": "no-referrer",
    }
