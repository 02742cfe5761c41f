"""Measures the application beside its ceilings, in one run on one machine: `python -m bench`.

Figures of a shared machine go up and down with what else it does; so ours and its ceilings take turns in short rounds,
and what counts are the ratios inside a round. Nothing here is part of the application, and the application knows
nothing of it.
"""
