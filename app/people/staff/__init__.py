"""What staff do about people: suspend and reinstate them, give and take roles, help who lost his phone.

Here are the rules of who may do so, and the audit of it; the rows are those of accounts and factors. Emits nothing:
accounts does."""
