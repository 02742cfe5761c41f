"""Bills: what was settled for a shop in a week or a month, with every column, to be confirmed and then paid out.

Emits BillIssued, BillConfirmed.
"""
