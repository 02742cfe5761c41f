"""Starts and ends the servers that the application needs: PostgreSQL, Redis, web, worker."""
