"""Scores: how well a shop serves its buyers, 0 to 100, out of parts that are each counted from rows. Emits nothing.

A part of the store is one file of kinds/; a higher room adds its own by queries.add_part.
"""
