"""Invoices that buyers ask for: a title and a tax number for each order, and what the shop issued."""
