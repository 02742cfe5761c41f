-- One table a kind, made by search/postgres/tables.py; {table} is its name.
-- A row with removed_at is a tombstone: it holds the version that a late write must beat, and is swept after an hour.
CREATE TABLE {table} (
    id uuid PRIMARY KEY,
    version bigint NOT NULL,
    removed_at timestamptz,
    words tsvector,
    starts tsvector,
    shown text[],
    popularity bigint,
    in_stock boolean,
    published_at timestamptz,
    heat double precision
);
-- Statistics of words are what tells a rare word from a common one (search/postgres/rarity.py).
ALTER TABLE {table} ALTER COLUMN words SET STATISTICS 1000;
ALTER TABLE {table} SET (autovacuum_analyze_scale_factor = 0.05);
CREATE INDEX ON {table} USING gin (words) WITH (fastupdate = off);
CREATE INDEX ON {table} USING gin (starts) WITH (fastupdate = off);
CREATE INDEX ON {table} (published_at DESC) WHERE published_at IS NOT NULL;
CREATE INDEX ON {table} (heat DESC) WHERE heat IS NOT NULL;
CREATE INDEX ON {table} (removed_at) WHERE removed_at IS NOT NULL;
