"""/telefon/person/<id>/: one person who was opened in the agent's call, and what can be done for her."""
