"""What must hold of a whole store at every moment (I1-I9 of the reliability scenarios), in SQL: name -> what breaks it.

Each query finds the ids that break its rule; of a sound store none finds any. They trust no sum that the store keeps:
stock is counted from movements, money from journals, progress from parcels, cases and shares, limits from uses.
"""

from collections.abc import Callable, Sequence

Ask = Callable[[str], Sequence[Sequence[object]]]
"""Runs a query and answers its rows."""

STOCK = {
    "stock is below zero": "SELECT sku_id FROM inventory_stock WHERE available < 0",
    "the movements of a SKU do not add up to its stock": """
        SELECT s.sku_id FROM inventory_stock s LEFT JOIN inventory_movements m ON m.sku_id = s.sku_id
        GROUP BY s.sku_id, s.available HAVING s.available <> coalesce(sum(m.delta), 0)""",
    "what was put there is not what is left, held, sold and exchanged, less what came back": """
        SELECT s.sku_id FROM inventory_stock s
        LEFT JOIN LATERAL (SELECT sum(quantity) AS units FROM inventory_holds h
          WHERE h.sku_id = s.sku_id AND h.state IN ('active', 'committed')) h ON true
        LEFT JOIN LATERAL (SELECT
          sum(delta) FILTER (WHERE reason IN ('set', 'received', 'damaged', 'moved')) AS put,
          sum(delta) FILTER (WHERE reason IN ('returned', 'cancelled', 'cancellation', 'exchanged')) AS back
          FROM inventory_movements m WHERE m.sku_id = s.sku_id) m ON true
        WHERE coalesce(m.put, 0) <> s.available + coalesce(h.units, 0) - coalesce(m.back, 0)
          AND NOT EXISTS (SELECT FROM inventory_movements o  -- of older ones the holds are forgotten
            WHERE o.sku_id = s.sku_id AND o.reason = 'held' AND o.at < now() - interval '7 days')""",
    "a hold of a paid purchase is not committed": """
        SELECT h.id FROM inventory_holds h JOIN orders_purchases p ON p.id = h.subject_id
        WHERE p.status = 'paid' AND h.state <> 'committed'""",
    "a hold of a lapsed or cancelled purchase is not released": """
        SELECT h.id FROM inventory_holds h JOIN orders_purchases p ON p.id = h.subject_id
        WHERE p.status IN ('lapsed', 'cancelled') AND h.state <> 'released'""",
    "what was cancelled is not for sale again, or more than that": """
        SELECT f.sku_id FROM fulfilment_lines f JOIN orders_lines l ON l.id = f.line_id
        WHERE l.goods_kind = 'physical' GROUP BY f.sku_id
        HAVING sum(f.cancelled) <> (SELECT coalesce(sum(m.delta), 0) FROM inventory_movements m
          WHERE m.sku_id = f.sku_id AND m.reason IN ('cancelled', 'cancellation'))""",
    "more is for sale again than was sent back": """
        SELECT f.sku_id FROM fulfilment_lines f GROUP BY f.sku_id
        HAVING sum(f.returned) + (SELECT coalesce(sum(i.units), 0) FROM aftersales_lines i
            JOIN aftersales_cases c ON c.id = i.case_id AND c.state = 'replaced'
            JOIN fulfilment_lines g ON g.line_id = i.line_id WHERE g.sku_id = f.sku_id)
          < (SELECT coalesce(sum(m.delta), 0) FROM inventory_movements m
          WHERE m.sku_id = f.sku_id AND m.reason = 'returned')""",
    "what was sent in exchange is not what was taken for that": """
        SELECT f.sku_id FROM fulfilment_lines f LEFT JOIN aftersales_lines i ON i.line_id = f.line_id
        LEFT JOIN aftersales_cases c ON c.id = i.case_id AND c.state = 'replaced' GROUP BY f.sku_id
        HAVING coalesce(sum(i.units) FILTER (WHERE c.id IS NOT NULL), 0) <> -(SELECT coalesce(sum(m.delta), 0)
          FROM inventory_movements m WHERE m.sku_id = f.sku_id AND m.reason = 'exchanged')""",
}
ORDERS = {
    "a purchase's total is not its orders' total": """
        SELECT p.id FROM orders_purchases p JOIN orders_orders o ON o.purchase_id = p.id
        GROUP BY p.id HAVING sum(o.total) <> p.total""",
    "an order's total is not its lines, freight and adjustments": """
        SELECT o.id FROM orders_orders o WHERE o.total <> o.freight
        + (SELECT coalesce(sum(a.amount), 0) FROM orders_adjustments a WHERE a.order_id = o.id)
        + (SELECT coalesce(sum(l.price * l.quantity), 0) FROM orders_lines l WHERE l.order_id = o.id)
        + (SELECT coalesce(sum(a.amount), 0) FROM orders_adjustments a JOIN orders_lines l ON l.id = a.line_id
           WHERE l.order_id = o.id)""",
    "a line or a freight costs less than nothing": """
        SELECT l.id FROM orders_lines l JOIN orders_adjustments a ON a.line_id = l.id
        GROUP BY l.id HAVING l.price * l.quantity + sum(a.amount) < 0
        UNION ALL SELECT o.id FROM orders_orders o JOIN orders_adjustments a ON a.order_id = o.id
        GROUP BY o.id HAVING o.freight + sum(a.amount) < 0""",
    "a checkout was purchased twice": """
        SELECT checkout_id FROM orders_purchases GROUP BY checkout_id HAVING count(*) > 1""",
    "a purchase's fact is missing or doubled": """
        SELECT p.id FROM orders_purchases p LEFT JOIN core_events e
        ON e.name = 'PurchasePlaced' AND e.body->>'purchase_id' = p.id::text GROUP BY p.id HAVING count(e.id) <> 1""",
    "a paid order has not begun": """
        SELECT o.id FROM orders_orders o LEFT JOIN fulfilment_orders f ON f.order_id = o.id
        WHERE (o.status = 'paid') <> (f.order_id IS NOT NULL)""",
}
PROGRESS = {
    "what was sent or received is not what lies in parcels": """
        SELECT f.line_id FROM fulfilment_lines f JOIN orders_lines l ON l.id = f.line_id
        LEFT JOIN delivery_package_lines i ON i.line_id = f.line_id
        LEFT JOIN delivery_packages p ON p.id = i.package_id
        WHERE l.goods_kind = 'physical' GROUP BY f.line_id, f.shipped, f.received
        HAVING f.shipped <> coalesce(sum(i.units), 0)
          OR f.received <> coalesce(sum(i.units) FILTER (WHERE p.received_at IS NOT NULL), 0)""",
    "what counts as handed over of a service is not what was had of it": """
        SELECT f.line_id FROM fulfilment_lines f JOIN orders_lines l ON l.id = f.line_id AND l.goods_kind = 'service'
        JOIN vouchers_vouchers v ON v.line_id = f.line_id GROUP BY f.line_id, f.shipped, f.received
        HAVING f.shipped <> count(*) FILTER (WHERE v.state = 'used') OR f.received <> f.shipped""",
    "what is claimed is not what open cases are about": """
        SELECT f.line_id FROM fulfilment_lines f LEFT JOIN aftersales_lines i ON i.line_id = f.line_id
        LEFT JOIN aftersales_cases c ON c.id = i.case_id AND c.closed_at IS NULL GROUP BY f.line_id, f.claimed
        HAVING f.claimed <> coalesce(sum(i.units) FILTER (WHERE c.id IS NOT NULL), 0)""",
    "what went back of a line is not what was granted of it": """
        SELECT f.line_id FROM fulfilment_lines f LEFT JOIN refunds_shares s ON s.line_id = f.line_id
          AND s.holder = 'buyer' GROUP BY f.line_id, f.refunded, f.refunded_amount
        HAVING f.refunded <> coalesce(sum(s.units), 0) OR f.refunded_amount <> coalesce(sum(s.amount), 0)""",
    "an axis does not follow from the lines": """
        SELECT f.order_id FROM fulfilment_orders f JOIN (SELECT order_id,
           sum(quantity - cancelled - shipped) AS to_ship, sum(shipped) AS shipped, sum(received) AS received,
           sum(claimed) AS claimed, sum(refunded) AS refunded, sum(quantity) AS quantity,
           sum(refunded_amount) AS amount FROM fulfilment_lines GROUP BY order_id) l ON l.order_id = f.order_id
        WHERE f.fulfilment <> CASE WHEN l.shipped = 0 AND l.to_ship > 0 THEN 'unfulfilled'
            WHEN l.shipped = 0 THEN 'cancelled' WHEN l.to_ship > 0 THEN 'partly_shipped'
            WHEN l.received = l.shipped THEN 'received' ELSE 'shipped' END
          OR f.aftersale <> CASE WHEN l.claimed > 0 THEN 'open' WHEN l.refunded = l.quantity THEN 'refunded'
            WHEN l.refunded > 0 OR l.amount > 0 THEN 'partly_refunded' ELSE 'none' END""",
    "an axis does not stand as its log ends": """
        SELECT f.order_id FROM fulfilment_orders f, unnest(ARRAY['fulfilment', 'aftersale'],
          ARRAY[f.fulfilment, f.aftersale], ARRAY['unfulfilled', 'none']) AS a (what, is_now, at_first)
        WHERE a.is_now <> coalesce((SELECT g.after FROM fulfilment_log g WHERE g.order_id = f.order_id
          AND g.what = a.what ORDER BY g.id DESC LIMIT 1), a.at_first)""",
}
PAYMENTS = {
    "a paid purchase without a settled payment": """
        SELECT p.id FROM orders_purchases p WHERE p.status = 'paid' AND NOT EXISTS (
        SELECT 1 FROM payments_payments y WHERE y.payable_id = p.id AND y.state = 'paid')""",
    "a settled payment that neither paid nor is refunded": """
        SELECT y.id FROM payments_payments y LEFT JOIN orders_purchases p ON p.id = y.payable_id
        LEFT JOIN payments_refunds r ON r.payment_id = y.id
        WHERE y.state = 'paid' AND y.payable_kind = 'purchase' AND r.id IS NULL AND p.status <> 'paid'""",
    "what was paid, less what came too late or twice, is not the total": """
        SELECT p.id FROM orders_purchases p JOIN payments_payments y ON y.payable_id = p.id AND y.state = 'paid'
        LEFT JOIN LATERAL (SELECT sum(r.amount) AS amount FROM payments_refunds r
          WHERE r.payment_id = y.id AND r.reason NOT LIKE 'grant:%') r ON true
        GROUP BY p.id, p.status, p.total
        HAVING sum(y.amount) - coalesce(sum(r.amount), 0) <> CASE p.status WHEN 'paid' THEN p.total ELSE 0 END""",
    "a purchase was paid twice": """
        SELECT purchase_id FROM orders_log WHERE after = 'paid' GROUP BY purchase_id HAVING count(*) > 1""",
    "more goes back of a payment than it was": """
        SELECT y.id FROM payments_payments y JOIN payments_refunds r ON r.payment_id = y.id
        GROUP BY y.id HAVING sum(r.amount) > y.amount OR y.state <> 'paid'""",
    "the provider did not pay a refund once": """
        SELECT r.id FROM payments_refunds r JOIN payments_payments y ON y.id = r.payment_id
        LEFT JOIN payments_sandbox_books b ON b.kind = 'refund' AND b.number = r.id AND b.amount = r.amount
        WHERE y.gateway = 'sandbox' GROUP BY r.id, r.state
        HAVING CASE r.state WHEN 'done' THEN count(b.id) <> 1 WHEN 'due' THEN count(b.id) > 0 END""",
    "the provider paid a refund that is not ours": """
        SELECT b.id FROM payments_sandbox_books b LEFT JOIN payments_refunds r ON r.id = b.number
        WHERE b.kind = 'refund' AND (r.id IS NULL OR r.payment_id <> b.payment_id OR r.amount <> b.amount)""",
    "a refund's fact is missing or doubled": """
        SELECT r.id FROM payments_refunds r LEFT JOIN core_events e
          ON e.name = 'RefundDone' AND e.body->>'refund_id' = r.id::text GROUP BY r.id, r.state
        HAVING count(e.id) <> CASE r.state WHEN 'done' THEN 1 ELSE 0 END""",
}
REFUNDS = {
    "what goes back of an order is not what goes back of its lines and freight": """
        SELECT f.order_id FROM fulfilment_orders f JOIN fulfilment_lines l ON l.order_id = f.order_id
        GROUP BY f.order_id HAVING f.refunded <> f.freight_refunded + sum(l.refunded_amount)""",
    "more goes back of an order or a line than was paid for it": """
        SELECT f.order_id FROM fulfilment_orders f JOIN orders_orders o ON o.id = f.order_id
        WHERE f.refunded > o.total OR f.total <> o.total
        UNION ALL SELECT l.id FROM orders_lines l JOIN refunds_shares s ON s.line_id = l.id AND s.holder = 'buyer'
        GROUP BY l.id HAVING sum(s.amount) > l.price * l.quantity
          + coalesce((SELECT sum(a.amount) FROM orders_adjustments a WHERE a.line_id = l.id), 0)""",
    "an order of which every unit went back has something left of it": """
        SELECT l.line_id FROM fulfilment_lines l JOIN refunds_shares s ON s.line_id = l.line_id AND s.holder = 'buyer'
        WHERE l.refunded = l.quantity GROUP BY l.line_id
        HAVING l.refunded_amount + sum(s.withheld) <> greatest(l.total, 0)""",
    "something is withheld of a line without goods that came back": """
        SELECT s.line_id FROM refunds_shares s LEFT JOIN fulfilment_lines l ON l.line_id = s.line_id
        GROUP BY s.line_id, l.returned HAVING sum(s.withheld) > 0 AND coalesce(l.returned, 0) = 0""",
    "a grant is not the sum of its shares, or not what is sent back": """
        SELECT g.id FROM refunds_grants g LEFT JOIN refunds_shares s ON s.grant_id = g.id AND s.holder = 'buyer'
        LEFT JOIN payments_refunds r ON r.id = g.refund_id
        GROUP BY g.id, r.amount HAVING g.amount <> coalesce(sum(s.amount), 0) OR g.amount <> coalesce(r.amount, 0)""",
    "more goes back to a funder than he gave": """
        SELECT s.order_id FROM refunds_shares s WHERE s.holder <> 'buyer' GROUP BY s.order_id, s.line_id, s.holder
        HAVING sum(s.amount) > -coalesce((SELECT sum(a.amount) FROM orders_adjustments a WHERE a.funder = s.holder
          AND (a.line_id = s.line_id OR s.line_id IS NULL AND a.line_id IS NULL AND a.order_id = s.order_id)), 0)""",
}
PROMOTIONS = {
    "a promotion was used more often, or gave more, than it may": """
        SELECT p.id FROM promotions_promotions p JOIN promotions_uses u
          ON u.promotion_id = p.id AND u.returned_at IS NULL
        GROUP BY p.id HAVING count(*) > p.most_uses OR sum(u.amount) > p.budget""",
    "what is left of a promotion is not what its uses left": """
        SELECT p.id FROM promotions_promotions p
        JOIN LATERAL (SELECT sum(budget_left) AS budget, sum(uses_left) AS uses FROM promotions_slots s
          WHERE s.promotion_id = p.id) s ON true
        JOIN LATERAL (SELECT coalesce(sum(amount), 0) AS amount, count(*) AS number FROM promotions_uses u
          WHERE u.promotion_id = p.id AND u.returned_at IS NULL) u ON true
        WHERE s.budget <> p.budget - u.amount OR s.uses <> p.most_uses - u.number""",
    "somebody used a promotion more often than a person may": """
        SELECT p.id FROM promotions_promotions p JOIN promotions_uses u
          ON u.promotion_id = p.id AND u.returned_at IS NULL
        GROUP BY p.id, u.buyer_kind, u.buyer_id HAVING count(*) > p.most_per_person""",
    "a use is not what it took off its purchase": """
        SELECT u.id FROM promotions_uses u WHERE u.amount <> -(SELECT coalesce(sum(a.amount), 0)
          FROM orders_orders o LEFT JOIN orders_lines l ON l.order_id = o.id
          JOIN orders_adjustments a ON a.line_id = l.id WHERE o.purchase_id = u.purchase_id AND a.source IN (
            SELECT 'promotion:' || u.promotion_id UNION ALL SELECT 'coupon:code:' || u.promotion_id
            UNION ALL SELECT 'coupon:' || c.id FROM coupons_coupons c WHERE c.batch_id = u.promotion_id))
        - (SELECT coalesce(sum(a.amount), 0) FROM orders_orders o JOIN orders_adjustments a ON a.order_id = o.id
          AND a.line_id IS NULL WHERE o.purchase_id = u.purchase_id AND a.source IN (
            SELECT 'promotion:' || u.promotion_id UNION ALL SELECT 'coupon:code:' || u.promotion_id
            UNION ALL SELECT 'coupon:' || c.id FROM coupons_coupons c WHERE c.batch_id = u.promotion_id))""",
    "a use stands though nothing is left of its orders, or is returned though something is": """
        SELECT u.id FROM promotions_uses u JOIN orders_purchases p ON p.id = u.purchase_id
        WHERE (u.returned_at IS NULL) <> (p.status IN ('unpaid', 'paid') AND (p.status = 'unpaid' OR EXISTS (
          SELECT 1 FROM orders_orders o JOIN fulfilment_orders f ON f.order_id = o.id
          LEFT JOIN orders_lines l ON l.order_id = o.id
          JOIN orders_adjustments a ON a.line_id = l.id OR a.order_id = o.id
          WHERE o.purchase_id = p.id AND f.fulfilment <> 'cancelled' AND f.aftersale <> 'refunded' AND a.source IN (
            SELECT 'promotion:' || u.promotion_id UNION ALL SELECT 'coupon:code:' || u.promotion_id
            UNION ALL SELECT 'coupon:' || c.id FROM coupons_coupons c WHERE c.batch_id = u.promotion_id))))""",
    "a coupon is used without a use that stands, or the other way": """
        SELECT c.id FROM coupons_coupons c LEFT JOIN promotions_uses u
          ON u.promotion_id = c.batch_id AND u.purchase_id = c.purchase_id AND u.returned_at IS NULL
        WHERE (c.state = 'used') <> (u.id IS NOT NULL)""",
    "more coupons of a batch are claimed than there are": """
        SELECT b.id FROM coupons_batches b LEFT JOIN coupons_coupons c ON c.batch_id = b.id
        GROUP BY b.id HAVING count(c.id) <> b.claimed OR count(c.id) > b.quantity""",
}
_IN = """(SELECT coalesce(sum(e.amount), 0) FROM ledger_entries e JOIN ledger_accounts a ON a.id = e.account_id
          WHERE a.name = {})"""
