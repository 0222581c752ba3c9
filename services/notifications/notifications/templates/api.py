"""Templates over REST."""

from __future__ import annotations

from uuid import UUID

from flask import Response

from chassis.domain import Conflict
from chassis.http.call import Call
from chassis.http.reply import Reply
from chassis.http.routes import Routes
from chassis.storage.listing import Listing
from notifications.templates import operations, queries
from notifications.templates.domain import Template
from notifications.templates.flows import Workbench
from notifications.templates.models import (
    BuiltInsOut,
    DraftPreviewIn,
    PreviewOut,
    RollBackIn,
    SentPreviewIn,
    TemplateIn,
    TemplateOut,
    TemplatePatch,
    TemplateSummaryOut,
    VersionOut,
    VersionSummaryOut,
    changed,
    draft_in,
    shown,
    trial_in,
)
from notifications.transaction import NotificationsTx

READ = "notifications.templates.read"
WRITE = "notifications.templates.write"
PUBLISH = "notifications.templates.publish"
PREFIX = "/v1/notifications/templates"

CONFLICTS = {
    "templates_key_unique": Conflict(
        "There is a template with this key already, archived perhaps.", code="template_exists"
    )
}
"""What broken constraints of the templates' tables mean."""


def template_routes(workbench: Workbench) -> Routes:
    """The routes of templates; `workbench` renders previews and proves drafts."""
    templates = Routes(PREFIX, tag="templates")
    _add_drafts(templates)
    _add_archive(templates)
    _add_versions(templates, workbench)
    _add_previews(templates, workbench)
    return templates


def _add_drafts(templates: Routes) -> None:
    @templates.get("", permission=READ, listing=queries.TEMPLATES, returns=TemplateSummaryOut)
    def list_templates(call: Call[NotificationsTx], listing: Listing) -> Reply:
        """List the tenant's own templates, by key unless asked otherwise."""
        return Reply(call.read(queries.list_templates, listing))

    @templates.get("/built-in", permission=READ, returns=BuiltInsOut)
    def list_built_in_templates(_call: Call[NotificationsTx]) -> Reply:
        """List the platform's templates; one of the tenant's with the same key goes before them."""
        return Reply(queries.list_built_in())

    @templates.post("", permission=WRITE, body=TemplateIn, returns=TemplateOut, status=201)
    def create_template(call: Call[NotificationsTx], body: TemplateIn) -> Response:
        """Begin a template; its key is for good."""
        draft = draft_in(body)

        def reply(_tx: NotificationsTx, template: Template) -> Reply:
            return Reply.created(f"{PREFIX}/{template.id}", shown(template), template.version)

        return call.run(lambda tx: operations.create_template(tx, body.key, draft), reply)

    @templates.get("/<uuid:template_id>", permission=READ, returns=TemplateOut)
    def get_template(call: Call[NotificationsTx], template_id: UUID) -> Reply:
        """Get a template with its draft."""
        template = call.read(queries.get_template, template_id)
        return Reply(template, version=template["version"])

    @templates.patch(
        "/<uuid:template_id>", permission=WRITE, body=TemplatePatch, returns=TemplateOut
    )
    def write_template(
        call: Call[NotificationsTx], body: TemplatePatch, template_id: UUID
    ) -> Response:
        """Change the draft; what is live stays until the draft is published."""
        return call.run(
            lambda tx: operations.write_draft(tx, template_id, lambda old: changed(old, body)),
            _shown,
        )


def _add_archive(templates: Routes) -> None:
    @templates.delete("/<uuid:template_id>", permission=WRITE)
    def archive_template(call: Call[NotificationsTx], template_id: UUID) -> Response:
        """Archive a template: nothing is sent with it any more."""
        return call.run(
            lambda tx: operations.archive_template(tx, template_id),
            lambda _tx, _template: Reply.nothing(),
        )

    @templates.post("/<uuid:template_id>/restore", permission=WRITE, returns=TemplateOut)
    def restore_template(call: Call[NotificationsTx], template_id: UUID) -> Response:
        """Take an archived template back into use, with the version that was live."""
        return call.run(lambda tx: operations.restore_template(tx, template_id), _shown)


def _add_versions(templates: Routes, workbench: Workbench) -> None:
    @templates.post("/<uuid:template_id>/publish", permission=PUBLISH, returns=TemplateOut)
    def publish_template(call: Call[NotificationsTx], template_id: UUID) -> Response:
        """Publish the draft: it gets a number, stays as it is for good, and is sent from now on.

        Refused when something does not compile, uses a variable that is not declared, may lack one
        that is not required, or has nothing in the default language; `errors` points at each place.
        """
        proof = workbench.prove(call.read, template_id)
        return call.run(lambda tx: operations.publish_template(tx, template_id, proof), _shown)

    @templates.post(
        "/<uuid:template_id>/roll-back", permission=PUBLISH, body=RollBackIn, returns=TemplateOut
    )
    def roll_back_template(
        call: Call[NotificationsTx], body: RollBackIn, template_id: UUID
    ) -> Response:
        """Send a version again that was published before; the draft stays."""
        return call.run(lambda tx: operations.roll_back_template(tx, template_id, body.to), _shown)

    @templates.get(
        "/<uuid:template_id>/versions",
        permission=READ,
        listing=queries.VERSIONS,
        returns=VersionSummaryOut,
    )
    def list_template_versions(
        call: Call[NotificationsTx], listing: Listing, template_id: UUID
    ) -> Reply:
        """List what was published of a template, the latest first."""
        return Reply(call.read(queries.list_versions, listing, template_id))

    @templates.get("/<uuid:template_id>/versions/<int:number>", permission=READ, returns=VersionOut)
    def get_template_version(call: Call[NotificationsTx], template_id: UUID, number: int) -> Reply:
        """Get a version with what it says."""
        return Reply(call.read(queries.get_version, template_id, number))


def _add_previews(templates: Routes, workbench: Workbench) -> None:
    @templates.post(
        "/<uuid:template_id>/preview", permission=READ, body=DraftPreviewIn, returns=PreviewOut
    )
    def preview_template(
        call: Call[NotificationsTx], body: DraftPreviewIn, template_id: UUID
    ) -> Reply:
        """Show a message as the draft, or a version, makes it; nothing is sent."""
        version = call.read(queries.tried_version, template_id, body.number)
        return Reply(workbench.show(call.caller, version, trial_in(body)))

    @templates.post(
        "/preview",
        permission=READ,
        body=SentPreviewIn,
        returns=PreviewOut,
        problems=(404,),
    )
    def preview_sent_template(call: Call[NotificationsTx], body: SentPreviewIn) -> Reply:
        """Show a message as it would be sent under a key now, the platform's included."""
        version = call.read(queries.sent_version, body.key)
        return Reply(workbench.show(call.caller, version, trial_in(body)))


def _shown(_tx: NotificationsTx, template: Template) -> Reply:
    return Reply(shown(template), version=template.version)
