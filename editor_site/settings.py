"""The project's settings: everything that may differ between two installations comes from the environment.

The defaults run Retake safely on one machine with nothing else installed; .env.example lists every setting.
"""

from pathlib import Path
from urllib.parse import unquote, urlsplit

from csp.constants import NONE, SELF
from django.core.exceptions import ImproperlyConfigured

from editor_site import env, logs
from edits.model_specs import MODEL_SPECS

BASE_DIR = env.BASE_DIR
DATA_DIR = Path(env.text("DATA_DIR", str(BASE_DIR / "var"))).resolve()
DATA_DIR.mkdir(parents=True, exist_ok=True)

# --- The site ---------------------------------------------------------------------------------------------
DEBUG = env.flag("DEBUG")
SECRET_KEY = env.kept_secret("SECRET_KEY", DATA_DIR)
PORT = env.integer("PORT", 8000)
HOST = env.text("HOST", "127.0.0.1")
HTTPS = env.flag("HTTPS")
ALLOWED_HOSTS = env.words("ALLOWED_HOSTS", "localhost,127.0.0.1,[::1]")
CSRF_TRUSTED_ORIGINS = env.words("CSRF_TRUSTED_ORIGINS")
# Where no request says under which name it came: in webhooks, which workers send.
SITE_URL = env.text(
    "SITE_URL",
    next(
        iter(CSRF_TRUSTED_ORIGINS),
        f"https://{ALLOWED_HOSTS[0]}" if HTTPS else f"http://{ALLOWED_HOSTS[0]}:{PORT}",
    ),
).rstrip("/")
WEB_WORKERS = env.integer("WEB_WORKERS", 1)
# A client of the API keeps one while its edit runs.  They are made when they are needed.
WEB_THREADS = env.integer("WEB_THREADS", 600)

ROOT_URLCONF = "editor_site.urls"
WSGI_APPLICATION = "editor_site.wsgi.application"
APPEND_SLASH = True
DEFAULT_AUTO_FIELD = "django.db.models.BigAutoField"
FORM_RENDERER = "django.forms.renderers.TemplatesSetting"

INSTALLED_APPS = [
    "edits",
    "allauth",
    "allauth.account",
    "django.contrib.admin",
    "django.contrib.auth",
    "django.contrib.contenttypes",
    "django.contrib.sessions",
    "django.contrib.messages",
    "django.contrib.staticfiles",
    "django.contrib.humanize",
    "django.forms",
]

MIDDLEWARE = [
    "editor_site.logs.RequestIdMiddleware",
    "edits.views.https.HttpsForProgramsMiddleware",
    "django.middleware.security.SecurityMiddleware",
    "whitenoise.middleware.WhiteNoiseMiddleware",
    "csp.middleware.CSPMiddleware",
    "edits.views.body_size.BodySizeMiddleware",
    "edits.views.incoming.IncomingMiddleware",
    "django.contrib.sessions.middleware.SessionMiddleware",
    "django.middleware.common.CommonMiddleware",
    "django.middleware.csrf.CsrfViewMiddleware",
    "django.contrib.auth.middleware.AuthenticationMiddleware",
    "edits.views.access.SignInMiddleware",
    "django.contrib.messages.middleware.MessageMiddleware",
    "django.middleware.clickjacking.XFrameOptionsMiddleware",
    "django_htmx.middleware.HtmxMiddleware",
    "allauth.account.middleware.AccountMiddleware",
    "edits.views.setting_up.SetupMiddleware",
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
                "edits.views.site.site",
            ],
        },
    },
]

# --- The database -----------------------------------------------------------------------------------------
DATABASES = {"default": env.database(f"sqlite:///{DATA_DIR / 'retake.sqlite3'}")}
if DATABASES["default"]["ENGINE"] == "django.db.backends.sqlite3":
    # WAL lets pages read while a worker writes; IMMEDIATE makes writers queue instead of failing half-way, and
    # the engine lets them write in turn.
    DATABASES["default"]["ENGINE"] = "editor_site.sqlite_in_turn"
    DATABASES["default"]["OPTIONS"] = {
        "transaction_mode": "IMMEDIATE",
        "timeout": 30,
        "init_command": "PRAGMA journal_mode=WAL; PRAGMA synchronous=NORMAL; PRAGMA cache_size=-20000;"
        " PRAGMA mmap_size=134217728; PRAGMA temp_store=MEMORY;",
    }
    DATABASES["default"]["CONN_MAX_AGE"] = 60
