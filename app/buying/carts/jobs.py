"""What carts do by themselves: a guest's joins the person's that he becomes."""

from app.buying.carts.actions import merge_carts
from app.core.joining import joins

joins(at_sign_in=True)(merge_carts)
