"""What a center has opened and what of it is taken: month, week, day, and who changed what."""
