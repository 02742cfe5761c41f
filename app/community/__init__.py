"""What people say: posts and comments."""
