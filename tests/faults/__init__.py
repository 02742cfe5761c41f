"""Kills, restarts, repeats and rushes; after each the same invariants are asked of the database."""
