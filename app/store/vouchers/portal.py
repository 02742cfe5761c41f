"""The counter: where staff redeem vouchers."""

from uuid import UUID

from flask import Response, request
from marshmallow import ValidationError
from werkzeug.wrappers import Response as AnyResponse

from app.core import clock
from app.core.caller import Caller
from app.core.db import db
from app.core.errors import Refused
from app.core.http.door import PERSON
from app.core.http.pages import PageDoor, form, go, page
from app.core.http.request import language
from app.core.paging import USUAL
from app.store.shops.queries import require_staff
from app.store.vouchers import actions, queries
from app.store.vouchers.models import UNDO_SECONDS
from app.store.vouchers.schemas import CodeIn

door = PageDoor("vouchers", __name__, who=PERSON)


@door.get("/portal/shops/<uuid:shop_id>/counter")
def show_counter(caller: Caller, shop_id: UUID) -> str:
    """A field for a code, and what was redeemed lately."""
    return _counter(caller, shop_id, "", "")


@door.post("/portal/shops/<uuid:shop_id>/counter")
def redeem(caller: Caller, shop_id: UUID) -> AnyResponse:
    """Redeem the voucher of this code."""
    try:
        code = CodeIn().load(form())["code"]
        with db.session.begin_nested():
            actions.redeem(caller, shop_id, code)
    except ValidationError:
        zh, en = "请输入券码", "Type the code of a voucher."
        return _again(caller, shop_id, en if language() == "en" else zh)
    except Refused as refused:
        if refused.status == 403:
            raise
        return _again(caller, shop_id, refused.text(language()))
    return go(f"/portal/shops/{shop_id}/counter?done=1")


@door.post("/portal/shops/<uuid:shop_id>/counter/<uuid:redemption_id>/undoing")
def undo(caller: Caller, shop_id: UUID, redemption_id: UUID) -> AnyResponse:
    """It was not had after all."""
    actions.undo_redemption(caller, shop_id, redemption_id)
    return go(f"/portal/shops/{shop_id}/counter")


def _again(caller: Caller, shop_id: UUID, fault: str) -> AnyResponse:
    shown = _counter(caller, shop_id, fault, form().get("code", ""))
    return Response(shown, 422, mimetype="text/html")


def _counter(caller: Caller, shop_id: UUID, fault: str, code: str) -> str:
    shop = require_staff(shop_id, caller.person)
    rows, following = queries.redemptions_of(shop_id, USUAL, request.args.get("cursor"))
    latest = clock.now().timestamp() - UNDO_SECONDS
    can_undo = {row.id for row, _ in rows if row.undone_at is None and row.at.timestamp() > latest}
    told = {"fault": fault, "code": code, "done": request.args.get("done") == "1" and not fault}
    return page("vouchers_counter.html", shop=shop, rows=rows, next=following, can_undo=can_undo, **told)
