"""Onboarding: what a shop applies for with its papers (to sell, to supply others, to bear a brand), and what moderators
say to it. Numbers are sealed and pictures are never public: only the shop's own and moderators see them.

Emits ApplicationFiled, ApplicationMoved. Here it closes and opens shops itself; other rooms hear ApplicationMoved.
"""
