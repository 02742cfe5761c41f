"""Where goods come back to a shop, and whether it insures the way back. Emits nothing."""
