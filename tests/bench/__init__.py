"""The bench itself works: it measures a real town, small and short, and its arithmetic is right."""
