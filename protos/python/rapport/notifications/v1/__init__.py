"""Generated from protos/rapport/notifications/v1."""
