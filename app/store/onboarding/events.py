"""What happens to applications."""

from dataclasses import dataclass
from uuid import UUID

from app.core.events import Fact


@dataclass(frozen=True, slots=True)
class ApplicationFiled(Fact):
    """Papers came in, for the first time or anew; `about` names the kind of application."""

    application_id: UUID
    about: str
    shop_id: UUID


@dataclass(frozen=True, slots=True)
class ApplicationMoved(Fact):
    """The application stands otherwise than before; `before` "" for a new one."""

    application_id: UUID
    about: str
    shop_id: UUID
    before: str
    after: str
