"""Generated from protos/rapport/desk/requests/v1."""
