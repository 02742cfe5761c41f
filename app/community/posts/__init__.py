"""Posts: notes and reviews with pictures, topics and tagged goods; who may see one, and what hides it.

Emits PostSubmitted, PostPublished, PostEdited, PostHidden, PostShown.
"""
