"""Cards: posts as ready JSON, the card that every list shows and the page of one. Has no rows; emits nothing."""
