"""What people do with a real Chromium: stories over pages, what they look like, and whether everybody can use them."""