HELD = """SELECT o.id, o.shop_id, o.total
    - coalesce((SELECT sum(a.amount) FROM orders_adjustments a JOIN orders_lines l ON l.id = a.line_id
      WHERE l.order_id = o.id AND a.funder <> 'shop'), 0)
    - coalesce((SELECT sum(a.amount) FROM orders_adjustments a WHERE a.order_id = o.id AND a.line_id IS NULL
      AND a.funder <> 'shop'), 0)
    - coalesce((SELECT sum(s.amount) FROM refunds_shares s WHERE s.order_id = o.id), 0)
    - coalesce((SELECT sum(c.way_back) FROM aftersales_cases c WHERE c.order_id = o.id AND c.back_number IS NOT NULL
      AND c.state IN ('granted', 'replaced')), 0)
    - coalesce((SELECT sum(t.amount) FROM lateness_orders t JOIN orders_purchases p ON p.id = o.purchase_id
      WHERE t.order_id = o.id AND p.buyer_kind = 'person'), 0) AS held
    FROM orders_orders o WHERE o.status = 'paid'"""
"""What each paid order leaves its shop, before fee and supplier take theirs, from the order's own rows."""
LEDGER = {
    "a journal does not sum to zero": """
        SELECT journal_id FROM ledger_entries GROUP BY journal_id, currency HAVING sum(amount) <> 0""",
    "a stored balance is not what its entries add up to": """
        SELECT b.account_id FROM ledger_balances b JOIN ledger_accounts a ON a.id = b.account_id
        WHERE b.amount <> (SELECT coalesce(sum(e.amount), 0) FROM ledger_entries e WHERE e.account_id = b.account_id
          AND e.currency = b.currency AND (b.guarded OR e.id <= (SELECT upto FROM ledger_folded)))""",
    "a paid order without its journal, or with two": """
        SELECT o.id FROM orders_purchases p JOIN orders_orders o ON o.purchase_id = p.id
        LEFT JOIN ledger_journals j ON j.subject_id = o.id AND j.kind = 'order_paid'
        WHERE p.status = 'paid' AND o.total > 0 GROUP BY o.id HAVING count(j.id) <> 1""",
    "an order that is not paid has a journal": """
        SELECT o.id FROM orders_purchases p JOIN orders_orders o ON o.purchase_id = p.id
        JOIN ledger_journals j ON j.subject_id = o.id WHERE p.status <> 'paid'""",
    "the sandbox has not what it took less what it gave back": f"""
        SELECT 'gateway:sandbox' WHERE {_IN.format("'gateway:sandbox'")} <>
        (SELECT coalesce(sum(amount), 0) FROM payments_payments WHERE gateway = 'sandbox' AND state = 'paid') -
        (SELECT coalesce(sum(r.amount), 0) FROM payments_refunds r JOIN payments_payments y ON y.id = r.payment_id
         WHERE y.gateway = 'sandbox' AND r.state = 'done')""",
    "what is owed to buyers is not what is still to be refunded": f"""
        SELECT 'refunds:due' WHERE {_IN.format("'refunds:due'")} <>
        -(SELECT coalesce(sum(amount), 0) FROM payments_refunds WHERE state <> 'done')""",
    "a funder has not given what he took off, less what came back": f"""
        SELECT f.funder FROM (SELECT funder, -sum(amount) AS amount FROM (
          SELECT a.funder, a.amount FROM orders_adjustments a JOIN orders_lines l ON l.id = a.line_id
          JOIN orders_orders o ON o.id = l.order_id WHERE o.status = 'paid' AND a.funder <> 'shop'
          UNION ALL SELECT a.funder, a.amount FROM orders_adjustments a JOIN orders_orders o ON o.id = a.order_id
          WHERE o.status = 'paid' AND a.line_id IS NULL AND a.funder <> 'shop') a GROUP BY funder) f
        WHERE {_IN.format("'funder:' || f.funder")} <> f.amount -
          (SELECT coalesce(sum(amount), 0) FROM refunds_shares WHERE holder = f.funder)""",
    "a shop's held money is not what its orders left less what was settled": f"""
        SELECT s.shop_id FROM (SELECT DISTINCT shop_id FROM orders_orders WHERE status = 'paid') s
        WHERE {_IN.format("'shop:' || s.shop_id")} <>
        -(SELECT coalesce(sum(v.held), 0) FROM ({HELD}) v WHERE v.shop_id = s.shop_id)
        + (SELECT coalesce(sum(e.net - e.fee - e.supply), 0) FROM settlement_entries e
           WHERE e.shop_id = s.shop_id AND e.kind IN ('order', 'correction'))""",
}
_PAID_OUT = """(SELECT coalesce(sum(n.amount), 0) FROM ledger_entries n
          JOIN ledger_journals j ON j.id = n.journal_id AND j.kind LIKE 'payout%'
          JOIN ledger_accounts a ON a.id = n.account_id WHERE a.name = {})"""
