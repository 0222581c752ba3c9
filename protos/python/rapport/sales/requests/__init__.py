"""Generated from protos/rapport/sales/requests."""
