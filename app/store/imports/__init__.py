"""Goods out of files and into them: by a command, or by a merchant's upload that the worker takes in. Emits nothing."""
