"""Freight: what sending goods costs, by region, piece and weight, after the templates that shops write."""
