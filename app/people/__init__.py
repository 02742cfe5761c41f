"""Who: accounts, pictures, uploads, follows."""
