"""Reads and writes the files that people bring: CSV, XLSX, NDJSON, vCard; always streamed, always within bounds."""
