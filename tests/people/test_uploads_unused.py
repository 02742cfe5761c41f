"""Pictures that nothing uses go after two days; one that is used at that very moment stays, or its user is told."""

import os
import threading
import time
from collections.abc import Callable
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path
from typing import Any
from uuid import UUID

import pytest
from flask import Flask
from sqlalchemy import select, text

from app.core.caller import Ref
from app.core.config import settings
from app.core.db import db, in_transaction
from app.core.errors import Refused
from app.people.uploads import actions
from app.people.uploads.models import Upload
from tests import make
from tests.client import Client
from tests.make.person import Made


def _send(me: Client) -> UUID:
    return UUID(me.post("/uploads", **make.upload_form(make.picture_file())).json["id"])


def _fresh(app: Flask, owner: Made) -> UUID:
    return _send(Client(app).as_(owner.token))


def _age(hours: int = 49) -> None:
    aged = text("UPDATE uploads_uploads SET created_at = now() - make_interval(hours => :hours)")
    in_transaction(lambda: db.session.execute(aged, {"hours": hours}))


def _sweep(most: int = 200) -> int:
    return in_transaction(lambda: actions.sweep_unused(most))


def _used() -> set[UUID]:
    db.session.rollback()
    return set(db.session.scalars(select(Upload.id).where(Upload.used_at.is_not(None))))


def _unused() -> set[UUID]:
    db.session.rollback()
    return set(db.session.scalars(select(Upload.id).where(Upload.used_at.is_(None))))


def _files() -> list[Path]:
    return list(Path(settings.media_dir).rglob("*.jpg"))


def _in_thread(app: Flask, work: Callable[[], Any]) -> Any:
    with app.app_context():
        return in_transaction(work)


def test_a_picture_that_nothing_uses_is_swept_after_two_days_with_its_files(client: Client) -> None:
    author = make.person()
    me = client.as_(author.token)
    for old in _files():
        old.unlink()
    unused = _send(me)
    _age(47)
    assert _sweep() == 0
    _age(49)
    young = _send(me)
    assert _sweep() == 1
    assert _unused() == {young}
    for one in _files():
        os.utime(one, (time.time() - 4000,) * 2)
    swept = sum(in_transaction(lambda folder=folder: actions.sweep_orphans(folder)) for folder in range(256))
    assert swept == 3
    assert {one.name[:36] for one in _files()} == {str(young)}
    refused = me.post("/posts", {"kind": "note", "title": "露营", "uploads": [str(young), str(unused)]})
    assert (refused.status_code, list(refused.json["errors"])) == (422, ["uploads"])


def test_what_is_used_in_any_way_stays_though_nobody_may_see_it(client: Client) -> None:
    author, shop = make.person(), make.shop()
    me, seller = client.as_(author.token), client.as_(shop.owner.token)
    private, avatar, once, drafted = _send(me), _send(me), _send(me), _send(seller)
    note = {"kind": "note", "title": "露营"}
    assert me.post("/posts", {**note, "uploads": [str(private)], "visibility": "private"}).status_code == 201
    for worn in (str(avatar), None):
        assert me.patch("/me", {"avatar": worn}).status_code == 200
    post = me.post("/posts", {**note, "uploads": [str(once)]}).json["id"]
    assert me.patch(f"/posts/{post}", {"uploads": []}).status_code == 200
    goods = {"shop_id": str(shop.id), "title": "帐篷"}
    goods |= {"skus": [{"name": "绿", "price": 100, "stock": 1}], "uploads": [str(drafted)], "state": "draft"}
    made = seller.post("/products", goods)
    assert made.status_code == 201, made.text
    _age()
    assert _sweep() == 0
    assert _used() == {private, avatar, once, drafted}


def test_a_use_that_is_refused_uses_nothing(client: Client) -> None:
    me = client.as_(make.person().token)
    upload = _send(me)
    note = {"kind": "note", "title": "露营", "uploads": [str(upload)]}
    assert me.post("/posts", {**note, "rating": 5}).status_code == 422
    assert client.as_(make.person().token).post("/posts", note).status_code == 422
    assert _unused() == {upload}
    assert me.post("/posts", note).status_code == 201
    assert (_unused(), _used()) == (set(), {upload})


