"""The feeds: explore, for everybody, and following, the posts of those whom a person follows. Emits nothing."""
