"""Who: accounts, uploads, follows."""
