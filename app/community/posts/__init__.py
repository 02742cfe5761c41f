"""Posts: notes and reviews with pictures, topics and tagged goods; a post's card, and the page that its links open.

Emits PostSubmitted, PostPublished, PostEdited, PostHidden, PostShown, PostLiked, PostUnliked, PostCollected,
PostUncollected."""
