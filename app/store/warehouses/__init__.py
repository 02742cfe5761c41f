"""Where a shop keeps its goods, and what its staff do with stock there. Emits nothing: inventory tells of stock."""
