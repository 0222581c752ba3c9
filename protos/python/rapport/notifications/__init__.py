"""Generated from protos/rapport/notifications."""
