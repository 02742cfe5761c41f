"""Reactions: what a person puts on a thing of another room: a like, a collect. The thing is an opaque id; who may see
it, and which fact a reaction is, its own room says. Emits nothing."""
