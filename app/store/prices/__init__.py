"""What each variant has cost since when: the history of prices, and which list price is true. Emits nothing."""
