"""Pictures that people send: decoded, turned upright, cut to three sizes, written anew without metadata, and served.

An upload is public while something shows it (Showing); before and after that only a signed URL opens it. Emits nothing.
"""
