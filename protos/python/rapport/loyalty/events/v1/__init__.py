"""Generated from protos/rapport/loyalty/events/v1."""
