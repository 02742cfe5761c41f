"""Search: documents and questions in, ids out. Imports nothing of app/; `search.engine.connect` is the way in."""
