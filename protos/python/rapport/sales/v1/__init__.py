"""Generated from protos/rapport/sales/v1."""
