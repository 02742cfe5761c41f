"""Questions about baskets: what is sold, what it costs with freight and offers, how that is shown."""

from collections import Counter
from collections.abc import Collection, Mapping, Sequence
from dataclasses import replace
from typing import Any
from uuid import UUID

from app.buying.baskets.models import Basket, BasketLine, Facts, LineWanted
from app.buying.links.queries import gone, links_by_code
from app.core.caller import Ref
from app.core.errors import Refused, bad_field, said
from app.core.ids import new_id
from app.core.plain import array_of, prepared
from app.plays.offers.queries import quote, require_fitting, savings
from app.store.catalogue.models import DRAFT
from app.store.catalogue.queries import SellableSku, sellable_skus
from app.store.categories.models import SERVICE
from app.store.freight.queries import NO_FREIGHT, freight_plan
from app.store.orders.models import GUEST_PHONE, dialled
from app.store.vouchers.queries import services_over


def priced(buyer: Ref, lines: Sequence[BasketLine], codes: Sequence[str], address: Mapping[str, Any] | None) -> Basket:
    """What `lines` cost `buyer` with these offers, sent to `address`; without one nothing is said of freight.

    Changes nothing. A constant number of queries. Raises Refused 422 for too many codes; others that do not fit are in
    the basket's terms (require_priced).
    """
    is_sent = any(line.is_sent for line in lines)
    plan = freight_plan(lines, address) if address is not None and is_sent else NO_FREIGHT
    terms = quote(codes, buyer, lines, plan.fees)
    return Basket(lines, terms, plan, knows_freight=address is not None or not is_sent)


def saved_by(
    codes: Sequence[str], buyer: Ref, lines: Sequence[BasketLine], address: Mapping[str, Any] | None
) -> dict[str, int]:
    """What each of these codes by itself would save `buyer`, in minor units. A constant number of queries."""
    plan = freight_plan(lines, address) if address is not None else NO_FREIGHT
    return savings(codes, buyer, lines, plan.fees)


def require_priced(basket: Basket, fitting: bool = True) -> Basket:
    """The basket, if all of it is sent to the address and (`fitting`) each of its codes does something.

    Raises Refused: a code's own refusal (422 field "offers", as a rule), 409 "not_delivered" with the lines.
    """
    if fitting:
        require_fitting(basket.terms)
    if basket.undelivered:
        zh, en = "有商品不送到这个地址", "Some of these goods are not sent to this address."
        raise Refused(409, "not_delivered", zh, en, errors={"line_id": [str(one.id) for one in basket.undelivered]})
    return basket


def goods_lines(rows: Sequence[tuple[UUID, LineWanted]]) -> list[BasketLine]:
    """Lines (id, want) with their goods as they are sold now; SKUs that are gone for good are left out. One query."""
    skus = sellable_skus({want.sku_id for _, want in rows})
    facts = facts_of(skus.values())
    return [
        BasketLine(
            line_id, want.quantity, want.link, skus[want.sku_id], facts[want.sku_id], cart_line_id=want.cart_line_id
        )
        for line_id, want in rows
        if want.sku_id in skus
    ]


def fetched(lines: Sequence[BasketLine], shops: Collection[str]) -> list[BasketLine]:
    """The lines, those of these shops (their ids as text) fetched, all others sent."""
    return [replace(line, is_fetched=str(line.shop_id) in shops) for line in lines]


def facts_of(skus: Collection[SellableSku]) -> dict[UUID, Facts]:
    """What these SKUs are beside title and price, by their ids. The one place that knows where that stands."""
    return {sku.sku_id: _facts(sku) for sku in skus}


def _facts(sku: SellableSku) -> Facts:
    return Facts(
        category_id=sku.category_id,
        goods_kind=sku.goods_kind,
        weight=sku.weight,
        min_units=sku.min_units,
        max_units=sku.max_units,
        return_days=sku.return_days,
        in_person=sku.in_person,
    )


def lines_wanted(wants: Sequence[LineWanted], kept: Mapping[UUID, str | None] | None = None) -> list[BasketLine]:
    """The lines of these wants; `kept` are the links that SKUs had before. Raises Refused 422, and as
    require_on_sale."""
    named = [want._replace(link=want.link or (kept or {}).get(want.sku_id)) for want in wants]
    lines = {line.id: line for line in goods_lines([(new_id(), want) for want in named])}
    found = list(lines.values())
    links = links_by_code({line.link_code for line in found if line.link_code})
    known = {line.sku_id: line for line in found}
    faults: dict[str, object] = {}
    for place, want in enumerate(named):
        line = known.get(want.sku_id)
        if line is None or is_hidden(line.sku):
            faults[str(place)] = {"sku_id": [said("没有这个规格", "There is no such SKU.")]}
        elif want.link and (want.link not in links or links[want.link].product_id != line.product_id):
            faults[str(place)] = {"link": [said("链接与商品不符", "This link does not sell that product.")]}
    if faults:
        raise Refused(422, "invalid", "所选商品有误", "Something in the lines is not right.", errors={"lines": faults})
    require_on_sale(found)
    return found


def line_wanted(product_id: UUID, want: LineWanted) -> BasketLine:
    """The line of one variant of a product; its link is one to that product.

    Raises Refused 422 for a variant of something else, 404 where those goods are gone, 409 as require_on_sale.
    """
    found = goods_lines([(new_id(), want)])
    if not found or found[0].product_id != product_id:
        raise bad_field("sku_id", "此链接没有这个规格", "This link does not sell that SKU.")
    if is_hidden(found[0].sku):
        raise gone()
    require_on_sale(found)
    return found[0]


