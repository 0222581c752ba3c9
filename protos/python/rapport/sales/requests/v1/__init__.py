"""Generated from protos/rapport/sales/requests/v1."""
