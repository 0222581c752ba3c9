"""Generated from protos/rapport/common/v1."""
