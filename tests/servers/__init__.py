"""Servers that the tests run against, taken from where they are published and started for one test run."""
