"""Tests of the floor buying."""
