"""The finder: search by words, suggestions, similar goods; and keeping every search engine up to date.

Emits nothing."""
