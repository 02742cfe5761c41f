"""Pictures as bytes: decoded, turned upright, cut to three sizes and written anew without metadata.

Holds no rows and no files; the room uploads keeps what is cut here. Emits nothing.
"""
