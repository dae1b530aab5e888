"""The one settings file. Every value comes from the environment; the defaults are the embedded product.

Embedded (``make run``): SQLite, a database cache, Celery over a folder, mail into files, all below ``DATA_DIR``.
Production (``docker-compose.yml``): PostgreSQL, Redis, SMTP. ``docs/operations.md`` lists every variable.
"""

from pathlib import Path
from urllib.parse import quote, unquote

import dj_database_url
from csp.constants import NONE, SELF

from config.env import BASE_DIR, StrictEnv, address, fail, key_folder, local_secret_key, number, read

env = StrictEnv()

# --- where things are ------------------------------------------------------------------------------------------
DATA_DIR = Path(read(env.str, "DATA_DIR", default="") or BASE_DIR / "var").resolve()
try:
    DATA_DIR.mkdir(parents=True, exist_ok=True)
except OSError as error:
    raise fail("DATA_DIR", f"{DATA_DIR} cannot be made ({type(error).__name__})") from None
ROOT_URLCONF = "config.urls"
WSGI_APPLICATION = "config.wsgi.application"

# --- trust -----------------------------------------------------------------------------------------------------
DEBUG = read(env.bool, "DEBUG", default=False)
SECRET_KEY = read(env.str, "SECRET_KEY", default="") or local_secret_key(DATA_DIR)
if len(SECRET_KEY) < 32:
    raise fail("SECRET_KEY", "must be at least 32 characters long")
FIELD_KEYS_DIR = key_folder(Path(read(env.str, "FIELD_KEYS_DIR", default="") or DATA_DIR / "secrets" / "field-keys"))
LOCAL_HOSTS = ["localhost", "127.0.0.1", "[::1]"]
ALLOWED_HOSTS = read(env.list, "ALLOWED_HOSTS", default=LOCAL_HOSTS)
PORT = number(env.int, "PORT", default=8000, low=1, high=65535)
BASE_URL = read(env.str, "BASE_URL", default=f"http://127.0.0.1:{PORT}").rstrip("/")
if address("BASE_URL", BASE_URL, ("http", "https")).path:
    raise fail("BASE_URL", "must be scheme, host and port only")
HTTPS = BASE_URL.startswith("https://")
CSRF_TRUSTED_ORIGINS = [BASE_URL]
if read(env.bool, "BEHIND_PROXY", default=False):
    SECURE_PROXY_SSL_HEADER = ("HTTP_X_FORWARDED_PROTO", "https")
    ALLAUTH_TRUSTED_PROXY_COUNT = 1  # sign-in limits count the client's address, not the proxy's
# A message may name a client: it never travels in a cookie.
MESSAGE_STORAGE = "django.contrib.messages.storage.session.SessionStorage"
SESSION_COOKIE_SECURE = CSRF_COOKIE_SECURE = HTTPS
SECURE_SSL_REDIRECT = HTTPS
SECURE_REDIRECT_EXEMPT = [r"^healthz$"]
SECURE_HSTS_SECONDS = 31_536_000 if HTTPS else 0
SECURE_HSTS_INCLUDE_SUBDOMAINS = HTTPS
SECURE_HSTS_PRELOAD = HTTPS
# With "no-referrer" browsers send "Origin: null" with our own forms, which the CSRF check must refuse. No address
# ever leaves this origin with "same-origin" either, and tokens leave the address before anything else is shown.
SECURE_REFERRER_POLICY = "same-origin"
SECURE_CROSS_ORIGIN_OPENER_POLICY = "same-origin"
X_FRAME_OPTIONS = "DENY"
SESSION_COOKIE_HTTPONLY = True
SESSION_COOKIE_SAMESITE = "Lax"
SESSION_COOKIE_AGE = number(env.int, "SESSION_HOURS", default=12, low=1, high=24 * 14) * 3600
SESSION_IDLE_SECONDS = number(env.int, "SESSION_IDLE_MINUTES", default=60, low=1, high=24 * 60) * 60
SESSION_SAVE_EVERY_REQUEST = False
CSRF_COOKIE_HTTPONLY = True
CSRF_FAILURE_VIEW = "practice.views.errors.csrf_failure"
DATA_UPLOAD_MAX_MEMORY_SIZE = 1_000_000
DATA_UPLOAD_MAX_NUMBER_FIELDS = 2_000

