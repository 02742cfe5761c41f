"""Authoring: writing and changing posts in a browser, step by step: words, pictures, goods at a place on a picture.

Each step is one edit of the post (posts.edit_post); there are no rows of its own. Emits nothing.
"""
