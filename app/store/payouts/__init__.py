"""Paying shops what is settled: to whom, by which channel, in batches that one admin makes and another approves.

A batch takes the money of confirmed bills out of settled:<id> and holds it (payouts:due) until its channel says what
came of it. Emits PayoutDone, PayoutFailed.
"""
