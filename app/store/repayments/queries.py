"""Questions about refunds."""

from collections.abc import Sequence

from sqlalchemy import select

from app.core.caller import Ref
from app.core.db import db
from app.store.payments.models import Payment
from app.store.repayments.models import Refund


def refunds_for(payable: Ref) -> Sequence[Refund]:
    """All refunds of payments of `payable`, oldest first."""
    mine = (Payment.payable_kind == payable.kind, Payment.payable_id == payable.id)
    wanted = select(Refund).join(Payment, Payment.id == Refund.payment_id).where(*mine)
    return db.session.scalars(wanted.order_by(Refund.created_at, Refund.id)).all()
