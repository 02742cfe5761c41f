"""Comments on posts and replies to them, with goods in them, likes, and one that the post's author puts on top.

Emits CommentWritten, CommentHidden, CommentShown, CommentLiked, CommentUnliked.
"""
