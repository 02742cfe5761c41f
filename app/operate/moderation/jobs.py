"""What moderation hears."""

from app.community.posts import actions as posts
from app.community.posts.events import PostSubmitted
from app.core.events import within


@within(PostSubmitted)
def approve_post(fact: PostSubmitted) -> None:
    """Everything is approved at once; what people report is looked at afterwards."""
    posts.approve(fact.post_id)
