"""Tests of the floor people: accounts, uploads, social."""
