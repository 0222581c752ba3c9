"""Recognises the record that another service describes, or enters it."""