else:
    DATABASES["default"] |= {
        "CONN_HEALTH_CHECKS": True,  # what was connected before the database restarted is not handed out
        "OPTIONS": {
            # A database that is away: whoever asks is told soon, lest all threads wait, and after giving up an
            # attempt the next one is made at once, not after minutes.
            "pool": {"min_size": 1, "max_size": 20, "timeout": 5, "reconnect_timeout": 2},
            "connect_timeout": 5,
            "tcp_user_timeout": 15_000,  # milliseconds: a machine that vanished says nothing
        }
        | DATABASES["default"].get("OPTIONS", {}),  # what DATABASE_URL says, such as sslmode
    }

CACHE_URL = env.text("CACHE_URL")
CACHES = {
    "default": {
        "BACKEND": "editor_site.shared_cache.SharedCache",
        "LOCATION": CACHE_URL,
        "OPTIONS": {"socket_connect_timeout": 3, "socket_timeout": 5},
    }
    if CACHE_URL
    # Login throttles count in it, so it has to be one for all processes.
    else {
        "BACKEND": "django.core.cache.backends.db.DatabaseCache",
        "LOCATION": "cache_entries",
        "OPTIONS": {"MAX_ENTRIES": 10_000},  # few would let a flood of names push the counts out
    }
}

# --- Jobs -------------------------------------------------------------------------------------------------
CELERY_BROKER_URL = env.text("CELERY_BROKER_URL", "folder://localhost")
WORKER_THREADS = env.integer("WORKER_THREADS", 16)
LEASE_SECONDS = env.integer("LEASE_SECONDS", 30)
SWEEP_SECONDS = env.integer("SWEEP_SECONDS", 3)
if LEASE_SECONDS < 3 * SWEEP_SECONDS:
    raise ImproperlyConfigured(
        "LEASE_SECONDS must be at least three times SWEEP_SECONDS, which renews leases"
    )
TRASH_DAYS = env.integer("TRASH_DAYS", 30)

# --- The provider -----------------------------------------------------------------------------------------
STEPFUN_API_KEY = env.text("STEPFUN_API_KEY")
LOCAL_ENGINE_PORT = env.integer("LOCAL_ENGINE_PORT", PORT + 1)
LOCAL_ENGINE_URL = f"http://127.0.0.1:{LOCAL_ENGINE_PORT}/v1"
STEPFUN_BASE_URL = env.text(
    "STEPFUN_BASE_URL", "https://api.stepfun.ai/v1" if STEPFUN_API_KEY else LOCAL_ENGINE_URL
).rstrip("/")
PRACTICE_ENGINE = STEPFUN_BASE_URL == LOCAL_ENGINE_URL
STEPFUN_MODEL = env.text("STEPFUN_MODEL", "step-1x-edit")
if STEPFUN_MODEL not in MODEL_SPECS:
    raise ImproperlyConfigured(
        f"STEPFUN_MODEL must be one of {', '.join(MODEL_SPECS)}, not {STEPFUN_MODEL!r}"
    )
STEPFUN_TIMEOUT_SECONDS = env.integer("STEPFUN_TIMEOUT_SECONDS", 180)
# The longest call, the download of its picture, and time to store it.
STOP_GRACE_SECONDS = env.integer("STOP_GRACE_SECONDS", STEPFUN_TIMEOUT_SECONDS + 75)
# StepFun's lowest tier is 5 calls at once and 10 a minute; practice costs only this machine's time.
STEPFUN_MAX_CONCURRENT = env.integer("STEPFUN_MAX_CONCURRENT", 2 if PRACTICE_ENGINE else 5)
STEPFUN_MAX_PER_MINUTE = env.integer("STEPFUN_MAX_PER_MINUTE", 600 if PRACTICE_ENGINE else 10)
STEPFUN_RESULT_HOSTS = env.words("STEPFUN_RESULT_HOSTS")

