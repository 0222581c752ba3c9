"""Members' codes as the REST face takes and shows them."""

from __future__ import annotations

from datetime import datetime
from typing import Annotated, Any
from uuid import UUID

from pydantic import BaseModel, Field

from chassis.http.body import Body, Patch
from loyalty.referral_codes.domain import LONGEST_NAME, ReferralCode

ShownName = Annotated[str, Field(max_length=LONGEST_NAME, pattern=r"^[^\x00-\x1f\x7f<>]*$")]
"""The first name that friends see, as the member allows; empty when they see none."""


class ReferralCodeIn(Body):
    """For which member."""

    member_id: UUID
    shown_name: ShownName = ""


class ReferralCodePatch(Patch):
    """What is shown with the code, and whether it can be used."""

    shown_name: ShownName | None = None
    enabled: bool | None = None


class ReferralCodeOut(BaseModel):
    """A member's code, and the link that shows it."""

    id: UUID
    version: int
    program_id: UUID
    member_id: UUID
    person_id: UUID | None
    code: str
    link: str
    shown_name: str
    enabled: bool
    created_at: datetime
    updated_at: datetime


def link_to(code: ReferralCode, public_url: str) -> str:
    """The page that a code leads to."""
    return f"{public_url.rstrip('/')}/p/loyalty/r/{code.written}"


def shown(code: ReferralCode, public_url: str) -> dict[str, Any]:
    """A code as the API shows one."""
    names = ("id", "version", "program_id", "member_id", "person_id", "shown_name", "enabled")
    return {
        **{name: getattr(code, name) for name in (*names, "created_at", "updated_at")},
        "code": code.written,
        "link": link_to(code, public_url),
    }
