"""The bug: facts are marked as published before the broker has acknowledged them."""
