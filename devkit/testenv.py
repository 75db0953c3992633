"""Settings for tests and checks: harmless, and nothing but what a start without them would demand."""

TEST_ENVIRONMENT = {
    "SECRET_KEY": "only-for-tests-" + "0123456789abcdef" * 4,
    "LINK_KEY": "only-for-tests-links-" + "0123456789abcdef" * 4,
    "ALLOWED_HOSTS": "testserver,localhost,127.0.0.1",
    "SITE_URL": "http://testserver",
    "EMAIL_URL": "smtp://127.0.0.1:1",
    "SMS_URL": "http://:only-for-tests@127.0.0.1:1/messages",
    "DEBUG": "false",
    "DEMO": "false",
    "STAFF_SECOND_FACTOR": "false",  # force_login is enough; its own tests turn it on
    "STATIC_FROM_SOURCE": "true",
    "DJANGO_SETTINGS_MODULE": "config.settings",
}
# What an installation has: `check --deploy` judges these.
DEPLOYED_ENVIRONMENT = {
    **TEST_ENVIRONMENT,
    "SECRET_KEY": "3Vw0q1kS9xTzLr7yBn5mHd2cJf8gPaXeUoIiKtQsWvZYNbMhRu",
    "LINK_KEY": "hR4tZ8wQ2nB6vX1cM5kJ9pL3sD7fG0aYeUoIiTqWrEzNxVbHuK",
    "ALLOWED_HOSTS": "impftermin.example.org",
    "SITE_URL": "https://impftermin.example.org",
    "BEHIND_PROXY": "true",
    "STATIC_FROM_SOURCE": "false",
    "STAFF_SECOND_FACTOR": "true",
}
