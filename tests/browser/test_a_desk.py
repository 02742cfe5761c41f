"""A merchant's working day on a phone: parcels in bulk, an after-sales case, a reply to a review, a bill. And the staff
of the platform beside him: a dispute, a take rate, a payout."""

import csv
import io
import re
import subprocess
import sys
from typing import Any
from uuid import uuid4

import psycopg
import pyotp
from playwright.sync_api import Page, expect

from app.core import clock
from tests.browser.conftest import Open
from tests.browser.test_writing import signed_in
from tests.browser.window import Window
from tests.journeys.people import Somebody, done, eventually
from tests.live import LiveTown
from tests.services import ROOT


def sql(town: LiveTown, statement: str) -> None:
    with psycopg.connect(town.env["DATABASE_URL"].replace("+psycopg", ""), autocommit=True) as connection:
        connection.execute(statement)


class Buyer(Somebody):
    """Somebody who buys one thing, and says what he thinks of it."""

    def buys_one(self, sku_id: str) -> str:
        opened = done(self.post("/checkouts", {"lines": [{"sku_id": sku_id, "quantity": 1}]}), 201)
        self.order = self.orders(opened["id"])["orders"][0]
        return str(self.order["id"])

    def receives(self) -> None:
        done(self.post(f"/orders/{self.order['id']}/receipt", {}), 201)

    def asks(self, kind: str, uploads: list[str]) -> str:
        line = {"line_id": self.order["lines"][0]["id"], "units": 1}
        asked = {"kind": kind, "reason": "damaged", "words": "围巾有破洞", "lines": [line], "uploads": uploads}
        return str(done(self.post(f"/orders/{self.order['id']}/aftersales", asked, key=uuid4().hex), 201)["id"])

    def steps(self, case_id: str, step: str, **sent: Any) -> None:
        done(self.post(f"/aftersales/{case_id}/{step}", sent, key=uuid4().hex), 201)


def staff(town: LiveTown, opened: Open, role: str, path: str) -> tuple[Any, Page]:
    """Somebody of the platform on a phone, at a page of the admin view."""
    person = Somebody(town, "平台")
    grant = [sys.executable, "-m", "flask", "accounts", "grant", person.username, role]
    subprocess.run(grant, cwd=ROOT, env=town.env, check=True, capture_output=True)
    window = opened(phone=True)
    page = signed_in(window, person, "/second-factor")
    secret = page.inner_text("#secret")
    page.get_by_label(re.compile("密码")).fill(person.password)
    page.locator("input[name=code]").fill(pyotp.TOTP(secret).at(clock.now()))
    page.locator("main form button").first.click()
    page.wait_for_load_state()
    return window, window.open(path)


def test_a_merchant_works_through_a_day_on_a_phone(town: LiveTown, opened: Open) -> None:
    merchant = Somebody(town, "店主")
    shop = merchant.opens_a_shop("小满的店")
    sku = merchant.lists(shop, title="冬季羊毛围巾", stock=50)["skus"][0]["id"]
    buyers = [Buyer(town, f"买家{number}") for number in range(5)]
    orders = [one.buys_one(sku) for one in buyers]
    base = f"/portal/shops/{shop}"
    window = opened(phone=True)
    page = signed_in(window, merchant, f"{base}/orders")
    page.get_by_label("订单号、收货人或手机尾号").fill(orders[0][-8:])
    page.get_by_role("button", name="查找").click()
    expect(page.locator("[data-order]")).to_have_count(1)
    window.look("found")
    page.get_by_role("link", name=re.compile("^订单 ")).first.click()
    window.look("order-to-ship")
    page.get_by_label("快递公司").select_option("sandbox")
    page.get_by_label("运单号").fill("SB-0")
    page.get_by_role("button", name="发货", exact=True).click()
    expect(page.get_by_role("status")).to_contain_text("已发货")
    window.look("order-shipped")
    _ships_in_bulk(window, page, base, orders)
    _sells_and_is_told(window, page, base, buyers)
    _has_a_bill(town, window, page, base)
    _looks_in_english(opened, merchant, base, orders[0])


