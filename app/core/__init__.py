"""What any app could use: no business in here. Rooms fill its registers at import."""
