"""玩法: ways to sell. Checkout knows only the room offers; plays hear of orders and never call checkout."""
