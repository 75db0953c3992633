"""Reading fact files: every refusal names file, line, reason and cure. Knows no app and no database."""
