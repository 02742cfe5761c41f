"""Declared interest: what an author gets for a post, which he must say and everybody is shown. Rooms that know of an
interest register how to find it (`@knows_interests`). Has no rows; emits nothing."""
