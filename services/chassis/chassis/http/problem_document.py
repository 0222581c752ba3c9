"""The schema of a problem document (RFC 9457), for contracts that speak of one."""

from __future__ import annotations

from typing import Annotated

from pydantic import BaseModel, Field


class WrongValue(BaseModel):
    """One thing that is wrong with the input."""

    pointer: Annotated[str, Field(description="Where: a JSON pointer, or a parameter's name.")]
    code: str
    message: str


class Problem(BaseModel):
    """A refusal."""

    type: Annotated[str, Field(description="The documented address of this kind.")]
    title: str
    status: int
    detail: str
    instance: str
    code: Annotated[str, Field(description="Stable; what programs look at.")]
    trace_id: str | None
    errors: Annotated[list[WrongValue], Field(default_factory=list)]
