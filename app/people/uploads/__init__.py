"""Pictures that people send: kept in three sizes, and served. How they are cut is a matter of the room pictures.

An upload that nothing uses within 48 hours is deleted. It is public while something shows it (Showing); before and
after that only a signed URL opens it. Emits nothing.
"""
