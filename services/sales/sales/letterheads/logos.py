"""Which pictures can be a logo: those that are decoded to the end, within bounds."""

from __future__ import annotations

import io
import warnings

from PIL import Image

from chassis.domain import Invalid
from sales.letterheads.domain import LARGEST_LOGO

FORMATS = {"PNG": "image/png", "JPEG": "image/jpeg"}
_MOST_PIXELS = 4_000_000


def require_logo(picture: bytes) -> None:
    """Raises `Invalid` for what is no PNG or JPEG, is broken, or is too large."""
    if len(picture) > LARGEST_LOGO:
        message = f"A logo has at most {LARGEST_LOGO} bytes, and this one has {len(picture)}."
        raise Invalid.at("/logo", "logo_too_large", message)
    try:
        with warnings.catch_warnings():
            warnings.simplefilter("error", Image.DecompressionBombWarning)
            with Image.open(io.BytesIO(picture), formats=list(FORMATS)) as image:
                # What the header says is looked at before anything is decoded.
                pixels = image.width * image.height
                if pixels <= _MOST_PIXELS:
                    image.load()
    except (OSError, ValueError, SyntaxError, Warning, Image.DecompressionBombError):
        message = "The logo has to be a PNG or a JPEG, and whole."
        raise Invalid.at("/logo", "not_a_picture", message) from None
    if pixels > _MOST_PIXELS:
        message = f"A logo has at most {_MOST_PIXELS} pixels, and this one has {pixels}."
        raise Invalid.at("/logo", "logo_too_large", message)


def media_type(picture: bytes) -> str:
    """What a logo is, by its first bytes."""
    return FORMATS["PNG" if picture.startswith(b"\x89PNG") else "JPEG"]
