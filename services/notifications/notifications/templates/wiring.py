"""Wires templates, and the rules that send them, into the service."""

from __future__ import annotations

from chassis.service import Service
from notifications.delivery.recipients import Recipients
from notifications.rules.api import rule_routes
from notifications.rules.trying import RuleTrials
from notifications.templates.api import template_routes
from notifications.templates.flows import Workbench
from notifications.templates.rendering.renderer import Renderer
from notifications.templates.wording import TemplateWording
from notifications.transaction import NotificationsTx


def wire_templates(service: Service[NotificationsTx], recipients: Recipients) -> TemplateWording:
    """Serve templates and rules; gives what words messages with them.

    The rendering processes end with the service, whichever of its roles it runs in.
    """
    renderer = Renderer()
    workbench = Workbench(renderer, recipients)
    service.serve(template_routes(workbench), rule_routes(RuleTrials(workbench), service.clock))
    service.beside_requests(renderer)
    service.at_work(renderer)
    return TemplateWording(service.operations, renderer)
