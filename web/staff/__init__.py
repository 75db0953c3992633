"""The staff's own rooms (/personal/): logging in by django-allauth, accounts, the audit trail."""
