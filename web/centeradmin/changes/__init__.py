"""Changing and closing sessions (/zentrum/aendern/): choose, preview, run, result."""
