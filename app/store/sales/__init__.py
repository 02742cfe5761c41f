"""Sales: what lines of orders have brought, to a shop and to whoever brought the buyer. No rows; emits nothing."""