CONTENT_SECURITY_POLICY = {
    "DIRECTIVES": {
        "default-src": [NONE],
        "script-src": [SELF],
        "style-src": [SELF],
        "img-src": [SELF, "data:"],
        "font-src": [SELF],
        "connect-src": [SELF],
        "form-action": [SELF],
        "manifest-src": [SELF],
        "base-uri": [NONE],
        "frame-ancestors": [NONE],
        "object-src": [NONE],
    }
}

# --- the rooms -------------------------------------------------------------------------------------------------
INSTALLED_APPS = [
    "django.contrib.auth",
    "django.contrib.contenttypes",
    "django.contrib.sessions",
    "django.contrib.messages",
    "django.contrib.humanize",
    "whitenoise.runserver_nostatic",
    "django.contrib.staticfiles",
    "allauth",
    "allauth.account",
    "allauth.mfa",
    "allauth.usersessions",
    "crispy_forms",
    "crispy_bootstrap5",
    "csp",
    "practice",
    "clients",
    "assessments",
    "homework",
    "reports",
    "dashboard",
    "portal",
]

MIDDLEWARE = [
    "practice.middleware.RequestIdMiddleware",
    "practice.middleware.MethodMiddleware",
    "django.middleware.security.SecurityMiddleware",
    "whitenoise.middleware.WhiteNoiseMiddleware",
    "csp.middleware.CSPMiddleware",
    "django.contrib.sessions.middleware.SessionMiddleware",
    "django.middleware.common.CommonMiddleware",
    "django.middleware.csrf.CsrfViewMiddleware",
    "django.contrib.auth.middleware.AuthenticationMiddleware",
    "allauth.account.middleware.AccountMiddleware",
    "practice.middleware.IdleSessionMiddleware",
    "practice.middleware.LoginRequiredMiddleware",
    "allauth.usersessions.middleware.UserSessionsMiddleware",
    "django.contrib.messages.middleware.MessageMiddleware",
    "django.middleware.clickjacking.XFrameOptionsMiddleware",
    "practice.middleware.MembershipMiddleware",
    "practice.middleware.PrivacyHeadersMiddleware",
    "practice.middleware.DenialMiddleware",
]

TEMPLATES = [
    {
        "BACKEND": "django.template.backends.django.DjangoTemplates",
        "DIRS": [BASE_DIR / "templates"],
        "APP_DIRS": True,
        "OPTIONS": {
            "context_processors": [
                "django.template.context_processors.request",
                "django.contrib.auth.context_processors.auth",
                "django.contrib.messages.context_processors.messages",
                "practice.context.product",
            ],
        },
    }
]

# --- database --------------------------------------------------------------------------------------------------
DATABASE_URL = read(env.str, "DATABASE_URL", default="") or f"sqlite:///{quote(str(DATA_DIR))}/practice.sqlite3"
try:
    DATABASES = {"default": dj_database_url.parse(DATABASE_URL, conn_max_age=0)}
except (dj_database_url.ParseError, ValueError, KeyError):
    raise fail("DATABASE_URL", "is not a database address (postgres://… or sqlite:///…)") from None
DATABASE_POOL = number(env.int, "DATABASE_POOL", default=4, low=1, high=100)
_database = DATABASES["default"]
if _database["ENGINE"].endswith("sqlite3"):
    _database["OPTIONS"] = {
        "transaction_mode": "IMMEDIATE",
        "timeout": 20,
        "init_command": "PRAGMA journal_mode=WAL; PRAGMA synchronous=FULL; PRAGMA foreign_keys=ON;"
        " PRAGMA cache_size=-32000; PRAGMA temp_store=MEMORY;",
    }
