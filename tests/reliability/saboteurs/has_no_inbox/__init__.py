"""The bug: nobody notes which facts have had their effect."""
