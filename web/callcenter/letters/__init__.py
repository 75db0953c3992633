"""/telefon/druck/: letters that wait, batches to be printed, and what became of them."""
