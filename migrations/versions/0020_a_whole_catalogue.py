"""a whole catalogue: the tree of categories, brands, variants with codes and limits, the history of prices, warehouses

Revision: 0020
After: 0019
"""

from uuid import UUID, uuid5

from alembic import op
from sqlalchemy import text

BATCH = 2000

revision = '0020'
down_revision = '0019'
branch_labels = None
depends_on = None

TABLES = (
    'CREATE TABLE brands_brands (id uuid NOT NULL, name text NOT NULL, created_at timestamptz DEFAULT now() NOT NULL,'
    ' CONSTRAINT pk_brands_brands PRIMARY KEY (id))',
    'CREATE TABLE brands_names (key text NOT NULL, brand_id uuid NOT NULL, name text NOT NULL,'
    ' CONSTRAINT pk_brands_names PRIMARY KEY (key), CONSTRAINT fk_brands_names_brand_id FOREIGN KEY (brand_id)'
    ' REFERENCES brands_brands (id) ON DELETE CASCADE)',
    'CREATE INDEX ix_brands_names_brand_id ON brands_names (brand_id)',
    'CREATE TABLE categories_attributes (id uuid NOT NULL, category_id uuid NOT NULL, name text NOT NULL,'
    ' kind text NOT NULL, choices jsonb NOT NULL, unit text NOT NULL, is_required boolean NOT NULL,'
    ' is_axis boolean NOT NULL, position bigint NOT NULL, created_at timestamptz DEFAULT now() NOT NULL,'
    " CONSTRAINT ck_categories_attributes_kind CHECK (kind IN ('text', 'number', 'choice')),"
    ' CONSTRAINT pk_categories_attributes PRIMARY KEY (id),'
    ' CONSTRAINT uq_categories_attributes_category_id_name UNIQUE (category_id, name),'
    ' CONSTRAINT fk_categories_attributes_category_id FOREIGN KEY (category_id)'
    ' REFERENCES catalogue_categories (id) ON DELETE CASCADE)',
    'CREATE TABLE prices_prices (id bigserial NOT NULL, sku_id uuid NOT NULL,'
    ' price bigint NOT NULL, from_at timestamptz NOT NULL, until_at timestamptz, is_offered boolean NOT NULL,'
    ' by_id uuid, CONSTRAINT ck_prices_prices_span CHECK (until_at >= from_at),'
    ' CONSTRAINT pk_prices_prices PRIMARY KEY (id))',
    'CREATE INDEX ix_prices_prices_sku ON prices_prices (sku_id, from_at)',
    'CREATE UNIQUE INDEX uq_prices_prices_open ON prices_prices (sku_id) WHERE until_at IS NULL',
    'CREATE TABLE warehouses_warehouses (id uuid NOT NULL, shop_id uuid NOT NULL, name text NOT NULL,'
    ' address jsonb NOT NULL, is_default boolean NOT NULL, closed_at timestamptz,'
    ' created_at timestamptz DEFAULT now() NOT NULL, CONSTRAINT pk_warehouses_warehouses PRIMARY KEY (id),'
    ' CONSTRAINT uq_warehouses_warehouses_shop_id_name UNIQUE (shop_id, name),'
    ' CONSTRAINT fk_warehouses_warehouses_shop_id FOREIGN KEY (shop_id) REFERENCES shops_shops (id))',
    'CREATE UNIQUE INDEX uq_warehouses_warehouses_default ON warehouses_warehouses (shop_id) WHERE is_default',
    'CREATE TABLE alerts_low (sku_id uuid NOT NULL, shop_id uuid NOT NULL, at timestamptz DEFAULT now() NOT NULL,'
    ' CONSTRAINT pk_alerts_low PRIMARY KEY (sku_id),'
    ' CONSTRAINT fk_alerts_low_sku_id FOREIGN KEY (sku_id) REFERENCES catalogue_skus (id))',
    'CREATE INDEX ix_alerts_low_shop ON alerts_low (shop_id, at, sku_id)',
    'CREATE TABLE alerts_waits (person_id uuid NOT NULL, sku_id uuid NOT NULL, at timestamptz DEFAULT now() NOT NULL,'
    ' due_at timestamptz, CONSTRAINT pk_alerts_waits PRIMARY KEY (person_id, sku_id),'
    ' CONSTRAINT fk_alerts_waits_person_id FOREIGN KEY (person_id) REFERENCES accounts_people (id),'
    ' CONSTRAINT fk_alerts_waits_sku_id FOREIGN KEY (sku_id) REFERENCES catalogue_skus (id))',
    'CREATE INDEX ix_alerts_waits_sku ON alerts_waits (sku_id) WHERE due_at IS NULL',
    'CREATE INDEX ix_alerts_waits_due ON alerts_waits (due_at) WHERE due_at IS NOT NULL',
    'CREATE TABLE codes_codes (id BIGSERIAL NOT NULL, sku_id UUID NOT NULL, sealed BYTEA NOT NULL, digest'
    ' BYTEA NOT NULL, line_id UUID, taken_at TIMESTAMP WITH TIME ZONE, by_id UUID NOT NULL, created_at'
    ' TIMESTAMP WITH TIME ZONE DEFAULT now() NOT NULL, CONSTRAINT pk_codes_codes PRIMARY KEY (id), CONSTRAINT'
    ' uq_codes_codes_sku_id_digest UNIQUE (sku_id, digest), CONSTRAINT fk_codes_codes_sku_id FOREIGN'
    ' KEY(sku_id) REFERENCES catalogue_skus (id))',
    'CREATE INDEX ix_codes_codes_free ON codes_codes (sku_id, id) WHERE line_id IS NULL',
    'CREATE INDEX ix_codes_codes_line ON codes_codes (line_id) WHERE line_id IS NOT NULL',
    'CREATE TABLE codes_files (sku_id UUID NOT NULL, file_id UUID NOT NULL, name TEXT NOT NULL, size BIGINT'
    ' NOT NULL, by_id UUID NOT NULL, created_at TIMESTAMP WITH TIME ZONE DEFAULT now() NOT NULL, CONSTRAINT'
    ' pk_codes_files PRIMARY KEY (sku_id), CONSTRAINT fk_codes_files_sku_id FOREIGN KEY(sku_id) REFERENCES'
    ' catalogue_skus (id))',
    'CREATE TABLE codes_grants (line_id UUID NOT NULL, sku_id UUID NOT NULL, units BIGINT NOT NULL, lacking'
    ' BIGINT NOT NULL, owner_kind TEXT NOT NULL, owner_id UUID NOT NULL, at TIMESTAMP WITH TIME ZONE DEFAULT'
    ' now() NOT NULL, closed_at TIMESTAMP WITH TIME ZONE, CONSTRAINT pk_codes_grants PRIMARY KEY (line_id),'
    ' CONSTRAINT ck_codes_grants_units CHECK (units > 0 AND lacking BETWEEN 0 AND units))',
    'CREATE INDEX ix_codes_grants_lacking ON codes_grants (sku_id, at) WHERE lacking > 0',
    'CREATE INDEX ix_codes_grants_owner ON codes_grants (owner_id, at, line_id)',
    'CREATE TABLE vouchers_terms (sku_id UUID NOT NULL, valid_from TIMESTAMP WITH TIME ZONE, valid_until'
    ' TIMESTAMP WITH TIME ZONE, days BIGINT, weekdays JSONB NOT NULL, dates JSONB NOT NULL, needs_booking'
    ' BOOLEAN NOT NULL, CONSTRAINT pk_vouchers_terms PRIMARY KEY (sku_id), CONSTRAINT ck_vouchers_terms_times'
    ' CHECK (valid_until > valid_from), CONSTRAINT ck_vouchers_terms_days CHECK (days BETWEEN 1 AND 3650),'
    ' CONSTRAINT ck_vouchers_terms_end CHECK (days IS NOT NULL OR valid_until IS NOT NULL), CONSTRAINT'
    ' fk_vouchers_terms_sku_id FOREIGN KEY(sku_id) REFERENCES catalogue_skus (id))',
    'CREATE TABLE vouchers_slots (id UUID NOT NULL, sku_id UUID NOT NULL, starts_at TIMESTAMP WITH TIME ZONE'
    ' NOT NULL, capacity BIGINT NOT NULL, booked BIGINT NOT NULL, CONSTRAINT pk_vouchers_slots PRIMARY KEY'
    ' (id), CONSTRAINT uq_vouchers_slots_sku_id_starts_at UNIQUE (sku_id, starts_at), CONSTRAINT'
    ' ck_vouchers_slots_booked CHECK (booked BETWEEN 0 AND capacity), CONSTRAINT fk_vouchers_slots_sku_id'
    ' FOREIGN KEY(sku_id) REFERENCES catalogue_skus (id))',
    'CREATE TABLE vouchers_vouchers (id UUID NOT NULL, line_id UUID NOT NULL, unit BIGINT NOT NULL, sku_id'
    ' UUID NOT NULL, product_id UUID NOT NULL, shop_id UUID NOT NULL, title TEXT NOT NULL, sku_name TEXT NOT'
    ' NULL, owner_kind TEXT NOT NULL, owner_id UUID NOT NULL, code TEXT NOT NULL, state TEXT NOT NULL,'
    ' valid_from TIMESTAMP WITH TIME ZONE NOT NULL, valid_until TIMESTAMP WITH TIME ZONE NOT NULL, weekdays'
    ' JSONB NOT NULL, dates JSONB NOT NULL, needs_booking BOOLEAN NOT NULL, slot_id UUID, created_at TIMESTAMP'
    ' WITH TIME ZONE DEFAULT now() NOT NULL, CONSTRAINT pk_vouchers_vouchers PRIMARY KEY (id), CONSTRAINT'
    ' uq_vouchers_vouchers_line_id_unit UNIQUE (line_id, unit), CONSTRAINT uq_vouchers_vouchers_code UNIQUE'
    " (code), CONSTRAINT ck_vouchers_vouchers_state CHECK (state IN ('unused', 'used', 'void', 'expired')),"
    ' CONSTRAINT fk_vouchers_vouchers_slot_id FOREIGN KEY(slot_id) REFERENCES vouchers_slots (id))',
    "CREATE INDEX ix_vouchers_vouchers_due ON vouchers_vouchers (valid_until) WHERE state = 'unused'",
    'CREATE INDEX ix_vouchers_vouchers_owner ON vouchers_vouchers (owner_id, created_at, id)',
    'CREATE TABLE vouchers_redemptions (id UUID NOT NULL, voucher_id UUID NOT NULL, shop_id UUID NOT NULL,'
    ' by_id UUID NOT NULL, at TIMESTAMP WITH TIME ZONE DEFAULT now() NOT NULL, undone_at TIMESTAMP WITH TIME'
    ' ZONE, CONSTRAINT pk_vouchers_redemptions PRIMARY KEY (id), CONSTRAINT fk_vouchers_redemptions_voucher_id'
    ' FOREIGN KEY(voucher_id) REFERENCES vouchers_vouchers (id))',
    'CREATE INDEX ix_vouchers_redemptions_shop ON vouchers_redemptions (shop_id, at, id)',
    'CREATE INDEX ix_vouchers_redemptions_voucher_id ON vouchers_redemptions (voucher_id)',
    'CREATE TABLE vouchers_log (id BIGSERIAL NOT NULL, voucher_id UUID NOT NULL, who_id UUID, before TEXT NOT'
    ' NULL, after TEXT NOT NULL, why TEXT NOT NULL, at TIMESTAMP WITH TIME ZONE DEFAULT now() NOT NULL,'
    ' CONSTRAINT pk_vouchers_log PRIMARY KEY (id))',
    'CREATE INDEX ix_vouchers_log_voucher ON vouchers_log (voucher_id, id)',
    'CREATE TABLE imports_imports (id UUID NOT NULL, shop_id UUID NOT NULL, by_id UUID NOT NULL, file_id UUID'
    ' NOT NULL, name TEXT NOT NULL, stock BIGINT NOT NULL, state TEXT NOT NULL, lines BIGINT NOT NULL, total'
    ' BIGINT, added BIGINT NOT NULL, updated BIGINT NOT NULL, refused BIGINT NOT NULL, fault TEXT NOT NULL,'
    ' created_at TIMESTAMP WITH TIME ZONE DEFAULT now() NOT NULL, ended_at TIMESTAMP WITH TIME ZONE,'
    ' CONSTRAINT pk_imports_imports PRIMARY KEY (id), CONSTRAINT ck_imports_imports_state CHECK (state IN'
    " ('waiting', 'running', 'done', 'failed')), CONSTRAINT fk_imports_imports_shop_id FOREIGN KEY(shop_id)"
    ' REFERENCES shops_shops (id))',
    "CREATE INDEX ix_imports_imports_open ON imports_imports (created_at) WHERE state IN ('waiting',"
    " 'running')",
    'CREATE INDEX ix_imports_imports_shop ON imports_imports (shop_id, created_at, id)',
    'CREATE TABLE imports_refusals (import_id UUID NOT NULL, line BIGINT NOT NULL, reason TEXT NOT NULL,'
    ' CONSTRAINT pk_imports_refusals PRIMARY KEY (import_id, line), CONSTRAINT fk_imports_refusals_import_id'
    ' FOREIGN KEY(import_id) REFERENCES imports_imports (id) ON DELETE CASCADE)',
    'CREATE TABLE imports_exports (id UUID NOT NULL, shop_id UUID NOT NULL, by_id UUID NOT NULL, state TEXT'
    ' NOT NULL, rows BIGINT NOT NULL, after UUID, size BIGINT NOT NULL, created_at TIMESTAMP WITH TIME ZONE'
    ' DEFAULT now() NOT NULL, ended_at TIMESTAMP WITH TIME ZONE, CONSTRAINT pk_imports_exports PRIMARY KEY'
    " (id), CONSTRAINT ck_imports_exports_state CHECK (state IN ('waiting', 'running', 'done', 'failed')),"
    ' CONSTRAINT fk_imports_exports_shop_id FOREIGN KEY(shop_id) REFERENCES shops_shops (id))',
    "CREATE INDEX ix_imports_exports_open ON imports_exports (created_at) WHERE state IN ('waiting',"
    " 'running')",
    'CREATE INDEX ix_imports_exports_shop ON imports_exports (shop_id, created_at, id)',
)
COLUMNS = {
    'catalogue_categories': (
        'parent_id uuid',
        "path text DEFAULT '' NOT NULL",
        'return_days bigint DEFAULT 7 NOT NULL',
        'goods_kind text',
        'needs_review boolean DEFAULT false NOT NULL',
        'merged_into uuid',
        'follow_from uuid',
    ),
    'catalogue_products': (
        'brand_id uuid',
        "goods_kind text DEFAULT 'physical' NOT NULL",
        "attributes json DEFAULT '{}' NOT NULL",
        'submitted_at timestamptz',
        'approved_at timestamptz',
        'on_sale_at timestamptz',
        'off_sale_at timestamptz',
    ),
    'catalogue_skus': (
        'shop_id uuid',
        'list_price bigint',
        'lowest bigint',
        "state text DEFAULT 'on_sale' NOT NULL",
        'code text',
        "bar_code text DEFAULT '' NOT NULL",
        'weight bigint DEFAULT 0 NOT NULL',
        'min_units bigint DEFAULT 1 NOT NULL',
        'max_units bigint',
        'picture_id uuid',
        'stale_at timestamptz',
    ),
    'inventory_stock': ('warehouse_id uuid', 'low_at bigint'),
    'inventory_holds': ('buyer_id uuid', 'device_id uuid'),
    'inventory_movements': ('warehouse_id uuid', "why text DEFAULT '' NOT NULL"),
}
CHECKS = {
    'ck_catalogue_categories_depth': ('catalogue_categories', 'length(path) <= 132'),
    'ck_catalogue_categories_return_days': ('catalogue_categories', 'return_days BETWEEN 0 AND 365'),
    'ck_catalogue_categories_goods_kind': (
        'catalogue_categories',
        "goods_kind IN ('physical', 'virtual', 'service')",
    ),
    'ck_catalogue_products_goods_kind': ('catalogue_products', "goods_kind IN ('physical', 'virtual', 'service')"),
    'ck_catalogue_skus_list_price': ('catalogue_skus', 'list_price > price'),
    'ck_catalogue_skus_weight': ('catalogue_skus', 'weight BETWEEN 0 AND 10000000'),
    'ck_catalogue_skus_units': ('catalogue_skus', 'min_units >= 1 AND max_units >= min_units'),
    'ck_catalogue_skus_state': ('catalogue_skus', "state IN ('on_sale', 'off')"),
    'ck_catalogue_skus_code': ('catalogue_skus', 'code IS NULL OR shop_id IS NOT NULL'),
}
KEYS = {
    'fk_catalogue_categories_parent_id': ('catalogue_categories', 'parent_id', 'catalogue_categories'),
    'fk_catalogue_categories_merged_into': ('catalogue_categories', 'merged_into', 'catalogue_categories'),
    'fk_catalogue_products_brand_id': ('catalogue_products', 'brand_id', 'brands_brands'),
}
INDEXES = {
    'ix_catalogue_categories_follow': 'INDEX {} ON catalogue_categories (id) WHERE follow_from IS NOT NULL',
    'ix_catalogue_categories_path': 'INDEX {} ON catalogue_categories (path text_pattern_ops)',
    'uq_catalogue_categories_parent_id_name': (
        'UNIQUE INDEX {} ON catalogue_categories (parent_id, name) NULLS NOT DISTINCT'
    ),
    'ix_catalogue_products_submitted': (
        'INDEX {} ON catalogue_products (submitted_at) WHERE submitted_at IS NOT NULL'
    ),
    'ix_catalogue_products_on_sale_at': (
        'INDEX {} ON catalogue_products (on_sale_at) WHERE on_sale_at IS NOT NULL'
    ),
    'ix_catalogue_products_off_sale_at': (
        'INDEX {} ON catalogue_products (off_sale_at) WHERE off_sale_at IS NOT NULL'
    ),
    'uq_catalogue_skus_shop_id_code': 'UNIQUE INDEX {} ON catalogue_skus (shop_id, code)',
    'ix_catalogue_skus_stale': 'INDEX {} ON catalogue_skus (stale_at) WHERE stale_at IS NOT NULL',
    'ix_inventory_holds_buyer': "INDEX {} ON inventory_holds (buyer_id, sku_id) WHERE state = 'active'",
    'ix_inventory_holds_device': "INDEX {} ON inventory_holds (device_id) WHERE state = 'active'",
    'uq_inventory_movements_restocked': (
        'UNIQUE INDEX {} ON inventory_movements (subject_id, subject_kind, reason, sku_id)'
        " WHERE reason IN ('returned', 'cancelled', 'cancellation')"
    ),
}
CONSTRAINTS = {
    'uq_catalogue_categories_parent_id_name': 'catalogue_categories',
    'uq_catalogue_skus_shop_id_code': 'catalogue_skus',
}
"""Unique constraints, made of their index once that is there."""
STARTING = """护肤：洁面 面霜乳液 精华 面膜 防晒
彩妆：口红 底妆 眼妆 美妆工具
香氛：香水 香薰蜡烛
女装：连衣裙 上衣 裤装 半身裙 外套
男装：T恤 衬衫 长裤 夹克
童装：婴儿服 女童装 男童装
内衣：文胸 睡衣家居服 袜子
鞋靴：女鞋 男鞋 运动鞋
箱包：双肩包 单肩包 拉杆箱
首饰配饰：项链 耳饰 手表 围巾帽子
母婴：奶粉辅食 尿裤湿巾 童车童床
食品：零食 粮油调味 方便速食
茶酒饮料：茶叶 酒 咖啡 饮料
生鲜：水果 蔬菜 肉禽蛋 水产
家居日用：收纳 清洁用品 餐具水杯
家纺：四件套 被子 毛巾
家具：沙发 桌椅 床
厨具：锅具 刀具
家用电器：大家电 厨房小电 个人护理
手机数码：手机 耳机 相机
电脑办公：笔记本电脑 外设 办公用品
运动户外：健身 露营 骑行
图书文具：图书 文具
玩具乐器：玩具 乐器
宠物：宠物食品 宠物用品
汽车用品：车内饰品 养护
健康：保健食品 护理用品
手工文创：手作 文创
其他："""
NAMESPACE = UUID('5b1f6c1e-0b6e-4c39-9d3e-3d6a2f0c7a11')
NO_RETURN = {'内衣', '食品', '生鲜', '茶酒饮料'}
HEADS = {
    'catalogue_products': (
        'UPDATE catalogue_products SET page = page || convert_to(CAST(:said AS text) || CAST(:more AS text), \'UTF8\')'
        ' WHERE id = ANY(:ids) AND position(convert_to(CAST(:said AS text), \'UTF8\') IN page) = 0',
        ',"brand_id"',
        ':null,"goods_kind":"physical","attributes":{}',
    ),
    'catalogue_skus': (
        'UPDATE catalogue_skus SET fragment = fragment'
        ' || convert_to(CAST(:said AS text) || price || CAST(:more AS text), \'UTF8\')'
        ' WHERE id = ANY(:ids) AND position(convert_to(CAST(:said AS text), \'UTF8\') IN fragment) = 0',
        ',"list_price":null,"lowest_30d":',
        ',"min_units":1,"max_units":null,"picture_id":null',
    ),
}
"""What the ready JSON of goods says now beside what it said: how, and with which words."""
PRICES = (
    'INSERT INTO prices_prices (sku_id, price, from_at, is_offered)'
    " SELECT s.id, s.price, now(), p.state = 'on_sale' AND NOT EXISTS"
    '  (SELECT FROM catalogue_takedowns d WHERE d.product_id = p.id)'
    ' FROM catalogue_skus s JOIN catalogue_products p ON p.id = s.product_id WHERE s.id = ANY(:ids)'
    '  AND NOT EXISTS (SELECT FROM prices_prices o WHERE o.sku_id = s.id)'
)


