"""The portal behind the gateway: one OpenAPI document and one documentation site."""
