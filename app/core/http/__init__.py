"""Doors on HTTP: how a request comes in and an answer goes out, in one order for all."""