def test_what_is_being_used_at_this_moment_is_passed_over(app: Flask) -> None:
    author = make.person()
    used, unused = _fresh(app, author), _fresh(app, author)
    _age()
    using, go_on = threading.Event(), threading.Event()

    def use() -> None:
        actions.use_pictures(author.id, [used])
        using.set()
        assert go_on.wait(10)

    with ThreadPoolExecutor(1) as pool:
        user = pool.submit(_in_thread, app, use)
        assert using.wait(10)
        assert _sweep() == 1
        go_on.set()
        user.result()
    assert _sweep() == 0
    assert (_used(), _unused()) == ({used}, set())
    assert unused not in _used() | _unused()


def test_who_comes_while_it_is_swept_is_told_that_it_is_gone(app: Flask) -> None:
    author = make.person()
    upload = _fresh(app, author)
    _age()
    swept, go_on = threading.Event(), threading.Event()

    def sweep() -> int:
        found = actions.sweep_unused()
        swept.set()
        assert go_on.wait(10)
        return found

    with ThreadPoolExecutor(2) as pool:
        sweeper = pool.submit(_in_thread, app, sweep)
        assert swept.wait(10)
        user = pool.submit(_in_thread, app, lambda: actions.use_pictures(author.id, [upload]))
        time.sleep(0.2)
        assert not user.done(), "he waits for the sweep to end"
        go_on.set()
        assert sweeper.result() == 1
        with pytest.raises(Refused) as caught:
            user.result()
    assert (caught.value.status, list(caught.value.errors)) == (422, ["uploads"])


def test_two_things_may_begin_to_use_a_picture_at_once(app: Flask) -> None:
    author = make.person()
    uploads = [_fresh(app, author) for _ in range(3)]
    using, go_on = threading.Event(), threading.Event()

    def use(ids: list[UUID], waits: bool) -> list[UUID]:
        found = [one.id for one in actions.use_pictures(author.id, ids)]
        using.set()
        assert not waits or go_on.wait(10)
        return found

    with ThreadPoolExecutor(2) as pool:
        first = pool.submit(_in_thread, app, lambda: use(uploads, True))
        assert using.wait(10)
        second = pool.submit(_in_thread, app, lambda: use(uploads[::-1], False))
        time.sleep(0.2)
        go_on.set()
        assert (first.result(), second.result()) == (uploads, uploads[::-1])


def test_of_many_that_are_due_a_few_go_at_a_time(app: Flask) -> None:
    author = make.person()
    for _ in range(5):
        _fresh(app, author)
    _age()
    assert [_sweep(2) for _ in range(4)] == [2, 2, 1, 0]


def test_users_and_sweeps_at_once_leave_each_picture_used_or_gone(app: Flask) -> None:
    author = make.person()
    uploads = [_fresh(app, author) for _ in range(24)]
    _age()

    def use(upload: UUID) -> bool:
        try:
            return bool(_in_thread(app, lambda: [one.id for one in actions.use_pictures(author.id, [upload])]))
        except Refused as refused:
            assert refused.status == 422
            return False

    with ThreadPoolExecutor(4) as pool:
        sweeps = [pool.submit(_in_thread, app, lambda: actions.sweep_unused(2)) for _ in range(12)]
        used = dict(zip(uploads, pool.map(use, uploads), strict=True))
        swept = sum(one.result() for one in sweeps)
    left = {one for one, is_used in used.items() if is_used}
    assert (_used(), _unused()) == (left, set())
    assert swept == len(uploads) - len(left)


def test_what_older_code_sends_beside_this_stays(app: Flask) -> None:
    """An old process knows nothing of use: its pictures may be in a private post, which no other row tells."""
    columns = "id, owner_id, format, width, height, colour, size, digest"
    row = "gen_random_uuid(), gen_random_uuid(), 'jpg', 1, 1, '#000000', 1, ''"
    in_transaction(lambda: db.session.execute(text(f"INSERT INTO uploads_uploads ({columns}) VALUES ({row})")))
    _age()
    assert _sweep() == 0


def test_one_wrong_row_stops_no_sweep(app: Flask) -> None:
    author = make.person()
    shown, unused = _fresh(app, author), _fresh(app, author)
    in_transaction(lambda: actions.show([shown], Ref("post", shown)))
    _age()
    assert _sweep() == 1
    assert _unused() == {shown}
    assert unused not in _unused()
