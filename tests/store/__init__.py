"""Tests of the floor store."""
