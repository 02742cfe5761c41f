"""For those who run it: moderation, the audit log, the machine, and the demo town."""
