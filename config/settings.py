"""One settings file; every value comes from the environment or has its reason beside it.

The variables, their defaults and cures: docs/environment.md.
"""

from datetime import timedelta
from pathlib import Path

from config import logs
from config.env import env
from config.pulse import QUEUES

BASE_DIR = Path(__file__).resolve().parent.parent

# --- Who and where -----------------------------------------------------------------------------
SECRET_KEY = env.secret("SECRET_KEY")
LINK_KEY = env.secret("LINK_KEY", default=SECRET_KEY)  # makes the secrets of links; docs/operations.md, "New keys"
DEBUG = env.boolean("DEBUG", default=False)
ALLOWED_HOSTS = env.listing("ALLOWED_HOSTS")
SITE_URL = env.site("SITE_URL")  # links in messages are built outside any request
# When set, staff pages answer on this host alone, and public pages everywhere but there.
STAFF_HOST = env.text("STAFF_HOST", default="")
STAFF_URL = f"{SITE_URL.partition('://')[0]}://{STAFF_HOST}" if STAFF_HOST else SITE_URL
CSRF_TRUSTED_ORIGINS = sorted({SITE_URL, STAFF_URL})
LOGGING = logs.configuration(env.text("LOG_LEVEL", default="INFO"))
DEMO = env.boolean("DEMO", default=False)
DEMO_MAILBOX = env.text("DEMO_MAILBOX", default="")  # Maildir shown at /postfach/; empty outside the demo

# The operator's own words: imprint, data protection, header and footer.
OPERATOR = {
    "name": env.text("OPERATOR_NAME", default="Musterbetreiber Impftermin"),
    "address": env.text("OPERATOR_ADDRESS", default="Musterstraße 1, 01067 Dresden"),
    "email": env.text("OPERATOR_EMAIL", default="impftermin@example.org"),
    "represented_by": env.text("OPERATOR_REPRESENTED_BY", default="die Geschäftsführung"),
    "controller": env.text("CONTROLLER_NAME", default="Musterbetreiber Impftermin"),
    "dpo": env.text("DPO_CONTACT", default="datenschutz@example.org"),
    "authority": env.text("SUPERVISORY_AUTHORITY", default="Sächsische Datenschutz- und Transparenzbeauftragte"),
    "legal_basis": env.text("LEGAL_BASIS", default=""),
    "enforcement": env.text("ACCESSIBILITY_ENFORCEMENT", default=""),
}
REGION_NAME = env.text("REGION_NAME", default="Sachsen")
HOTLINE = env.text("HOTLINE", default="0800 0899 089")  # domain.md §3.1: Saxony's number of 2021
HOTLINE_HOURS_DE = env.text("HOTLINE_HOURS_DE", default="Täglich 8 bis 20 Uhr, kostenfrei.")
HOTLINE_HOURS_EN = env.text("HOTLINE_HOURS_EN", default="Daily from 8 am to 8 pm, free of charge.")

