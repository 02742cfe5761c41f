"""Goods."""

from uuid import UUID

from app.operate.moderation.kinds.base import Kind
from app.store.catalogue import actions


class ProductKind:
    name = "product"

    def take_down(self, subject_id: UUID, reason: str, by_id: UUID) -> None:
        actions.take_down(subject_id, reason, by_id)

    def restore(self, subject_id: UUID) -> None:
        actions.restore(subject_id)


kind: Kind = ProductKind()
