"""Generated from protos/rapport/desk."""
