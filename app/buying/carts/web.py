"""Pages of carts, without script: one form holds all lines, and each of its buttons says what is done with them."""

from flask import request
from werkzeug.wrappers import Response as AnyResponse

from app.buying.carts import actions, queries
from app.buying.carts.actions import LineChange
from app.buying.carts.models import MOST_OF_ONE
from app.buying.carts.schemas import AddForm, CartForm, cart_form
from app.core.caller import Caller
from app.core.http.forms import form
from app.core.http.pages import ForNobody, PageDoor, both_at_browser, go, page
from app.core.ids import new_id

door = PageDoor("carts", __name__)


@door.get("/cart", limit="page")
def show_cart(caller: Caller) -> str | ForNobody:
    """What is in the cart of who sits here, with the prices and stock of this moment."""
    if not both_at_browser(caller):
        return ForNobody(page("cart.html", cart=None, is_anonymous=True))
    cart = queries.whole_cart(caller.buyer)
    by_id = {one["id"]: one for one in cart["items"]}
    shops = [{**shop, "lines": [by_id[one] for one in shop["line_ids"]]} for shop in cart["shops"]]
    gone = [one for one in cart["items"] if one["shop"] is None]
    return page("cart.html", cart=cart, shops=shops, gone=gone, checkout_id=new_id(), most=MOST_OF_ONE)


@door.post("/cart")
def change_cart(caller: Caller) -> AnyResponse:
    """Keep quantities and ticks as they stand in the form, and take out the line whose button was pressed."""
    sent = CartForm().load(cart_form(form(), request.form.getlist("ticked")))
    if sent["remove"]:
        actions.remove_lines(caller.buyer, [sent["remove"]])
    kept = [LineChange(**one) for one in sent["lines"] if one["id"] != sent["remove"]]
    if kept:
        actions.change_lines(caller.buyer, kept)
    return go("/cart")


@door.post("/cart/lines")
def add_to_cart(caller: Caller) -> AnyResponse:
    """The "add to cart" button of a page of goods."""
    given = AddForm().load(form())
    actions.add_to_cart(caller.buyer, given["sku_id"], given["quantity"], given["link"])
    return go("/cart")


@door.post("/cart/clearance")
def clear_cart(caller: Caller) -> AnyResponse:
    """Take everything out."""
    actions.remove_lines(caller.buyer)
    return go("/cart")
