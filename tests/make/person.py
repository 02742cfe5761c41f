"""make.person(nickname="小鱼", roles=("kol",)): somebody who is signed in."""

from collections.abc import Sequence
from dataclasses import dataclass
from functools import cache
from itertools import count
from unittest.mock import patch
from uuid import UUID

from app.core.db import in_transaction
from app.people.accounts import actions

_numbers = count(1)
_hash = cache(actions.hash_of_password)
"""It takes 20 ms, and nearly all people of the tests have one password: one true hash of it serves them all."""


@dataclass(frozen=True)
class Made:
    """A person; `token` is his access token."""

    id: UUID
    username: str
    nickname: str
    password: str
    token: str
    refresh_token: str


def person(
    nickname: str = "", roles: Sequence[str] = (), username: str = "", password: str = "correct horse", device: str = ""
) -> Made:
    """A new person, signed in, with these roles."""
    name = username or f"person{next(_numbers)}"

    def work() -> Made:
        with patch.object(actions, "hash_of_password", _hash):
            signed = actions.sign_up(name, password, nickname or name, device)
        for role in roles:
            actions.grant_role(signed.person.id, role)
        one = signed.person
        return Made(one.id, one.username, one.nickname, password, signed.access_token, signed.refresh_token)

    return in_transaction(work)
