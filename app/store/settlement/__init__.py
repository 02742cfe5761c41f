"""What is left of an order for its shop, and what the platform keeps of it, once nothing is likely to go back any more.

Money of a paid order is held (shop:<id>). When its buyer has it and the time for after-sales is over, it is settled:
what the order left goes to settled:<id>, to be paid out, and the fee to fees:take. What goes back later is a correction
of that. Emits OrderSettled, SettlementCorrected.
"""
