"""Editing: a merchant changes goods in a browser: their words and pictures, a variant, many at once. Emits nothing."""
