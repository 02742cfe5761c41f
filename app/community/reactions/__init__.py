"""Reactions: likes and collects of posts, and what else a person puts on a thing of another room (an opaque id).

Emits PostLiked, PostUnliked, PostCollected, PostUncollected.
"""
