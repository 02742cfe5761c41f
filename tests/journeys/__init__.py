"""Whole stories, told through HTTP only, against a town that really runs."""
