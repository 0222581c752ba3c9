"""Generated from protos/rapport/desk/v1."""
