"""The project's settings: everything that may differ between installations comes from the environment.

The defaults run Retake safely on one machine without other servers; .env.example lists every setting.
"""

from pathlib import Path
from urllib.parse import unquote, urlsplit

from django.core.exceptions import ImproperlyConfigured

from editor_site import content_policy, cookies, cross_origin, data_folder, databases, env, logs, outgoing
from editor_site.caches import cache_of
from editor_site.site_address import site_url
from editor_site.sub_path import base_path
from edits import languages
from edits.model_specs import MODEL_SPECS

BASE_DIR = env.BASE_DIR
DATA_DIR = data_folder.prepare(env.text("DATA_DIR", str(BASE_DIR / "var")))

# --- The site ---------------------------------------------------------------------------------------------
DEBUG = env.flag("DEBUG")
SECRET_KEY = env.kept_secret("SECRET_KEY", DATA_DIR)
PORT = env.port("PORT", 8000)
HOST = env.text("HOST", "127.0.0.1")
HTTPS = env.flag("HTTPS")
ALLOWED_HOSTS = env.host_names("ALLOWED_HOSTS", "localhost,127.0.0.1,[::1]")
CSRF_TRUSTED_ORIGINS = env.origins("CSRF_TRUSTED_ORIGINS")
BASE_PATH = base_path(env.text("BASE_PATH"))
FORCE_SCRIPT_NAME = BASE_PATH or None
SITE_URL_IS_GIVEN = bool(env.address("SITE_URL"))
SITE_URL = site_url(
    env.address("SITE_URL"),
    origins=CSRF_TRUSTED_ORIGINS,
    hosts=ALLOWED_HOSTS,
    https=HTTPS,
    port=PORT,
    path=BASE_PATH,
)
WEB_WORKERS = env.integer("WEB_WORKERS", 1)
# Created on demand.  API clients that wait for their edits occupy none.
WEB_THREADS = env.integer("WEB_THREADS", 100)

ROOT_URLCONF = "editor_site.urls"
WSGI_APPLICATION = "editor_site.wsgi.application"
APPEND_SLASH = True
DEFAULT_AUTO_FIELD = "django.db.models.BigAutoField"
FORM_RENDERER = "django.forms.renderers.TemplatesSetting"

INSTALLED_APPS = [
    "edits",
    "allauth",
    "allauth.account",
    "django.contrib.admin.apps.SimpleAdminConfig",  # urls.py imports our admin: workers and commands do not need it
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
    "edits.views.languages.LanguageMiddleware",
    "corsheaders.middleware.CorsMiddleware",
    "edits.views.probes.ProbesMiddleware",
    "edits.views.https.HttpsMiddleware",
    "django.middleware.security.SecurityMiddleware",
    "whitenoise.middleware.WhiteNoiseMiddleware",
    "csp.middleware.CSPMiddleware",
    "edits.http.body_size.BodySizeMiddleware",
    "edits.http.upload_errors.IncomingMiddleware",
    "django.contrib.sessions.middleware.SessionMiddleware",
    "django.middleware.common.CommonMiddleware",
    "django.middleware.csrf.CsrfViewMiddleware",
    "django.contrib.auth.middleware.AuthenticationMiddleware",
    "edits.http.access.SignInMiddleware",
    "edits.views.time_zones.TimeZoneMiddleware",
    "django.contrib.messages.middleware.MessageMiddleware",
    "django.middleware.clickjacking.XFrameOptionsMiddleware",
    "django_htmx.middleware.HtmxMiddleware",
    "allauth.account.middleware.AccountMiddleware",
    "edits.views.first_run.SetupMiddleware",
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
            "builtins": ["edits.templatetags.csrf"],
        },
    },
]

# --- The database -----------------------------------------------------------------------------------------
DATABASE_POOL_SIZE = env.integer("DATABASE_POOL_SIZE", 20)
DATABASES = {
    "default": databases.tuned(
        env.database(f"sqlite:///{DATA_DIR / data_folder.DATABASE}"), pool_size=DATABASE_POOL_SIZE
    )
}

CACHE_URL = env.address("CACHE_URL", schemes=("redis", "rediss", "unix"))
CACHES = {"default": cache_of(CACHE_URL)}

# --- Jobs -------------------------------------------------------------------------------------------------
_brokers = ("folder", "memory", "redis", "rediss", "sentinel", "amqp", "amqps", "pyamqp")
CELERY_BROKER_URL = ";".join(
    env.addresses("CELERY_BROKER_URL", "folder://localhost", schemes=_brokers, between=";")
)
LEASE_SECONDS = env.integer("LEASE_SECONDS", 30)
SWEEP_SECONDS = env.integer("SWEEP_SECONDS", 3)
if LEASE_SECONDS < 3 * SWEEP_SECONDS:
    raise ImproperlyConfigured(
        "LEASE_SECONDS must be at least three times SWEEP_SECONDS, which renews leases"
    )
TRASH_DAYS = env.integer("TRASH_DAYS", 30, most=36_500)

