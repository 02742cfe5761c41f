"""The address book: where a person has goods sent."""
