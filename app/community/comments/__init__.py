"""Comments on posts. Emits CommentWritten, CommentHidden, CommentShown."""
