"""Filters: words of which a person wants to be shown nothing. Emits nothing."""
