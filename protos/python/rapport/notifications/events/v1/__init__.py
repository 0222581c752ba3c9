"""Generated from protos/rapport/notifications/events/v1."""
