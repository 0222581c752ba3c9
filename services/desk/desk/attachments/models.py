"""Attachments as the REST face takes and shows them."""

from __future__ import annotations

from datetime import datetime
from typing import Annotated
from uuid import UUID

from pydantic import BaseModel, Field

from chassis.http.query_string import Query


class UploadQuery(Query):
    """What a file is called, with its ending; slashes and the like are refused."""

    name: Annotated[str, Field(min_length=1, max_length=255)]


class AttachmentOut(BaseModel):
    """A file. `content_type` is what its bytes show; `message_id` is missing until it is attached."""

    id: UUID
    version: int
    name: str
    content_type: str
    size: int
    sha256: str
    uploaded_by: str
    uploaded_at: datetime
    message_id: UUID | None


class FileLinkOut(BaseModel):
    """A link that anybody who has it can follow, until it ends."""

    url: str
    ends_at: datetime
