"""Recorded facts of notifications to protobuf."""

from chassis.events.outbox import FactEncoder

ENCODER = FactEncoder({})
