"""/telefon/neu/: somebody who is not registered yet, from the first word to the sentence that is read out."""
