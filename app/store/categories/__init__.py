"""The tree of kinds of goods: what each asks of its goods, and for how long they may be sent back. Emits nothing."""
