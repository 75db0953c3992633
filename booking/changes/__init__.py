"""Changes to sessions that touch people: what is asked for, whom it concerns, and where there is room for them."""
