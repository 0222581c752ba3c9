"""Brings files of people in and takes them out: formats, mapping of columns, and the jobs around them."""
