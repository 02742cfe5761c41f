"""Tests of the floor plays."""