# --- The house ---------------------------------------------------------------------------------
# Lowest layer first: an app may import only from apps listed above it (import-linter proves it).
PROJECT_APPS = ["accounts", "centers", "priority", "notifications", "booking", "web"]
INSTALLED_APPS = [
    "django.contrib.auth",
    "django.contrib.contenttypes",
    "django.contrib.sessions",
    "django.contrib.staticfiles",
    "django.contrib.postgres",
    "django.forms",
    "phonenumber_field",
    "django_htmx",
    "csp",
    "allauth",
    "allauth.account",
    "allauth.mfa",
    "config",  # for its commands
    *PROJECT_APPS,
]
MIDDLEWARE = [
    "django.middleware.security.SecurityMiddleware",
    "whitenoise.middleware.WhiteNoiseMiddleware",
    "csp.middleware.CSPMiddleware",
    "web.middleware.PrivacyHeadersMiddleware",
    "web.saved.SavedMiddleware",
    "django.contrib.sessions.middleware.SessionMiddleware",  # lazy: public pages never open a session
    "web.language.LanguageLinkMiddleware",  # ?sprache=en
    "django.middleware.locale.LocaleMiddleware",
    "django.middleware.common.CommonMiddleware",
    "django.middleware.csrf.CsrfViewMiddleware",
    "django.contrib.auth.middleware.AuthenticationMiddleware",
    "allauth.account.middleware.AccountMiddleware",
    "web.access.StaffHostMiddleware",  # staff pages on a host of their own, where one is set
    "web.access.LoginMiddleware",  # deny by default; public pages opt out visibly
    "web.access.RolesMiddleware",  # one table of every page and who may open it
    "django_htmx.middleware.HtmxMiddleware",
    "django.middleware.clickjacking.XFrameOptionsMiddleware",
    "web.middleware.NoRulesMiddleware",
]
ROOT_URLCONF = "config.urls"
WSGI_APPLICATION = "config.wsgi.application"
FORM_RENDERER = "django.forms.renderers.TemplatesSetting"
TEMPLATES = [
    {
        "BACKEND": "django.template.backends.django.DjangoTemplates",
        "DIRS": [BASE_DIR / "templates"],
        "APP_DIRS": True,
        "OPTIONS": {
            "context_processors": [
                "django.template.context_processors.request",
                "django.template.context_processors.csrf",
                "web.context_processors.operator",
                "web.context_processors.staff",
            ],
        },
    }
]
AUTH_USER_MODEL = "accounts.User"
PASSWORD_HASHERS = ["django.contrib.auth.hashers.Argon2PasswordHasher"]
DEFAULT_AUTO_FIELD = "django.db.models.BigAutoField"

# --- How the staff logs in ---------------------------------------------------------------------
# By invitation only (web/staff/): no address lets anybody register, link another account or change an e-mail address.
LOGIN_URL = "account_login"
LOGIN_REDIRECT_URL = "staff:home"
STAFF_SECOND_FACTOR = env.boolean("STAFF_SECOND_FACTOR", default=not DEMO)
AUTHENTICATION_BACKENDS = ["allauth.account.auth_backends.AuthenticationBackend"]
AUTH_PASSWORD_VALIDATORS = [
    {"NAME": "django.contrib.auth.password_validation.UserAttributeSimilarityValidator"},
    {"NAME": "django.contrib.auth.password_validation.MinimumLengthValidator", "OPTIONS": {"min_length": 12}},
    {"NAME": "django.contrib.auth.password_validation.CommonPasswordValidator"},
]
PASSWORD_RESET_TIMEOUT = 7 * 24 * 3600  # an invitation; a forgotten password has less, see accounts/tokens.py
STAFF_LOGIN_ENDS_AFTER = timedelta(hours=env.integer("STAFF_LOGIN_HOURS", default=12))  # however busy somebody is
SESSION_COOKIE_AGE = 30 * 60  # idle; web/access.py writes the session again while its owner works
SESSION_COOKIE_SAMESITE = "Lax"
ACCOUNT_ADAPTER = "web.staff.adapters.AccountAdapter"
ACCOUNT_FORMS = {
    "login": "web.staff.login_forms.LoginForm",
    "reauthenticate": "web.staff.login_forms.ReauthenticateForm",
    "change_password": "web.staff.login_forms.ChangePasswordForm",
    "reset_password": "web.staff.login_forms.ResetPasswordForm",
    "user_token": "web.staff.login_forms.LinkForm",
    "reset_password_from_key": "web.staff.login_forms.ResetPasswordKeyForm",
}
ACCOUNT_LOGIN_METHODS = {"username", "email"}
ACCOUNT_SIGNUP_FIELDS = ["email*", "username*", "password1*"]  # only allauth's own checks read it: nobody signs up
ACCOUNT_EMAIL_VERIFICATION = "none"  # who follows the invitation has proved the address
ACCOUNT_SESSION_REMEMBER = False  # a login ends with the browser
ACCOUNT_EMAIL_UNKNOWN_ACCOUNTS = False
ACCOUNT_PASSWORD_RESET_TOKEN_GENERATOR = "accounts.tokens.LinkTokens"  # noqa: S105 - the name of a class
ACCOUNT_LOGOUT_REDIRECT_URL = "account_login"
# Each further try costs a longer wait: minutes, an hour, a day. "key" is the account or name typed, "ip" the network.
# Wrong tries per address are counted in web/limits.py: allauth would forget them with the next right code.
ACCOUNT_RATE_LIMITS = {
    "login": "60/m/ip",
    "login_failed": "5/5m/key,10/1h/key,20/1d/key",
    "reset_password": "30/10m/ip,3/10m/key",
    "reset_password_from_key": "60/m/ip",
    "change_password": "10/m/user",
    "reauthenticate": "10/m/user",
}
MFA_ADAPTER = "web.staff.adapters.FactorAdapter"
MFA_FORMS = {
    "authenticate": "web.staff.login_forms.CodeForm",
    "reauthenticate": "web.staff.login_forms.ReauthenticateCodeForm",
    "activate_totp": "web.staff.login_forms.ActivateAppForm",
    "add_webauthn": "web.staff.login_forms.AddPasskeyForm",
    "authenticate_webauthn": "web.staff.login_forms.PasskeyForm",
    "reauthenticate_webauthn": "web.staff.login_forms.ReauthenticatePasskeyForm",
}
MFA_SUPPORTED_TYPES = ["totp", "webauthn", "recovery_codes"]
MFA_TOTP_ISSUER = "Impftermin"
MFA_TOTP_TOLERANCE = 1  # clocks of telephones differ by half a minute

