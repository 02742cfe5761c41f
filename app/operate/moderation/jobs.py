"""What moderation hears."""

from collections.abc import Sequence

from app.community.posts import actions as posts
from app.community.posts.events import PostEdited, PostHidden, PostPublished, PostShown, PostSubmitted
from app.core.events import on, within
from app.operate.moderation import actions
from app.store.reviews.events import ReviewWithdrawn


@within(PostSubmitted)
def approve_post(fact: PostSubmitted) -> None:
    """Everything is approved at once; moderators, and what people report, look at it afterwards."""
    posts.approve(fact.post_id)


@on(ReviewWithdrawn)
def close_reports_of_gone_reviews(facts: Sequence[ReviewWithdrawn]) -> None:
    actions.close_reports_of_gone("review", {fact.review_id for fact in facts})


@on(PostSubmitted, PostPublished, PostEdited, PostShown, PostHidden)
def queue_posts(facts: Sequence[PostSubmitted | PostPublished | PostEdited | PostShown | PostHidden]) -> None:
    """What a moderator is to look at; told by the worker, so that publishing costs no more for it."""
    actions.queue_posts({fact.post_id for fact in facts})
