"""Statements of providers, held against our own books: `flask payments reconcile`. Writes nothing, emits nothing."""
