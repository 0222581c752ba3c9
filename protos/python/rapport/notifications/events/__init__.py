"""Generated from protos/rapport/notifications/events."""
