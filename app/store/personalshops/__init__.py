"""Personal shops 个人小店, and reselling: goods of approved suppliers under one's own title and price.

The supplier ships. One call opens a shop with goods in it. The relation is resale's, the goods are the catalogue's.
Emits ProductChanged for what is resold, as its supplier's offer or stock changes.
"""
