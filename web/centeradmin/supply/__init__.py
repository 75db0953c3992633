"""/zentrum/vorrat/: what vaccine there is, what comes, what is lost, and whom that leaves without."""