def upgrade() -> None:
    """Runs beside the shop, and again after it broke off: no statement holds a lock for long, and ready JSON is gone
    through by a few thousand rows. Variants that processes of before add meanwhile are due for the sweep of prices, which
    writes them anew."""
    with op.get_context().autocommit_block():
        for table in TABLES:
            op.execute(table.replace('CREATE TABLE', 'CREATE TABLE IF NOT EXISTS').replace(' INDEX ', ' INDEX IF NOT EXISTS '))
        for table, columns in COLUMNS.items():
            added = ', '.join(f'ADD COLUMN IF NOT EXISTS {one}' for one in columns)
            op.execute(f'ALTER TABLE {table} {added}')
        op.execute('ALTER TABLE catalogue_skus ALTER COLUMN stale_at SET DEFAULT now()')
        op.execute("UPDATE catalogue_categories SET path = replace(id::text, '-', '') || '/' WHERE path = ''")
        op.execute('SET lock_timeout = 0')
        _add_rules()
        for table in HEADS:
            _go_through(table)
        _add_starting_categories()


def _add_rules() -> None:
    for name, (table, rule) in CHECKS.items():
        op.execute(f'ALTER TABLE {table} DROP CONSTRAINT IF EXISTS {name}')
        op.execute(f'ALTER TABLE {table} ADD CONSTRAINT {name} CHECK ({rule}) NOT VALID')
        op.execute(f'ALTER TABLE {table} VALIDATE CONSTRAINT {name}')
    for name, (table, column, target) in KEYS.items():
        op.execute(f'ALTER TABLE {table} DROP CONSTRAINT IF EXISTS {name}')
        op.execute(f'ALTER TABLE {table} ADD CONSTRAINT {name} FOREIGN KEY ({column}) REFERENCES {target} (id) NOT VALID')
        op.execute(f'ALTER TABLE {table} VALIDATE CONSTRAINT {name}')
    for name, what in INDEXES.items():
        if name in CONSTRAINTS:
            op.execute(f'ALTER TABLE {CONSTRAINTS[name]} DROP CONSTRAINT IF EXISTS {name}')
        kind, _, rest = what.partition('INDEX')
        op.execute(f'DROP INDEX CONCURRENTLY IF EXISTS {name}')
        op.execute(f'CREATE {kind}INDEX CONCURRENTLY{rest.format(name)}')
        if name in CONSTRAINTS:
            op.execute(f'ALTER TABLE {CONSTRAINTS[name]} ADD CONSTRAINT {name} UNIQUE USING INDEX {name}')
    op.execute('ALTER TABLE catalogue_categories DROP CONSTRAINT IF EXISTS uq_catalogue_categories_name')


