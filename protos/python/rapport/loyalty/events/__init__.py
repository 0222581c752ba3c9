"""Generated from protos/rapport/loyalty/events."""