# --- Data --------------------------------------------------------------------------------------
# One slow query, one lock, one forgotten transaction must never hold up a booking rush.
DB_TIMEOUTS = {
    "statement_timeout": env.integer("DB_STATEMENT_TIMEOUT_MS", default=10_000),
    "lock_timeout": env.integer("DB_LOCK_TIMEOUT_MS", default=3_000),
    "idle_in_transaction_session_timeout": env.integer("DB_IDLE_TIMEOUT_MS", default=15_000),
}
# PgBouncer passes no such options on: there the role carries the timeouts (`manage.py set_timeouts`).
DB_POOLED = env.boolean("DB_POOLED", default=False)
DB_OPTIONS = " ".join(f"-c {name}={value}" for name, value in DB_TIMEOUTS.items())
DATABASES = {
    "default": {
        **env.database("DATABASE_URL"),
        "ENGINE": "config.postgres",
        "CONN_MAX_AGE": env.integer("CONN_MAX_AGE", default=60),
        "CONN_HEALTH_CHECKS": True,
        "DISABLE_SERVER_SIDE_CURSORS": True,  # PgBouncer in transaction mode
        "OPTIONS": {"connect_timeout": 5, **({} if DB_POOLED else {"options": DB_OPTIONS})},
    }
}
REDIS_URL = env.redis("REDIS_URL")
CACHES = {"default": {"BACKEND": "config.cache.ValkeyOrMemory", "LOCATION": REDIS_URL, "KEY_PREFIX": "CACHE"}}

# --- Time and words ----------------------------------------------------------------------------
USE_TZ = True
TIME_ZONE = "Europe/Berlin"
LANGUAGE_CODE = "de"
LANGUAGES = [("de", "Deutsch"), ("en", "English")]
ROOMS = (
    "public", "visit", "frame", "booking", "notifications",
    "staff", "overview", "today", "sessions", "changes", "supply", "calls",
)  # fmt: skip
LOCALE_PATHS = [BASE_DIR / "locale" / room for room in ROOMS]
PHONENUMBER_DEFAULT_REGION = "DE"
PHONENUMBER_DB_FORMAT = "E164"

# --- Messages ----------------------------------------------------------------------------------
EMAIL = env.email("EMAIL_URL")  # smtp://user:password@host:port, smtps:// or smtp+starttls://
SMS = env.sms("SMS_URL", development=DEBUG or DEMO)  # empty: nobody can choose SMS
DEFAULT_FROM_EMAIL = env.text("MAIL_FROM", default="Impftermin <impftermin@example.org>")
REPLY_TO = env.text("MAIL_REPLY_TO", default="")