def _go_through(table: str) -> None:
    after = '00000000-0000-0000-0000-000000000000'
    chosen = text(f'SELECT id FROM {table} WHERE id > CAST(:after AS uuid) ORDER BY id LIMIT :most')
    while ids := op.get_bind().execute(chosen, {'after': after, 'most': BATCH}).scalars().all():
        sql, said, more = HEADS[table]
        op.get_bind().execute(text(sql), {'ids': ids, 'said': said, 'more': more})
        if table == 'catalogue_skus':
            op.get_bind().execute(text(PRICES), {'ids': ids})
        after = str(ids[-1])


def _add_starting_categories() -> None:
    """What lies below the general categories of before; of those, what is not taken back without a reason."""
    for place, line in enumerate(STARTING.splitlines()):
        root, _, below = line.partition('：')
        days, parent = (0 if root in NO_RETURN else 7), uuid5(NAMESPACE, root)
        named = {'parent': parent, 'root': root, 'days': days}
        op.get_bind().execute(text('UPDATE catalogue_categories SET return_days = :days WHERE id = :parent AND name = :root'), named)
        for turn, name in enumerate(below.split()):
            own = uuid5(NAMESPACE, f'{root}/{name}')
            row = {'id': own, 'name': name, 'path': f'{parent.hex}/{own.hex}/', 'position': 1000 + place * 20 + turn}
            op.get_bind().execute(
                text(
                    'INSERT INTO catalogue_categories (id, parent_id, name, path, position, return_days)'
                    ' SELECT :id, c.id, :name, :path, :position, :days FROM catalogue_categories c WHERE c.id = :parent'
                    ' ON CONFLICT DO NOTHING'
                ),
                {**row, 'parent': parent, 'days': days},
            )


