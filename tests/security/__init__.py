"""Attacks: who may open which door, what may never be written, and what no input may do to an answer."""
