"""满减 within a shop, and the base of 满减 across shops."""

from collections.abc import Mapping, Sequence
from itertools import pairwise
from typing import Any

from marshmallow import ValidationError, fields, validates_schema

from app.core.errors import said
from app.core.fields import In, Money, some
from app.core.money import split
from app.plays.offers.models import SHOP, SHOP_REDUCTION
from app.plays.promotions.kinds.base import YUAN, FormField, Goods, Kind

FORM_TIERS = 3
"""So many fit into the form; the API takes more."""


class TierIn(In):
    """From `above` on, `off` is taken off."""

    above = Money(required=True)
    off = Money(least=1, required=True)


class ReductionTerms(In):
    """`tiers`: 满 100 减 10, 满 200 减 30, the lower first. `every`: of one tier, each 满 300 减 50 once more."""

    tiers = some(TierIn, most=10, least=1, required=True)
    every = fields.Boolean(load_default=False, truthy={True}, falsy={False})

    @validates_schema
    def _rises(self, given: dict[str, Any], **_: Any) -> None:
        tiers = given["tiers"]
        if any(low["above"] >= high["above"] or low["off"] >= high["off"] for low, high in pairwise(tiers)):
            raise ValidationError([said("各档须逐档升高", "Each tier must be above the one before.")], "tiers")
        if any(one["off"] > one["above"] > 0 for one in tiers):
            raise ValidationError([said("减免不能超过门槛", "No more off than what is asked for.")], "tiers")
        if given["every"] and (len(tiers) != 1 or not tiers[0]["above"]):
            raise ValidationError([said("每满减只能有一档", "Each time over: exactly one tier.")], "every")


class ShopReduction(Kind):
    """An amount off all goods in its scope together, split over the lines in proportion to what is left of them."""

    name, step, zh, en = "shop_reduction", SHOP_REDUCTION, "店铺满减", "Reduction within a shop"
    takes = ReductionTerms
    owners = frozenset({SHOP})
    fields = tuple(
        FormField(f"{name}_{tier}", YUAN, f"{zh}（元）", f"{en} (¥)", tier == 1)
        for tier in range(1, FORM_TIERS + 1)
        for name, zh, en in (("above", f"第 {tier} 档满", f"Tier {tier}: from"), ("off", "减", "off"))
    )

    def of_form(self, values: Mapping[str, int | None]) -> dict[str, Any]:
        tiers = [(values.get(f"above_{tier}") or 0, values.get(f"off_{tier}")) for tier in range(1, FORM_TIERS + 1)]
        return {"tiers": [{"above": above, "off": off} for above, off in tiers if off]}

    def off(self, terms: Mapping[str, Any], goods: Sequence[Goods]) -> list[int]:
        whole, rooms = sum(one.left for one in goods), [one.room for one in goods]
        reached = [tier for tier in terms["tiers"] if whole >= tier["above"]]
        if not reached or not any(rooms):
            return [0] * len(goods)
        best = reached[-1]
        times = whole // best["above"] if terms["every"] else 1
        return split(min(best["off"] * times, sum(rooms)), rooms)


kind = ShopReduction()