def downgrade() -> None:
    below = "DELETE FROM catalogue_categories WHERE parent_id IS NOT NULL"
    moved = (
        'UPDATE catalogue_products p SET category_id = CAST(left(c.path, 32) AS uuid)'
        ' FROM catalogue_categories c WHERE c.id = p.category_id AND c.parent_id IS NOT NULL'
    )
    op.execute(moved)
    op.execute(below)
    for name, table in CONSTRAINTS.items():
        op.execute(f'ALTER TABLE {table} DROP CONSTRAINT {name}')
    for name in INDEXES:
        op.execute(f'DROP INDEX IF EXISTS {name}')
    for table, columns in COLUMNS.items():
        for one in columns:
            op.execute(f'ALTER TABLE {table} DROP COLUMN {one.split()[0]}')
    op.execute('ALTER TABLE catalogue_categories ADD CONSTRAINT uq_catalogue_categories_name UNIQUE (name)')
    for table in ('imports_refusals', 'imports_imports', 'imports_exports', 'vouchers_log', 'vouchers_redemptions', 'vouchers_vouchers', 'vouchers_slots', 'vouchers_terms', 'codes_grants', 'codes_files', 'codes_codes', 'alerts_waits', 'alerts_low', 'warehouses_warehouses', 'prices_prices', 'categories_attributes', 'brands_names', 'brands_brands'):
        op.execute(f'DROP TABLE {table}')
