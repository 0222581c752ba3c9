"""Which files the rows of attachments name, for whoever counts those that are missing."""

ATTACHED = """
SELECT 'files/' || replace(tenant_id::text, '-', '') || '/' || right(id::text, 2)
    || '/' || replace(id::text, '-', '')
FROM attachments WHERE removed_at IS NULL
"""
"""The paths of all files that rows name, below the folder of the setting (`files.py` lays them out)."""
