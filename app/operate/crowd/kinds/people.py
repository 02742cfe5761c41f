"""People who join, the first of them KOLs; and the shops that some of them open."""

import secrets
from collections.abc import Iterable
from functools import cache

from app.core.bulk import Columns
from app.core.caller import PERSON, Ref
from app.operate.crowd.kinds import album, names
from app.operate.crowd.kinds.base import Batch, Size, Town
from app.operate.crowd.kinds.chance import luck
from app.people.accounts.events import PersonJoined
from app.people.accounts.models import Person, Role, hash_of_password, key_of

PEOPLE = Columns(
    Person, ("id", "username", "username_key", "nickname", "bio", "avatar_id", "password_hash", "created_at")
)
ROLES = Columns(Role, ("person_id", "role", "granted_at"))


@cache
def _nobodys_password() -> str:
    """One for all: nobody knows it, so nobody signs in."""
    return hash_of_password(secrets.token_urlsafe(24))


class People:
    name = "people"
    most = 1000
    tables = (album.UPLOADS, PEOPLE, ROLES, album.SHOWINGS)

    def how_many(self, size: Size) -> int:
        return size.people

    def batch(self, town: Town, numbers: Iterable[int]) -> Batch:
        batch = Batch(self.tables)
        for number in numbers:
            self._join(batch, town, town.newcomer(number))
        return batch

    def _join(self, batch: Batch, town: Town, number: int) -> None:
        chance, person_id, joined = luck("person", number), town.person(number), town.joined(number)
        is_kol, name = number <= town.size.kols, names.username(number)
        avatar_id = None
        if is_kol or chance.random() < 0.75:
            face = album.face(chance.randrange(album.FACES))
            avatar_id = album.hang(batch, person_id, [face], joined, chance, Ref(PERSON, person_id))[0].id
        shown = (names.nickname(number), names.bio(number, is_kol, chance), avatar_id)
        batch.add(PEOPLE, person_id, name, key_of(name), *shown, _nobodys_password(), joined)
        if is_kol:
            batch.add(ROLES, person_id, "kol", joined)
        batch.tell(PersonJoined(person_id))


group = People()
