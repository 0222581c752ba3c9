"""Sections of the knowledge base over REST."""

from __future__ import annotations

from uuid import UUID

from flask import Response

from chassis.http.call import Call
from chassis.http.reply import Reply
from chassis.http.routes import Routes
from chassis.storage.listing import Listing
from desk.article_sections import operations, queries
from desk.article_sections.domain import Section
from desk.article_sections.models import (
    ArticleSectionIn,
    ArticleSectionOut,
    ArticleSectionPatch,
    changed_by,
    shown,
    terms_in,
)
from desk.transaction import DeskTx

READ = "desk.articles.read"
WRITE = "desk.articles.write"
_ONE = "/<uuid:article_section_id>"

article_sections = Routes("/v1/desk/article-sections", tag="articles")


@article_sections.get("", permission=READ, listing=queries.SECTIONS, returns=ArticleSectionOut)
def list_article_sections(call: Call[DeskTx], listing: Listing) -> Reply:
    """List the sections of the knowledge base."""
    return Reply(call.read(queries.list_sections, listing))


@article_sections.post(
    "",
    permission=WRITE,
    body=ArticleSectionIn,
    returns=ArticleSectionOut,
    status=201,
    problems=(409,),
)
def define_article_section(call: Call[DeskTx], body: ArticleSectionIn) -> Response:
    """Have another section."""

    def reply(_tx: DeskTx, section: Section) -> Reply:
        location = f"{article_sections.prefix}/{section.id}"
        return Reply.created(location, shown(section), section.version)

    return call.run(lambda tx: operations.define_section(tx, body.key, terms_in(body)), reply)


@article_sections.get(_ONE, permission=READ, returns=ArticleSectionOut)
def get_article_section(call: Call[DeskTx], article_section_id: UUID) -> Reply:
    """Get a section."""
    section = call.read(queries.get_section, article_section_id)
    return Reply(section, version=section["version"])


@article_sections.patch(_ONE, permission=WRITE, body=ArticleSectionPatch, returns=ArticleSectionOut)
def change_article_section(
    call: Call[DeskTx], body: ArticleSectionPatch, article_section_id: UUID
) -> Response:
    """Call a section otherwise, or have it lie elsewhere."""

    def change(tx: DeskTx) -> Section:
        return operations.change_section(
            tx, article_section_id, lambda terms: changed_by(body, terms)
        )

    def reply(_tx: DeskTx, section: Section) -> Reply:
        return Reply(shown(section), version=section.version)

    return call.run(change, reply)


@article_sections.delete(_ONE, permission=WRITE, problems=(409,))
def remove_article_section(call: Call[DeskTx], article_section_id: UUID) -> Response:
    """Remove a section that nothing is in."""
    return call.run(
        lambda tx: operations.remove_section(tx, article_section_id),
        lambda _tx, _section: Reply.nothing(),
    )