elif _database["ENGINE"].endswith("postgresql"):
    _database["OPTIONS"] = {
        **_database.get("OPTIONS", {}),
        "pool": {"min_size": 1, "max_size": DATABASE_POOL, "timeout": 10},
    }
else:
    raise fail("DATABASE_URL", "must be PostgreSQL or SQLite")
if _database["NAME"] in ("", ":memory:"):
    raise fail("DATABASE_URL", "names no database")
DEFAULT_AUTO_FIELD = "django.db.models.BigAutoField"

# --- cache (sign-in limits and replay guards live here, so it is shared between processes) -----------------------
CACHE_URL = read(env.str, "CACHE_URL", default="")
if CACHE_URL:
    address("CACHE_URL", CACHE_URL, ("redis", "rediss"))
CACHES = {
    "default": {"BACKEND": "django.core.cache.backends.redis.RedisCache", "LOCATION": CACHE_URL}
    if CACHE_URL
    else {"BACKEND": "django.core.cache.backends.db.DatabaseCache", "LOCATION": "cache"}
}

# --- Celery: the database is the truth, a message only a doorbell ------------------------------------------------
CELERY_APP = "config.celery.app"
CELERY_BROKER_URL = read(env.str, "CELERY_BROKER_URL", default="") or "filesystem://"
CELERY_BROKER_DIR = DATA_DIR / "broker"
if CELERY_BROKER_URL != "filesystem://":
    address("CELERY_BROKER_URL", CELERY_BROKER_URL, ("redis", "rediss"))
REPORT_LEASE_SECONDS = number(env.int, "REPORT_LEASE_SECONDS", default=120, low=4, high=3600)
DISPATCH_SECONDS = number(env.float, "DISPATCH_SECONDS", default=5.0, low=0.1, high=60)

# --- mail ------------------------------------------------------------------------------------------------------
EMAIL_URL = read(env.str, "EMAIL_URL", default="file")
if EMAIL_URL == "file":
    EMAIL_BACKEND = "django.core.mail.backends.filebased.EmailBackend"
    EMAIL_FILE_PATH = DATA_DIR / "mail"
elif EMAIL_URL == "console":
    EMAIL_BACKEND = "django.core.mail.backends.console.EmailBackend"
elif EMAIL_URL.startswith("smtp"):
    EMAIL_BACKEND = "django.core.mail.backends.smtp.EmailBackend"
    _mail = address("EMAIL_URL", EMAIL_URL, ("smtp", "smtp+tls", "smtp+ssl"))
    EMAIL_HOST, EMAIL_PORT = _mail.hostname, _mail.port or 25
    EMAIL_HOST_USER, EMAIL_HOST_PASSWORD = unquote(_mail.username or ""), unquote(_mail.password or "")
    EMAIL_USE_TLS, EMAIL_USE_SSL = _mail.scheme == "smtp+tls", _mail.scheme == "smtp+ssl"
    EMAIL_TIMEOUT = 20
else:
    raise fail("EMAIL_URL", "must be file, console or smtp://user:password@host:port (smtp+tls://, smtp+ssl://)")
DEFAULT_FROM_EMAIL = read(env.str, "MAIL_FROM", default="Messages <messages@localhost>")

# --- files -----------------------------------------------------------------------------------------------------
STATIC_URL = "static/"
STATIC_ROOT = DATA_DIR / "static"
STATICFILES_DIRS = [BASE_DIR / "static"]
STORAGES = {
    "default": {"BACKEND": "django.core.files.storage.FileSystemStorage", "OPTIONS": {"location": DATA_DIR / "files"}},
    "staticfiles": {"BACKEND": "whitenoise.storage.CompressedManifestStaticFilesStorage"},
}
WHITENOISE_MAX_AGE = 31_536_000
IMPORT_MAX_BYTES = number(env.int, "IMPORT_MAX_MEGABYTES", default=50, low=1, high=500) * 1_000_000
IMPORT_MAX_ROWS = number(env.int, "IMPORT_MAX_ROWS", default=250_000, low=1, high=2_000_000)

