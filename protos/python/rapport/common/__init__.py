"""Generated from protos/rapport/common."""