def require_on_sale(lines: Sequence[BasketLine]) -> None:
    """Raises Refused 409 with the SKUs: "off_sale" where they are not sold any more, "service_over" for services whose
    terms have run out. One query if there are services, else none."""
    off = [str(line.sku_id) for line in lines if not line.sku.is_on_sale]
    if off:
        raise Refused(409, "off_sale", "商品已下架", "These goods are not on sale any more.", errors={"sku_id": off})
    over = services_over({line.sku_id for line in lines if line.facts.goods_kind == SERVICE})
    if over:
        zh, en = "服务的使用期限已过，不能购买", "The time in which this service could be had is over."
        raise Refused(409, "service_over", zh, en, errors={"sku_id": sorted(str(one) for one in over)})


def is_hidden(sku: SellableSku) -> bool:
    """Whether nobody may see these goods: taken down, or a draft."""
    return sku.is_taken_down or sku.product_state == DRAFT


def require_units(buyer: Ref, lines: Sequence[BasketLine], address: Mapping[str, Any] | None = None) -> None:
    """Raises Refused 409 "units" with the SKUs of which these are fewer than are sold at once, or more than one buyer
    may have, with what he has bought already, paid or not. One query, two with an address, none without a maximum.

    Anybody may be as many guests as he likes, so what guests bought counts by the phone number of their `address`, too.
    Exact if purchases of a buyer come one by one; those to one number wait here for each other.
    """
    wanted = Counter[UUID]()
    for line in lines:
        wanted[line.sku_id] += line.quantity
    facts = {line.sku_id: line.facts for line in lines}
    limited = [sku_id for sku_id, fact in facts.items() if fact.max_units is not None]
    had = _bought(buyer, limited, dialled(address["phone"]) if address else "")
    faults: dict[str, object] = {}
    for sku_id, units in wanted.items():
        least, most = facts[sku_id].min_units, facts[sku_id].max_units
        if units < least:
            faults[str(sku_id)] = [said(f"{least} 件起售", f"Sold from {least} on.")]
        elif most is not None and units + had.get(sku_id, 0) > most:
            faults[str(sku_id)] = [said(f"每人限购 {most} 件", f"At most {most} for a person.")]
    if faults:
        raise Refused(409, "units", "购买数量不符合要求", "This is too few, or too many.", errors={"sku_id": faults})


def _bought(buyer: Ref, sku_ids: Sequence[UUID], phone: str) -> dict[UUID, int]:
    if not sku_ids:
        return {}
    if phone:
        _LOCK_PHONE.rows(name=phone)
    rows = _BOUGHT.rows(kind=buyer.kind, buyer=buyer.id, phone=phone or None, skus=array_of(sku_ids))
    return {row.sku_id: row.units for row in rows}


_LOCK_PHONE = prepared("SELECT pg_advisory_xact_lock(hashtextextended(:name, 29))")
_BOUGHT = prepared(
    "SELECT l.sku_id, CAST(sum(l.quantity) AS bigint) AS units FROM (SELECT id FROM orders_purchases"
    "   WHERE buyer_kind = :kind AND buyer_id = :buyer AND status IN ('unpaid', 'paid')"
    f"  UNION SELECT id FROM orders_purchases WHERE buyer_kind = 'guest' AND {GUEST_PHONE} = :phone"
    "   AND status IN ('unpaid', 'paid')) AS p"
    " JOIN orders_lines l ON l.purchase_id = p.id AND l.sku_id = ANY(CAST(:skus AS uuid[])) GROUP BY l.sku_id"
)


def shown_basket(basket: Basket) -> dict[str, Any]:
    """Lines, steps, freight and total as JSON, part of every answer about a basket."""
    terms = basket.terms
    return {
        "lines": [shown_line(line) for line in basket.lines],
        "adjustments": [
            {"line_id": basket.lines[one.place].id, "amount": one.amount, "source": one.source}
            for one in terms.steps
            if one.place is not None
        ],
        "steps": _shown_steps(basket),
        "freight": [
            {"shop_id": shop, "amount": amount, "left": amount + sum(one.amount for one in terms.off_freight(shop))}
            for shop, amount in terms.freight.items()
        ],
        "freight_known": basket.knows_freight,
        "undelivered": [line.id for line in basket.undelivered],
        "unfit": [
            {"code": code, "why": _why(refused, "zh"), "why_en": _why(refused, "en")}
            for code, refused in terms.unfit.items()
        ],
        "total": basket.total,
    }


def _shown_steps(basket: Basket) -> list[dict[str, Any]]:
    """Each step of the discount order as it was taken: of a line, or of a shop's freight."""
    return [
        {
            "step": one.step,
            "offer": one.offer,
            "name": one.name,
            "line_id": basket.lines[one.place].id if one.place is not None else None,
            "shop_id": one.shop_id,
            "amount": one.amount,
            "before": one.before,
            "after": one.after,
            "funder": one.funder,
        }
        for one in basket.terms.steps
    ]


def _why(refused: Refused, language: str) -> str:
    """Why a code does nothing, in a sentence."""
    texts = refused.errors.get("offers")
    first = texts[0] if isinstance(texts, list) and texts else None
    return str(first[language]) if isinstance(first, dict) else refused.text(language)


def shown_line(line: BasketLine) -> dict[str, Any]:
    """A line as JSON."""
    sku = line.sku
    return {
        "id": line.id,
        "product": {"id": sku.product_id, "kind": "product", "title": sku.title},
        "shop": {"id": sku.shop_id, "kind": "shop", "name": sku.shop_name},
        "sku": {"id": sku.sku_id, "name": sku.sku_name},
        "price": sku.price,
        "quantity": line.quantity,
        "amount": line.amount,
        "link": line.link_code,
    }
