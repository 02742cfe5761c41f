"""Deposits 保证金: money that a shop leaves with the platform, from which penalties are taken; appeals give it back.

Higher rooms call actions.take_penalty. Emits PenaltyTaken, PenaltyReturned, DepositRanShort, DepositFilled.
"""
