"""What is there to sell: units available, units held, and each movement of them. Goods are opaque ids (sku_id).

Emits StockRanOut and StockReturned when the units available of one reach or leave zero, StockRanLow and StockRefilled
when they pass the number at which its shop wants to know.
"""
