"""One small factory for each noun: make.post(author=...). Each goes through the room's actions, never round them."""