# --- sign-in ---------------------------------------------------------------------------------------------------
AUTH_USER_MODEL = "practice.User"
AUTHENTICATION_BACKENDS = ["practice.signin.SignInBackend"]
PASSWORD_HASHERS = [
    "django.contrib.auth.hashers.ScryptPasswordHasher",
    "django.contrib.auth.hashers.PBKDF2PasswordHasher",
]
AUTH_PASSWORD_VALIDATORS = [
    {
        "NAME": "django.contrib.auth.password_validation.UserAttributeSimilarityValidator",
        "OPTIONS": {"user_attributes": ("sign_in", "email", "name")},
    },
    {"NAME": "django.contrib.auth.password_validation.MinimumLengthValidator", "OPTIONS": {"min_length": 12}},
    {"NAME": "django.contrib.auth.password_validation.CommonPasswordValidator"},
    {"NAME": "django.contrib.auth.password_validation.NumericPasswordValidator"},
]
LOGIN_URL = "account_login"
LOGIN_REDIRECT_URL = "home"
ACCOUNT_ADAPTER = "practice.signin.AccountAdapter"
ACCOUNT_FORMS = {
    "login": "practice.forms.signin.SignInForm",
    "reset_password": "practice.forms.signin.ForgottenForm",
}
ACCOUNT_RATE_LIMITS = {"join": "20/m/ip,10/10m/key"}  # choosing a password by a one-time link; the key is the link
ACCOUNT_LOGIN_METHODS = {"username"}
ACCOUNT_SIGNUP_FIELDS = ["username*", "email", "password1*", "password2*"]
ACCOUNT_USER_MODEL_USERNAME_FIELD = "sign_in"
ACCOUNT_USER_MODEL_EMAIL_FIELD = "email"
ACCOUNT_EMAIL_VERIFICATION = "none"
ACCOUNT_EMAIL_NOTIFICATIONS = True
ACCOUNT_EMAIL_SUBJECT_PREFIX = ""
ACCOUNT_PREVENT_ENUMERATION = True
ACCOUNT_LOGOUT_ON_GET = False
ACCOUNT_LOGIN_ON_PASSWORD_RESET = False
ACCOUNT_SESSION_REMEMBER = False
ACCOUNT_REAUTHENTICATION_REQUIRED = True
MFA_SUPPORTED_TYPES = ["totp", "recovery_codes"]
MFA_TOTP_ISSUER = "Trestle"
# Nobody signs up by themselves: addresses come from the practice, and allauth leaves them "unverified" for good after
# its first look at one (a reset), which would lock people out of the second factor.
MFA_ALLOW_UNVERIFIED_EMAIL = True
USERSESSIONS_TRACK_ACTIVITY = False

# --- language and time -----------------------------------------------------------------------------------------
LANGUAGE_CODE = "en-us"
LANGUAGES = [("en", "English")]
LOCALE_PATHS = [BASE_DIR / "locale"]
TIME_ZONE = "UTC"
USE_TZ = True
USE_I18N = True

# --- forms -----------------------------------------------------------------------------------------------------
CRISPY_ALLOWED_TEMPLATE_PACKS = "bootstrap5"
CRISPY_TEMPLATE_PACK = "bootstrap5"

# --- logs: ids and outcomes only, never a name, a clinical word or search text -----------------------------------
LOGGING = {
    "version": 1,
    "disable_existing_loggers": False,
    "filters": {"request_id": {"()": "practice.logs.RequestIdFilter"}, "no_data": {"()": "practice.logs.NoDataFilter"}},
    "formatters": {"line": {"format": "%(asctime)s %(levelname)s %(name)s %(request_id)s %(message)s"}},
    "handlers": {
        "stderr": {"class": "logging.StreamHandler", "formatter": "line", "filters": ["request_id", "no_data"]},
    },
    "root": {"handlers": ["stderr"], "level": read(env.log_level, "LOG_LEVEL", default="INFO")},
    "loggers": {"django.request": {"level": "ERROR"}, "fontTools": {"level": "WARNING"}},
}
