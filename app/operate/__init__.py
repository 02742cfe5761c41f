"""For those who run it: moderation and the demo town."""
