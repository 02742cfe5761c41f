"""What people see; the only floor that uses the search engine."""