# --- The provider -----------------------------------------------------------------------------------------
STEPFUN_API_KEY = env.text("STEPFUN_API_KEY")
LOCAL_ENGINE_PORT = env.port("LOCAL_ENGINE_PORT", PORT + 1)
LOCAL_ENGINE_URL = f"http://127.0.0.1:{LOCAL_ENGINE_PORT}/v1"
STEPFUN_BASE_URL = env.address(
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
# StepFun's lowest tier allows 5 concurrent calls and 10 a minute; practice costs only this machine's time.
STEPFUN_MAX_CONCURRENT = env.integer("STEPFUN_MAX_CONCURRENT", 2 if PRACTICE_ENGINE else 5)
WORKER_THREADS = env.integer("WORKER_THREADS", max(16, STEPFUN_MAX_CONCURRENT))  # each call occupies one
STEPFUN_MAX_PER_MINUTE = env.integer("STEPFUN_MAX_PER_MINUTE", 600 if PRACTICE_ENGINE else 10)
STEPFUN_RESULT_HOSTS = env.hosts("STEPFUN_RESULT_HOSTS")

# --- The API ----------------------------------------------------------------------------------------------
# The largest picture of the model, and the form around it.
API_MOST_BYTES = MODEL_SPECS[STEPFUN_MODEL].max_upload_bytes + 2**20
RESULT_URL_TTL_SECONDS = env.integer("RESULT_URL_TTL_SECONDS", 24 * 60 * 60)
# Clients of image APIs give up after 600 seconds.
API_WAIT_SECONDS = env.integer("API_WAIT_SECONDS", 590)
WEBHOOK_PRIVATE_HOSTS = env.hosts("WEBHOOK_PRIVATE_HOSTS")
CORS_ALLOW_ALL_ORIGINS = env.text("API_ALLOWED_ORIGINS") == "*"
CORS_ALLOWED_ORIGINS = [] if CORS_ALLOW_ALL_ORIGINS else env.origins("API_ALLOWED_ORIGINS")
CORS_URLS_REGEX, CORS_ALLOW_METHODS = cross_origin.PATHS, cross_origin.METHODS
CORS_ALLOW_HEADERS, CORS_EXPOSE_HEADERS = cross_origin.SENT, cross_origin.READ

# --- The way out ------------------------------------------------------------------------------------------
HTTP_PROXY = outgoing.proxy("HTTP_PROXY", env.text("HTTP_PROXY"))
HTTPS_PROXY = outgoing.proxy("HTTPS_PROXY", env.text("HTTPS_PROXY"))
NO_PROXY = outgoing.exceptions(env.text("NO_PROXY"))
CA_BUNDLE = outgoing.ca_bundle(
    REQUESTS_CA_BUNDLE=env.text("REQUESTS_CA_BUNDLE"), SSL_CERT_FILE=env.text("SSL_CERT_FILE")
)
AWS_S3_VERIFY = CA_BUNDLE or None

# --- Files ------------------------------------------------------------------------------------------------
STATIC_URL = f"{BASE_PATH}/static/"
STATIC_ROOT = Path(env.text("STATIC_ROOT", str(BASE_DIR / "staticfiles")))
STATICFILES_DIRS = [BASE_DIR / "static"]
WHITENOISE_KEEP_ONLY_HASHED_FILES = False
MEDIA_ROOT = DATA_DIR / "pictures"  # no MEDIA_URL: a view serves pictures after checking permissions
# Enough for a result of every thread and for the database; 0 disables the check.
FREE_DISK_MEGABYTES = env.integer("FREE_DISK_MEGABYTES", 200, least=0)

AWS_STORAGE_BUCKET_NAME = env.text("AWS_STORAGE_BUCKET_NAME")
AWS_S3_ENDPOINT_URL = env.address("AWS_S3_ENDPOINT_URL") or None
AWS_S3_REGION_NAME = env.text("AWS_S3_REGION_NAME") or None
AWS_S3_ADDRESSING_STYLE = env.text("AWS_S3_ADDRESSING_STYLE") or None
if AWS_S3_ADDRESSING_STYLE not in (None, "path", "virtual"):
    raise ImproperlyConfigured("AWS_S3_ADDRESSING_STYLE must be path or virtual")
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
# The form checks a picture's size itself, with a sentence; this limits what is read before.
DATA_UPLOAD_MAX_MEMORY_SIZE = 2_621_440
DATA_UPLOAD_MAX_NUMBER_FILES = 500  # more than a batch takes, so that the form itself says how many that are
# Partial uploads of a killed web server remain here until one starts an hour later.
FILE_UPLOAD_TEMP_DIR = DATA_DIR / data_folder.INCOMING
FILE_UPLOAD_MAX_MEMORY_SIZE = 2_621_440
FILE_UPLOAD_HANDLERS = [
    "django.core.files.uploadhandler.MemoryFileUploadHandler",
    "edits.http.upload_errors.IncomingFile",
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
ACCOUNT_PASSWORD_RESET_TOKEN_GENERATOR = "edits.services.team.password_links.PasswordLinkKeys"  # noqa: S105
ACCOUNT_LOGIN_METHODS = {"username", "email"}
ACCOUNT_SIGNUP_FIELDS = ["username*", "email", "password1*"]
ACCOUNT_EMAIL_VERIFICATION = "none"
ACCOUNT_LOGOUT_REDIRECT_URL = "account_login"
ACCOUNT_SESSION_REMEMBER = True
ACCOUNT_PREVENT_ENUMERATION = True
ACCOUNT_EMAIL_UNKNOWN_ACCOUNTS = False  # no mail to people without an account
ACCOUNT_EMAIL_SUBJECT_PREFIX = "Retake: "
# What each limit counts: edits/views/sign_in_limits.py
ACCOUNT_RATE_LIMITS = {
    "login": None,  # it counts forms, and would block all users behind one address
    "login_failed": "10/m/ip",
    "login_failed_here": "5/300s/key",
    "login_failed_account": "100/h/key",
}
# Number of our proxies in front: with 0, X-Forwarded-For is ignored, because anybody can send it.
ALLAUTH_TRUSTED_PROXY_COUNT = env.integer("TRUSTED_PROXIES", 0, least=0)
EMAIL_BACKEND = "django.core.mail.backends.console.EmailBackend"
MAIL_IS_SET_UP = bool(env.text("EMAIL_URL"))
if MAIL_IS_SET_UP:
    _mail = urlsplit(env.address("EMAIL_URL", schemes=("smtp+tls", "smtps", "smtp")))
    EMAIL_BACKEND = "django.core.mail.backends.smtp.EmailBackend"
    EMAIL_HOST, EMAIL_PORT = _mail.hostname or "localhost", _mail.port or 587
    EMAIL_HOST_USER, EMAIL_HOST_PASSWORD = unquote(_mail.username or ""), unquote(_mail.password or "")
    EMAIL_USE_TLS, EMAIL_USE_SSL = _mail.scheme == "smtp+tls", _mail.scheme == "smtps"
    EMAIL_TIMEOUT = 10
    DEFAULT_FROM_EMAIL = env.text("EMAIL_FROM", EMAIL_HOST_USER)

# --- Safety -----------------------------------------------------------------------------------------------
SESSION_COOKIE_NAME, CSRF_COOKIE_NAME, MESSAGES_COOKIE_NAME, BROWSER_COOKIE_NAME, LANGUAGE_COOKIE_NAME = (
    cookies.named(kind, SECRET_KEY) for kind in ("session", "csrf", "messages", "browser", "language")
)
MESSAGE_STORAGE = "editor_site.messages.Messages"
SESSION_COOKIE_HTTPONLY = LANGUAGE_COOKIE_HTTPONLY = True
SESSION_COOKIE_SAMESITE = "Lax"
SESSION_COOKIE_SECURE = CSRF_COOKIE_SECURE = LANGUAGE_COOKIE_SECURE = HTTPS
SESSION_COOKIE_PATH = CSRF_COOKIE_PATH = LANGUAGE_COOKIE_PATH = BASE_PATH or "/"
LANGUAGE_COOKIE_AGE = 365 * 24 * 60 * 60
SECURE_SSL_REDIRECT = HTTPS
_hsts_seconds = env.integer("HSTS_SECONDS", 3600, least=0)
SECURE_HSTS_SECONDS = _hsts_seconds if HTTPS else 0
# Subdomains and preload lists are not ours to decide: other servers may be there without HTTPS.
SILENCED_SYSTEM_CHECKS = ["security.W005", "security.W021"]
SECURE_PROXY_SSL_HEADER = ("HTTP_X_FORWARDED_PROTO", "https") if HTTPS else None
SECURE_REDIRECT_EXEMPT = [rf"^{BASE_PATH[1:]}{BASE_PATH and '/'}(healthz|readyz|metrics)$"]
METRICS_TOKEN = env.text("METRICS_TOKEN")
if METRICS_TOKEN and len(METRICS_TOKEN) < 16:
    raise ImproperlyConfigured("METRICS_TOKEN must have at least 16 characters")
SECURE_REFERRER_POLICY = "same-origin"
X_FRAME_OPTIONS = "DENY"
CSRF_FAILURE_VIEW = "edits.views.errors.csrf_failure"
CONTENT_SECURITY_POLICY = {"DIRECTIVES": content_policy.DIRECTIVES}

# --- Words and time ---------------------------------------------------------------------------------------
LANGUAGES, LANGUAGE_CODE = languages.LANGUAGES, languages.ENGLISH
LOCALE_PATHS = [BASE_DIR / "edits" / "locale"]
USE_TZ = True
TIME_ZONE = env.time_zone("TIME_ZONE")

LOGGING = logs.config(
    form=env.choice("LOG_FORMAT", "text", "text", "json"),
    level=env.choice("LOG_LEVEL", "INFO", "DEBUG", "INFO", "WARNING", "ERROR", "CRITICAL"),
)
LOGGING_CONFIG = "editor_site.logs.configure"
