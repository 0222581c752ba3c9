"""Generated from protos/rapport/loyalty/requests/v1."""
