"""Suppliers: what becomes of a shop once it was approved to supply others: audits with a score and a next date.

Papers, sample check and states are applications (onboarding). Emits SupplierAudited, SupplierAuditDue.
"""
