"""What carts do by themselves: a guest's joins the person's that he becomes, and is forgotten where he never comes."""

from app.buying.carts.actions import forget_old, merge_carts
from app.core.joining import joins
from app.core.worker import every

joins(at_sign_in=True)(merge_carts)


@every(seconds=600)
def forget_old_carts() -> int:
    return forget_old()
