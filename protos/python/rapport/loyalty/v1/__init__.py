"""Generated from protos/rapport/loyalty/v1."""
