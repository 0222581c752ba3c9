"""Generated from protos/rapport/loyalty/requests."""
