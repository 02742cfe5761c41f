"""Where money is: accounts, and journals that move it between them. Every journal sums to 0 and stays as it is."""