CELERY_BROKER_URL = env.redis("REDIS_URL", broker=True)
CELERY_TASK_IGNORE_RESULT = True  # outcomes are rows in our tables, not in Redis
CELERY_BROKER_CONNECTION_RETRY_ON_STARTUP = True
CELERY_TIMEZONE = TIME_ZONE
CELERY_TASK_ROUTES = {
    "notifications.tasks.print_letters": {"queue": "celery"},  # minutes of work that no mail waits for
    "notifications.tasks.remake_letters": {"queue": "celery"},
    "notifications.tasks.*": {"queue": "messages"},
}
CELERY_TASK_DEFAULT_QUEUE = "celery"
CELERY_WORKER_PREFETCH_MULTIPLIER = 1
CELERY_WORKER_HIJACK_ROOT_LOGGER = False
CELERY_BROKER_TRANSPORT_OPTIONS = {"socket_connect_timeout": 5, "socket_timeout": 30}
CELERY_BEAT_SCHEDULER = "config.celery:PulsingScheduler"
CELERY_BEAT_SCHEDULE = {
    "drain-outbox": {"task": "notifications.tasks.drain_outbox", "schedule": 2.0, "options": {"expires": 2}},
    "invite": {"task": "booking.tasks.invite", "schedule": 60.0, "options": {"expires": 60}},
    "close-days": {"task": "booking.tasks.close_days", "schedule": 300.0, "options": {"expires": 300}},
    "publish-due": {"task": "centers.tasks.publish_due", "schedule": 60.0, "options": {"expires": 60}},
    "carry-on-changes": {"task": "booking.tasks.carry_on_changes", "schedule": 2.0, "options": {"expires": 2}},
    "tend": {"task": "booking.tasks.tend", "schedule": 60.0, "options": {"expires": 60}},
    "forget-sessions": {"task": "accounts.tasks.forget_sessions", "schedule": 3600.0, "options": {"expires": 3600}},
    "sweep-holds": {"task": "booking.tasks.sweep_holds", "schedule": 10.0, "options": {"expires": 10}},
    "fall-back": {"task": "booking.tasks.fall_back", "schedule": 60.0, "options": {"expires": 60}},
    "print-letters": {"task": "notifications.tasks.print_letters", "schedule": 300.0, "options": {"expires": 300}},
    "remake-letters": {"task": "notifications.tasks.remake_letters", "schedule": 3.0, "options": {"expires": 3}},
    "paper-packs": {"task": "booking.tasks.make_paper_packs", "schedule": 60.0, "options": {"expires": 60}},
    **{
        f"pulse-{queue}": {
            "task": "house.pulse",
            "schedule": 10.0,
            "args": (queue,),
            "options": {"queue": queue, "expires": 10},
        }
        for queue in QUEUES
    },
}

# --- How booking behaves -----------------------------------------------------------------------
LEAD_TIME = {"web": timedelta(hours=2), "phone": timedelta(days=1), "on_site": timedelta(0)}  # by letter: LETTER_DAYS
INVITATION_DAYS = env.integer("INVITATION_DAYS", default=7)
LETTER_DAYS = env.integer("LETTER_DAYS", default=5)  # from the outbox to her hands: printed, posted, delivered
# Every day at this hour the letters that wait become batches; the post keeps the public holidays of this Land.
PRINT_HOUR = int(env.among("PRINT_HOUR", map(str, range(24)), default="15"))
LAND = env.among(
    "LAND",
    ["BB", "BE", "BW", "BY", "HB", "HE", "HH", "MV", "NI", "NW", "RP", "SH", "SL", "SN", "ST", "TH"],
    default="SN",
)
LINK_HOURS = env.integer("LINK_HOURS", default=24 * 7)
VISIT_IDLE = timedelta(minutes=45)
VISIT_LONGEST = timedelta(hours=4)
HORIZON_DAYS = env.integer("HORIZON_DAYS", default=120)  # how far ahead first doses are looked for
# Whoever has not come so long after the last start time of the day counts as missing.
DOOR_CLOSES_AFTER = timedelta(minutes=env.integer("DOOR_CLOSES_AFTER_MINUTES", default=60))
INVITE_AT_ONCE = env.integer("INVITE_AT_ONCE", default=500)  # at most so many invitations a minute
# Moving people whose session is closed: a new time begins so much later than now at the earliest, ...
CHANGE_NOTICE_HOURS = env.integer("CHANGE_NOTICE_HOURS", default=24)
CHANGE_WITHIN_DAYS = env.integer("CHANGE_WITHIN_DAYS", default=42)  # ... this near to the old one, ...
CHANGE_REACH_KM = env.integer("CHANGE_REACH_KM", default=60)  # ... and at a center this near to her district
# Who needs a dose without being in a place; the floor of the centers asks by this name, it knows of no appointments.
DOSES_BESIDE_PLACES = "booking.kept.doses"