SETTLEMENT = {
    "a settled order's entries are not what it leaves": f"""
        SELECT v.id FROM ({HELD}) v JOIN settlement_entries e ON e.order_id = v.id AND e.kind IN ('order', 'correction')
        WHERE NOT EXISTS (SELECT 1 FROM settlement_due d WHERE d.order_id = v.id)
        GROUP BY v.id, v.held HAVING v.held <> sum(e.net - e.fee - e.supply)""",
    "a fee is not the rate, frozen on the line, of what was kept of it": """
        SELECT v.id FROM (SELECT l.order_id AS id, sum(floor((l.take_rate * greatest(l.price * l.quantity
            + coalesce((SELECT sum(a.amount) FROM orders_adjustments a WHERE a.line_id = l.id AND a.funder = 'shop'), 0)
            - coalesce((SELECT sum(s.amount) FROM refunds_shares s WHERE s.line_id = l.id), 0), 0) + 5000) / 10000))
          AS fee FROM orders_lines l GROUP BY l.order_id) v
        JOIN settlement_entries e ON e.order_id = v.id AND e.kind IN ('order', 'correction')
        WHERE NOT EXISTS (SELECT 1 FROM settlement_due d WHERE d.order_id = v.id)
        GROUP BY v.id, v.fee HAVING v.fee <> -sum(e.fee)""",
    "money of a shop is to be paid, and no bill brings it": """
        SELECT s.shop_id FROM settlement_shops s WHERE s.settled > 0
          AND NOT EXISTS (SELECT FROM settlement_entries e WHERE e.shop_id = s.shop_id
            AND NOT EXISTS (SELECT FROM bills_bills b WHERE b.shop_id = e.shop_id AND e.at >= b.begins AND e.at < b.ends
              AND (b.state = 'paid' OR EXISTS (SELECT FROM payouts_bills p WHERE p.bill_id = b.id))))""",
    "an order was settled twice": """
        SELECT order_id FROM settlement_entries WHERE kind = 'order' GROUP BY order_id HAVING count(*) > 1""",
    "an order was settled with a case open, or before it was over": """
        SELECT e.order_id FROM settlement_entries e JOIN fulfilment_orders f ON f.order_id = e.order_id
        WHERE e.kind = 'order' AND f.fulfilment NOT IN ('received', 'cancelled')
        UNION ALL SELECT e.order_id FROM settlement_entries e JOIN aftersales_cases c ON c.order_id = e.order_id
        WHERE e.kind = 'order' AND c.opened_at < e.at AND coalesce(c.closed_at, 'infinity') > e.at""",
    "the books of an order differ from its rows": "SELECT order_id FROM settlement_due WHERE problem IS NOT NULL",
    "a shop stands otherwise than the ledger says": f"""
        SELECT s.shop_id FROM settlement_shops s WHERE s.settled <> -{_IN.format("'settled:' || s.shop_id")}
          OR s.owed <> {_IN.format("'owed:' || s.shop_id")}""",
    "a shop stands otherwise than its entries, less what was paid out, add up to": f"""
        SELECT s.shop_id FROM settlement_shops s JOIN settlement_entries e ON e.shop_id = s.shop_id
        GROUP BY s.shop_id HAVING s.settled <> sum(e.to_settled) - {_PAID_OUT.format("'settled:' || s.shop_id")}
          OR s.owed <> {_PAID_OUT.format("'owed:' || s.shop_id")} - sum(e.of_debts)""",
    "a bill is not the sum of its entries": """
        SELECT b.id FROM bills_bills b LEFT JOIN settlement_entries e
          ON e.shop_id = b.shop_id AND e.at >= b.begins AND e.at < b.ends
        GROUP BY b.id HAVING (b.entries, b.goods, b.refunded, b.funded, b.fee, b.deposit, b.net, b.to_settled)
          IS DISTINCT FROM (count(e.id), coalesce(sum(e.goods), 0), coalesce(sum(e.refunded), 0),
           coalesce(sum(e.funded), 0), coalesce(sum(e.fee), 0), coalesce(sum(e.deposit), 0), coalesce(sum(e.net), 0),
           coalesce(sum(e.to_settled), 0))""",
    "what a shop took out of its deposit is not one entry of it": """
        SELECT w.id FROM deposits_withdrawals w LEFT JOIN settlement_entries e ON e.settlement_id = w.id
          AND e.shop_id = w.shop_id AND e.kind = 'deposit' AND e.deposit = w.amount AND e.net = w.amount
        GROUP BY w.id HAVING count(e.id) <> 1""",
    "an entry is in no bill though its shop was billed beyond it": """
        SELECT e.id FROM settlement_entries e JOIN bills_shops t ON t.shop_id = e.shop_id AND e.at < t.billed_until
        WHERE (SELECT count(*) FROM bills_bills b WHERE b.shop_id = e.shop_id AND e.at >= b.begins AND e.at < b.ends)
          <> 1""",
}
RULES = STOCK | ORDERS | PROGRESS | PAYMENTS | REFUNDS | PROMOTIONS | LEDGER | SETTLEMENT


def broken(ask: Ask) -> dict[str, list[str]]:
    """The rules that do not hold, with some of the ids that break each; all of one moment, in one query."""
    parts = [
        f"SELECT '{name.replace(chr(39), 2 * chr(39))}' AS what, CAST(id AS text) FROM ({query}) AS one (id)"
        for name, query in RULES.items()
    ]
    found: dict[str, list[str]] = {}
    for what, which in ask(" UNION ALL ".join(parts)):
        found.setdefault(str(what), []).append(str(which))
    return {name: ids[:5] for name, ids in found.items()}