# --- The API ----------------------------------------------------------------------------------------------
# The largest picture that the model takes, and the form around it.
API_MOST_BYTES = MODEL_SPECS[STEPFUN_MODEL].max_upload_bytes + 2**20
RESULT_URL_TTL_SECONDS = env.integer("RESULT_URL_TTL_SECONDS", 24 * 60 * 60)
# Clients of image APIs give up after 600 seconds.
API_WAIT_SECONDS = env.integer("API_WAIT_SECONDS", 590)
WEBHOOK_PRIVATE_HOSTS = env.words("WEBHOOK_PRIVATE_HOSTS")

# --- Files ------------------------------------------------------------------------------------------------
STATIC_URL = "/static/"
STATIC_ROOT = Path(env.text("STATIC_ROOT", str(BASE_DIR / "staticfiles")))
STATICFILES_DIRS = [BASE_DIR / "static"]
WHITENOISE_KEEP_ONLY_HASHED_FILES = False
MEDIA_ROOT = DATA_DIR / "pictures"  # no MEDIA_URL: pictures are served by a view that checks who asks
# Room for a result of every thread and what the database writes; 0 asks for none.
FREE_DISK_MEGABYTES = env.integer("FREE_DISK_MEGABYTES", 200, least=0)

AWS_STORAGE_BUCKET_NAME = env.text("AWS_STORAGE_BUCKET_NAME")
AWS_S3_ENDPOINT_URL = env.text("AWS_S3_ENDPOINT_URL") or None
AWS_S3_REGION_NAME = env.text("AWS_S3_REGION_NAME") or None
AWS_ACCESS_KEY_ID = env.text("AWS_ACCESS_KEY_ID") or None
AWS_SECRET_ACCESS_KEY = env.text("AWS_SECRET_ACCESS_KEY") or None
STORAGES = {
    "default": {
        "BACKEND": "editor_site.picture_bucket.PictureBucket"
        if AWS_STORAGE_BUCKET_NAME
        else "editor_site.picture_folder.PictureFolder",
    },
    "staticfiles": {"BACKEND": "editor_site.storages.HashedStatic"},
}
# The form checks a picture's size itself and says so in a sentence; this bounds what is read before it can.
DATA_UPLOAD_MAX_MEMORY_SIZE = 2_621_440
# Half-sent files of a web server that was killed lie here until the next one starts.
FILE_UPLOAD_TEMP_DIR = DATA_DIR / "incoming"
FILE_UPLOAD_TEMP_DIR.mkdir(exist_ok=True)
FILE_UPLOAD_MAX_MEMORY_SIZE = 2_621_440
FILE_UPLOAD_HANDLERS = [
    "django.core.files.uploadhandler.MemoryFileUploadHandler",
    "edits.views.incoming.IncomingFile",
]

