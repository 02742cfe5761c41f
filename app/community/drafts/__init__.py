"""Drafts: posts that are not whole yet, kept for their author alone on all his devices, and published when he says so
or when their time has come. A draft's id is that of the post that it becomes.

Emits DraftFailed.
"""
