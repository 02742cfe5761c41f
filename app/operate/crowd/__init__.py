"""The crowd: the people, goods, posts and orders that make the demo town as large as one likes, written in bulk.

The one room that fills the tables of others by COPY (app/core/bulk): its rows are those that the owners' actions would
have left behind, and tests/operate/test_crowd_truth.py holds them against that. Emits nothing of its own: it writes the
facts of what it made.
"""
