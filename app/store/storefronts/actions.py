"""What is done about light stores and keys of shops."""

import secrets
from collections.abc import Sequence
from dataclasses import dataclass, replace
from uuid import UUID

from sqlalchemy import select, update

from app.core import auth, clock
from app.core.caller import Caller
from app.core.db import changed, db
from app.core.errors import Refused, bad_field, missing
from app.core.ids import new_id
from app.people.accounts.actions import end_sessions, sign_up
from app.store.catalogue.models import Goods
from app.store.decor.actions import PageWanted, arrange_page
from app.store.decor.models import Content, Section
from app.store.intake.actions import take_in
from app.store.payments.queries import open_ways
from app.store.shops.actions import let_go, open_shop, place_in_mall, put_to_work
from app.store.shops.events import StaffChanged
from app.store.shops.models import MANAGER, OWNER, SETTINGS, STAFF, Shop
from app.store.shops.queries import require_right, role_of
from app.store.storefronts.kinds import TEMPLATES
from app.store.storefronts.kinds.base import Template
from app.store.storefronts.models import MOST_KEYS, LightStore, ShopKey, is_slug
from app.store.storefronts.queries import count_keys, holder_of, locked_shop

auth.finds_callers(holder_of)
STOCK = 100
"""Of a variant whose line names none, as with an import."""


@dataclass(frozen=True, slots=True)
class StoreWanted:
    """A light store as somebody wants it. `theme` "" is its template's; `gateways` () are all that are open here."""

    template: str
    name: str
    slug: str
    theme: str = ""
    in_mall: bool = False
    gateways: Sequence[str] = ()
    goods: Sequence[Goods] = ()


@dataclass(frozen=True, slots=True)
class MadeStore:
    """A light store that was just opened; `token` is told this once."""

    shop: Shop
    token: str
    imported: int


def open_light_store(caller: Caller, wanted: StoreWanted) -> MadeStore:
    """A shop of the caller's with page, goods, address and a key that manages it.

    Raises Refused 422 for an address that cannot be, an unknown template or way to pay; 409 at the statement for a
    taken address. Then nothing is opened.
    """
    template = _template(wanted.template)
    if not is_slug(wanted.slug):
        zh, en = (
            "须为 3 到 30 个小写字母、数字或连字符，且不是保留词",
            "3 to 30 small letters, digits or hyphens; not reserved.",
        )
        raise bad_field("slug", zh, en)
    gateways = _gateways(wanted.gateways)
    shop = open_shop(caller, wanted.name)
    named = {"slug": wanted.slug, "template": template.name, "gateways": gateways}
    db.session.add(LightStore(shop_id=shop.id, **named))
    db.session.flush()
    if not wanted.in_mall:
        place_in_mall(shop.id, False)
    news = take_in(shop.id, wanted.goods, STOCK) if wanted.goods else []
    page = PageWanted(theme=wanted.theme or template.theme, content=_content(template, caller.language))
    arrange_page(caller, shop.id, page)
    return MadeStore(shop, make_key(caller, shop.id, "API", MANAGER)[1], sum(news))


def change_store(caller: Caller, shop_id: UUID, in_mall: bool | None, gateways: Sequence[str] | None) -> None:
    """Change what is not None. Raises Refused: 404 also for a shop that is no light store, 403 without the right
    SETTINGS, 422 for an unknown way to pay."""
    require_right(shop_id, caller.person, SETTINGS)
    here = update(LightStore).where(LightStore.shop_id == shop_id)
    found = db.session.get(LightStore, shop_id)
    if found is None:
        raise missing("这家店不是轻商城", "This shop is no light store.")
    if gateways is not None:
        db.session.execute(here.values(gateways=_gateways(gateways)))
    if in_mall is not None:
        place_in_mall(shop_id, in_mall)


def make_key(caller: Caller, shop_id: UUID, name: str, role: str) -> tuple[UUID, str]:
    """(id, token) of a new key of the shop, which may do what this role may; the token is told this once.

    Raises Refused: 404, 403 without the right STAFF, 409 for more than MOST_KEYS, 422 for the role of an owner.
    """
    require_right(shop_id, caller.person, STAFF)
    if role == OWNER:
        raise bad_field("role", "密钥不能是店主", "A key is no owner.")
    locked_shop(shop_id)
    if count_keys(shop_id) >= MOST_KEYS:
        raise Refused(409, "too_many_keys", f"最多 {MOST_KEYS} 个密钥", f"At most {MOST_KEYS} keys.")
    agent_id = _new_agent(name)
    put_to_work(shop_id, agent_id, role)
    token = auth.new_token(agent_id)
    told = {"shop_id": shop_id, "person_id": agent_id, "name": name, "hash": auth.hash_of(token)}
    made = ShopKey(id=new_id(), by_id=caller.person, at=clock.db_now(), **told)
    db.session.add(made)
    db.session.flush()
    return made.id, token


def revoke_key(caller: Caller, shop_id: UUID, key_id: UUID) -> None:
    """The key opens nothing any more, from the next request on. Raises Refused: 404, 403 without the right STAFF."""
    require_right(shop_id, caller.person, STAFF)
    here = (ShopKey.id == key_id, ShopKey.shop_id == shop_id)
    person_id = db.session.scalar(select(ShopKey.person_id).where(*here))
    if person_id is None:
        raise missing("没有这个密钥", "There is no such key.")
    if _revoked(person_id, caller.person):
        let_go(shop_id, person_id)


def end_key_of(fact: StaffChanged) -> None:
    """Who works in the shop no more has no key to it: so is a key whose agent was let go as staff are."""
    if role_of(fact.shop_id, fact.person_id) is None:
        _revoked(fact.person_id, None)


def _new_agent(name: str) -> UUID:
    """A person who is a program: nobody knows his password, and he is signed in nowhere."""
    agent = sign_up(f"agent-{new_id().hex[-20:]}", secrets.token_urlsafe(32), f"API {name}", "").person
    end_sessions(agent.id)
    return agent.id


def _revoked(person_id: UUID, by_id: UUID | None) -> bool:
    good = (ShopKey.person_id == person_id, ShopKey.revoked_at.is_(None))
    if not changed(update(ShopKey).where(*good).values(revoked_at=clock.db_now(), revoked_by=by_id)):
        return False
    auth.forget_callers_of(person_id)
    return True


def _template(name: str) -> Template:
    if name not in TEMPLATES:
        words = ", ".join(TEMPLATES)
        raise bad_field("template", f"须为其中之一：{words}", f"Must be one of: {words}.")
    return TEMPLATES[name]


def _gateways(names: Sequence[str]) -> list[str]:
    known = [one["gateway"] for one in open_ways()]
    if any(one not in known for one in names):
        raise bad_field("gateways", "不支持的支付方式", "No such way to pay.")
    return list(dict.fromkeys(names)) or known


def _content(template: Template, language: str) -> Content:
    titled = [(en if language == "en" else zh, sort) for zh, en, sort in template.sections]
    return replace(Content(), sections=tuple(Section(str(new_id()), title, sort) for title, sort in titled))