# --- People -----------------------------------------------------------------------------------------------
AUTH_USER_MODEL = "edits.User"
AUTHENTICATION_BACKENDS = ["allauth.account.auth_backends.AuthenticationBackend"]
PASSWORD_HASHERS = [
    "django.contrib.auth.hashers.Argon2PasswordHasher",
    "django.contrib.auth.hashers.PBKDF2PasswordHasher",
]
AUTH_PASSWORD_VALIDATORS = [
    {"NAME": f"django.contrib.auth.password_validation.{name}"}
    for name in (
        "UserAttributeSimilarityValidator",
        "MinimumLengthValidator",
        "CommonPasswordValidator",
        "NumericPasswordValidator",
    )
]
LOGIN_URL = "account_login"
LOGIN_REDIRECT_URL = "edits:studio"
ACCOUNT_ADAPTER = "edits.views.accounts.InvitationOnlyAdapter"
ACCOUNT_FORMS = {
    "login": "edits.forms.accounts.SignInForm",
    "signup": "edits.forms.accounts.JoinForm",
    "change_password": "edits.forms.passwords.ChangeForm",
    "set_password": "edits.forms.passwords.SetForm",
    "reset_password": "edits.forms.passwords.ResetForm",
    "reset_password_from_key": "edits.forms.passwords.ResetByLinkForm",
}
ACCOUNT_LOGIN_METHODS = {"username", "email"}
ACCOUNT_SIGNUP_FIELDS = ["username*", "email", "password1*"]
ACCOUNT_EMAIL_VERIFICATION = "none"
ACCOUNT_LOGOUT_REDIRECT_URL = "account_login"
ACCOUNT_SESSION_REMEMBER = True
ACCOUNT_PREVENT_ENUMERATION = True
ACCOUNT_EMAIL_UNKNOWN_ACCOUNTS = False  # no mail to strangers who are not members
ACCOUNT_EMAIL_SUBJECT_PREFIX = "Retake: "
ACCOUNT_RATE_LIMITS = {"login": "30/m/ip", "login_failed": "10/m/ip,5/300s/key"}
# How many proxies of ours stand in front: with 0 an X-Forwarded-For, which anybody can send, counts for nothing.
ALLAUTH_TRUSTED_PROXY_COUNT = env.integer("TRUSTED_PROXIES", 0, least=0)
EMAIL_BACKEND = "django.core.mail.backends.console.EmailBackend"
MAIL_IS_SET_UP = bool(env.text("EMAIL_URL"))
if MAIL_IS_SET_UP:
    _mail = urlsplit(env.text("EMAIL_URL"))
    if _mail.scheme not in ("smtp", "smtp+tls", "smtps"):
        raise ImproperlyConfigured("EMAIL_URL must begin with smtp+tls://, smtps:// or smtp://")
    EMAIL_BACKEND = "django.core.mail.backends.smtp.EmailBackend"
    EMAIL_HOST, EMAIL_PORT = _mail.hostname or "localhost", _mail.port or 587
    EMAIL_HOST_USER, EMAIL_HOST_PASSWORD = unquote(_mail.username or ""), unquote(_mail.password or "")
    EMAIL_USE_TLS, EMAIL_USE_SSL = _mail.scheme == "smtp+tls", _mail.scheme == "smtps"
    EMAIL_TIMEOUT = 10
    DEFAULT_FROM_EMAIL = env.text("EMAIL_FROM", EMAIL_HOST_USER)

# --- Safety -----------------------------------------------------------------------------------------------
SESSION_COOKIE_HTTPONLY = True
SESSION_COOKIE_SAMESITE = "Lax"
SESSION_COOKIE_SECURE = CSRF_COOKIE_SECURE = HTTPS
SECURE_SSL_REDIRECT = HTTPS
SECURE_HSTS_SECONDS = 31_536_000 if HTTPS else 0
SECURE_HSTS_INCLUDE_SUBDOMAINS = SECURE_HSTS_PRELOAD = HTTPS
SECURE_PROXY_SSL_HEADER = ("HTTP_X_FORWARDED_PROTO", "https") if HTTPS else None
SECURE_REDIRECT_EXEMPT = [r"^healthz$", r"^readyz$", r"^metrics$"]
METRICS_TOKEN = env.text("METRICS_TOKEN")
if METRICS_TOKEN and len(METRICS_TOKEN) < 16:
    raise ImproperlyConfigured("METRICS_TOKEN must have at least 16 characters")
SECURE_REFERRER_POLICY = "same-origin"
X_FRAME_OPTIONS = "DENY"
CSRF_FAILURE_VIEW = "edits.views.errors.csrf_failure"
_pictures = [AWS_S3_ENDPOINT_URL or f"https://{AWS_STORAGE_BUCKET_NAME}.s3.amazonaws.com"]
CONTENT_SECURITY_POLICY = {
    "DIRECTIVES": {
        "default-src": [NONE],
        "script-src": [SELF],
        "style-src": [SELF],
        "img-src": [SELF, "data:", "blob:", *(_pictures if AWS_STORAGE_BUCKET_NAME else [])],
        "font-src": [SELF],
        "connect-src": [SELF],
        "manifest-src": [SELF],
        "form-action": [SELF],
        "base-uri": [NONE],
        "frame-ancestors": [NONE],
    }
}

# --- Words and time ---------------------------------------------------------------------------------------
LANGUAGE_CODE = "en-us"
USE_I18N = False
USE_TZ = True
TIME_ZONE = env.text("TIME_ZONE", "UTC")

LOGGING = logs.config(form=env.text("LOG_FORMAT", "text"), level=env.text("LOG_LEVEL", "INFO"))
LOGGING_CONFIG = "editor_site.logs.configure"