# --- The open internet -------------------------------------------------------------------------
STATIC_URL = "/static/"
STATICFILES_DIRS = [BASE_DIR / "static"]
# On one machine files are served as they lie; an installation collects them once, named by their hash, cached forever.
STATIC_FROM_SOURCE = env.boolean("STATIC_FROM_SOURCE", default=False)
WHITENOISE_USE_FINDERS = STATIC_FROM_SOURCE
STATIC_ROOT = None if STATIC_FROM_SOURCE else BASE_DIR / "var" / "static"
STORAGES = {
    "staticfiles": {
        "BACKEND": "django.contrib.staticfiles.storage.StaticFilesStorage"
        if STATIC_FROM_SOURCE
        else "whitenoise.storage.CompressedManifestStaticFilesStorage"
    }
}
SECURE = SITE_URL.startswith("https://")  # the demo on 127.0.0.1 has no certificate
SECURE_SSL_REDIRECT = SECURE
SECURE_REDIRECT_EXEMPT = [r"^healthz$", r"^readyz$"]
# How many proxies of our own stand in front: so many last entries of X-Forwarded-For are believed.
TRUSTED_PROXIES = env.integer("TRUSTED_PROXIES", default=1 if env.boolean("BEHIND_PROXY", default=False) else 0)
# Overrides single numbers of web/limits.py: RATE_LIMITS="register_send=5000/hour,resend=5/day"
RATE_LIMITS = env.pairs("RATE_LIMITS")
SECURE_PROXY_SSL_HEADER = ("HTTP_X_FORWARDED_PROTO", "https") if env.boolean("BEHIND_PROXY", default=False) else None
SECURE_HSTS_SECONDS = 63_072_000 if SECURE else 0
SECURE_HSTS_INCLUDE_SUBDOMAINS = SECURE_HSTS_PRELOAD = SECURE
# Nothing goes to other hosts. "no-referrer" would do the same, but under it browsers send "Origin: null" with every
# form that is sent without JavaScript, and the CSRF check refuses it. /link/<token>/ has no form: "no-referrer" there.
SECURE_REFERRER_POLICY = "same-origin"
SESSION_COOKIE_SECURE = CSRF_COOKIE_SECURE = LANGUAGE_COOKIE_SECURE = SECURE
CSRF_COOKIE_HTTPONLY = LANGUAGE_COOKIE_HTTPONLY = True
CSRF_COOKIE_SAMESITE = LANGUAGE_COOKIE_SAMESITE = "Lax"
CSRF_FAILURE_VIEW = "web.errors.csrf_failure"
X_FRAME_OPTIONS = "DENY"
DATA_UPLOAD_MAX_MEMORY_SIZE = 256 * 1024
DATA_UPLOAD_MAX_NUMBER_FIELDS = 200
CONTENT_SECURITY_POLICY = {
    "DIRECTIVES": {
        "default-src": ["'none'"],
        "script-src": ["'self'"],
        "style-src": ["'self'"],
        "font-src": ["'self'"],
        "img-src": ["'self'", "data:"],  # KERN's icons are data-URL masks
        "connect-src": ["'self'"],
        "form-action": ["'self'"],
        "base-uri": ["'none'"],
        "frame-ancestors": ["'none'"],
    }
}
