"""What is done with offers: they are redeemed, in the transaction of the purchase."""

from uuid import UUID

from app.core.caller import Ref
from app.plays.offers.models import Terms
from app.plays.offers.queries import plays


def redeem(terms: Terms, buyer: Ref, purchase_id: UUID) -> None:
    """Write that `purchase_id` uses the deals of `terms`, in the transaction that places it, and as late in it as can
    be: a budget that all draw on stays locked from here to the commit.

    Raises Refused 409 "offer_gone" where a budget or limit is used up meanwhile: then nothing is placed.
    """
    for one in plays():
        used = [use for use in terms.used if one.owns(use.deal)]
        if used:
            one.redeem(used, buyer, purchase_id)