def _looks_in_english(opened: Open, merchant: Somebody, base: str, order: str) -> None:
    window = opened(phone=True, language="en")
    page = window.open(f"{base}/orders")
    page.get_by_label("Username").fill(merchant.username)
    page.get_by_label("Password").fill(merchant.password)
    page.locator("main form button").first.click()
    page.wait_for_url(f"**{base}/orders")
    for path in (f"{base}/orders", f"/portal/orders/{order}", f"{base}/shipping", f"{base}/aftersales?part=ended"):
        page.goto(path)
        window.look("en-" + path.rpartition("/")[2].partition("?")[0].replace(order, "order"))
    for path in (f"{base}/reviews", f"{base}/bills", f"{base}/payee"):
        page.goto(path)
        window.look("en-" + path.rpartition("/")[2])


def _ships_in_bulk(window: Any, page: Page, base: str, orders: list[str]) -> None:
    page.goto(f"{base}/shipping")
    window.look("shipping")
    page.locator("#carrier").select_option("sandbox")
    page.locator(f"#number-{orders[1]}").fill("SB-1")
    page.locator(f"#number-{orders[2]}").fill("不是单号")
    page.locator(f"#carrier-{orders[2]}").select_option("sf")
    window.expect(422)
    page.get_by_role("button", name="批量发货").click()
    expect(page.get_by_role("status")).to_contain_text("已登记 1 个包裹，1 个没有成功")
    window.look("shipping-result")
    with page.expect_download() as loading:
        page.get_by_role("link", name=re.compile("下载待发货表格")).click()
    text = loading.value.path().read_text("utf-8-sig")
    rows = list(csv.DictReader(io.StringIO(text, newline="")))
    assert [one["订单号"] for one in rows] == orders[2:]
    out = io.StringIO()
    writer = csv.DictWriter(out, rows[0])
    writer.writeheader()
    writer.writerows(one | {"快递公司": "沙盒快递", "运单号": f"SB-{place}"} for place, one in enumerate(rows, 2))
    sheet = {"name": "parcels.csv", "mimeType": "text/csv", "buffer": out.getvalue().encode("gb18030")}
    page.get_by_label("填好的表格").set_input_files([sheet])
    page.get_by_role("button", name="上传并发货").click()
    expect(page.get_by_role("status")).to_contain_text("已登记 3 个包裹")
    expect(page.locator("main")).to_contain_text("没有待发货的订单")
    window.look("shipping-done")


def _sells_and_is_told(window: Any, page: Page, base: str, buyers: list[Buyer]) -> None:
    for one in buyers:
        one.receives()
    case = buyers[0].asks("return", [buyers[0].uploads()])
    page.goto(f"{base}/return-policy")
    page.get_by_label(re.compile("^退货地址")).fill("杭州仓 1 号")
    page.get_by_role("button", name="保存").click()
    window.look("policy")
    page.goto(f"{base}/aftersales")
    window.look("cases")
    page.get_by_role("link", name=re.compile("退货退款")).click()
    window.look("case")
    page.get_by_role("button", name="同意").click()
    expect(page.get_by_role("status")).to_contain_text("已处理")
    buyers[0].steps(case, "parcel", carrier="sandbox", number="BACK-1", paid=1000)
    page.reload()
    page.get_by_label(re.compile("完好")).check()
    window.look("case-back")
    page.get_by_role("button", name="确认收货并退款").click()
    expect(page.locator("main")).to_contain_text("¥99.00")
    window.look("case-done")
    order = buyers[1].order
    said = {"line_id": order["lines"][0]["id"], "rating": 2, "text": "有点扎", "uploads": [buyers[1].uploads()]}
    done(buyers[1].post(f"/orders/{order['id']}/reviews", said), 201)
    page.goto(f"{base}/reviews?replied=false")
    page.get_by_text("回复", exact=False).locator("visible=true").filter(has_text=re.compile("^回复")).first.click()
    page.get_by_label(re.compile("^回复（")).fill("抱歉，可以换货")
    window.look("reply")
    page.get_by_role("button", name="发布回复").click()
    page.goto(f"{base}/reviews")
    expect(page.locator("main")).to_contain_text("抱歉，可以换货")
    window.look("reviews")


