"""A wish becomes an order: links and checkout."""
