"""Search on PostgreSQL, in a schema of its own: the embedded default, and the stand-in while Elasticsearch is away."""