def _has_a_bill(town: LiveTown, window: Any, page: Page, base: str) -> None:
    sql(town, "UPDATE settlement_due SET due_at = now() - interval '1 day'")

    def settled() -> bool:
        page.goto(f"{base}/bills")
        return "¥386.00" in page.locator("[data-money=settled]").inner_text()

    eventually(settled, 20)
    window.look("no-bills")
    sql(town, "UPDATE settlement_entries SET at = at - interval '7 days'")
    town.kill_worker()
    eventually(lambda: page.goto(f"{base}/bills") is not None and page.locator("[data-bill]").count() == 1, 30)
    window.look("bills")
    page.locator("[data-bill] a").click()
    window.look("bill")
    with page.expect_download() as loading:
        page.get_by_role("link", name=re.compile("下载明细")).click()
    assert len(loading.value.path().read_text("utf-8-sig").splitlines()) >= 5
    page.get_by_role("button", name="确认账单").click()
    expect(page.locator("h1")).to_contain_text("已确认")
    page.goto(f"{base}/payee")
    page.get_by_label("户名").fill("小满商贸")
    page.get_by_label(re.compile("^开户行")).fill("招商银行")
    page.get_by_label("账号").fill("6222000011112333")
    page.get_by_role("button", name="保存").click()
    expect(page.locator("main")).to_contain_text("…2333")
    window.look("payee")


def test_the_staff_of_the_platform_decides_and_pays_on_a_phone(town: LiveTown, opened: Open) -> None:
    merchant, buyer = Somebody(town, "店主"), Buyer(town, "买家")
    shop = merchant.opens_a_shop("小满的店")
    order = buyer.buys_one(merchant.lists(shop)["skus"][0]["id"])
    done(merchant.post(f"/orders/{order}/packages", {"carrier": "sandbox", "number": "A1"}), 201)
    case = buyer.asks("refund", [buyer.uploads()])
    done(merchant.post(f"/aftersales/{case}/refusal", {"words": "已使用"}, key=uuid4().hex), 201)
    buyer.steps(case, "appeal", words="没有使用过")
    window, page = staff(town, opened, "admin", "/admin/aftersales")
    window.look("disputes")
    page.get_by_role("link", name=re.compile("仅退款")).click()
    window.look("dispute")
    page.get_by_label(re.compile("立即退款")).check()
    page.get_by_label(re.compile("退款金额")).fill("50")
    page.get_by_label(re.compile("理由")).fill("图片显示破洞，退一部分")
    page.get_by_role("button", name="裁决").click()
    expect(page.locator("main")).to_contain_text("¥50.00")
    window.look("decided")
    page.goto("/admin/fees")
    page.get_by_label("扣点（%）").fill("5.5")
    page.get_by_role("button", name="设置", exact=True).click()
    expect(page.locator("main")).to_contain_text("5.50 %")
    window.look("fees")
    page.goto("/admin/payouts")
    window.expect(409)
    page.get_by_role("button", name="生成").click()
    expect(page.get_by_role("alert")).to_contain_text("没有可以打款的账单")
    window.look("payouts")
    _withdrawals(town, window)


def _withdrawals(town: LiveTown, window: Window) -> None:
    asked = "SELECT uuidv7(), id, 500, '6222', '6222', '王小明', 'asked' FROM accounts_people ORDER BY id LIMIT 2"
    sql(town, f"INSERT INTO wallets_withdrawals (id, person_id, amount, account, ends_with, holder, state) {asked}")
    page = window.page
    page.goto("/admin/withdrawals")
    page.get_by_label("¥5.00").first.check()
    page.locator("summary", has_text="拒绝").last.click()
    window.look("withdrawals")
    page.get_by_role("button", name="批准勾选的提现").click()
    expect(page.locator("main")).to_contain_text("已批准")
    page.locator("summary", has_text="银行退回").click()
    window.look("withdrawals-sent")
