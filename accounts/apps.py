from django.apps import AppConfig


class AccountsConfig(AppConfig):
    """Floor 0: who acts. Users, roles and the audit trail."""

    name = "accounts"
