"""Django's settings: the wiring of the house. What comes from outside stands in `environment`."""

from datetime import timedelta
from pathlib import Path
from typing import Any

from config.settings import environment as given
from config.settings.logged import LOGGING as LOGGING
from config.settings.policy import ADMIN_POLICY as ADMIN_POLICY
from config.settings.policy import CONTENT_SECURITY_POLICY as CONTENT_SECURITY_POLICY

BASE_DIR = Path(__file__).resolve().parent.parent.parent

SECRET_KEY = given.SECRET_KEY
DEBUG = given.DEBUG
ALLOWED_HOSTS = given.ALLOWED_HOSTS
PUBLIC_URL = given.PUBLIC_URL
CSRF_TRUSTED_ORIGINS = [given.PUBLIC_URL]

INSTALLED_APPS = [
    "config.apps.WiringConfig",
    "unfold",
    "django.contrib.admin",
    "django.contrib.auth",
    "django.contrib.contenttypes",
    "django.contrib.sessions",
    "django.contrib.messages",
    "django.contrib.staticfiles",
    "django.contrib.postgres",
    "django.contrib.humanize",
    "allauth",
    "allauth.account",
    "allauth.mfa",
    "allauth.socialaccount",
    "allauth.socialaccount.providers.openid_connect",
    "rest_framework",
    "rest_framework_simplejwt.token_blacklist",
    "drf_spectacular",
    "drf_spectacular_sidecar",
    "django_rq",
    "django_htmx",
    "csp",
    "schools",
    "pipeline",
    "engines",
    "documents",
    "rag",
    "transcription",
    "planillas",
]

MIDDLEWARE = [
    "config.browsers.Policy",
    "django.middleware.security.SecurityMiddleware",
    "servestatic.middleware.ServeStaticMiddleware",
    "django.contrib.sessions.middleware.SessionMiddleware",
    "django.middleware.common.CommonMiddleware",
    "django.middleware.csrf.CsrfViewMiddleware",
    "django.contrib.auth.middleware.AuthenticationMiddleware",
    "django.contrib.messages.middleware.MessageMiddleware",
    "django.middleware.clickjacking.XFrameOptionsMiddleware",
    "allauth.account.middleware.AccountMiddleware",
    "django_htmx.middleware.HtmxMiddleware",
    "schools.privacy.no_store",
]

ROOT_URLCONF = "config.urls"
ASGI_APPLICATION = "config.asgi.application"

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
                "schools.portal.frame",
            ],
        },
    }
]

# --- stores -----------------------------------------------------------------------------------------------------------


def _database(url: Any, *, pool: bool) -> dict[str, Any]:
    options: dict[str, Any] = {"application_name": "preceptor"}
    if pool:
        # Who waits for a connection waits for others' pages: better late than an error.
        options["pool"] = {"min_size": 1, "max_size": 12, "timeout": 30}
    return {
        **url,
        "ENGINE": "django.db.backends.postgresql",
        # A connection that died with its server must not be the first that a request is given.
        "CONN_HEALTH_CHECKS": pool,
        "OPTIONS": {**url.get("OPTIONS", {}), **options},
    }


DATABASES = {"default": _database(given.DATABASE_URL, pool=True)}
# Behind a pooler of transactions nothing outlives one: no cursor, and no lock of the scheduler, which goes directly.
DATABASES["default"]["DISABLE_SERVER_SIDE_CURSORS"] = given.DATABASE_DIRECT_URL is not None
DATABASE_DIRECT = _database(given.DATABASE_DIRECT_URL or given.DATABASE_URL, pool=False)
if given.DATABASE_OWNER_URL:
    DATABASES["owner"] = {**_database(given.DATABASE_OWNER_URL, pool=False), "TEST": {"MIRROR": "default"}}

REDIS_URL = given.REDIS_URL
CACHES = {
    "default": {
        "BACKEND": "config.cache.Enduring",
        "LOCATION": REDIS_URL,
        "KEY_PREFIX": "j",
        "OPTIONS": {
            "socket_connect_timeout": 1,
            "socket_timeout": 2,
            "serializer": "config.plain_cache.Plain",
        },
    }
}
QUEUES = ("fast", "cpu", "gpu")
# A Redis that takes connections and never answers must not hold an upload for ever; a worker waits 10 s for a message.
_REDIS_PATIENCE = {"socket_connect_timeout": 3, "socket_timeout": 25}
RQ_QUEUES = {
    name: {
        "URL": REDIS_URL,
        "DEFAULT_TIMEOUT": -1,
        "REDIS_CLIENT_KWARGS": _REDIS_PATIENCE,
        # For the administration's page of the queues: by default it would unpickle what stands in Redis.
        "SERIALIZER": "rq.serializers.JSONSerializer",
    }
    for name in QUEUES
}
RQ = {"JOB_CLASS": "rq.job.Job"}

QDRANT_URL = given.QDRANT_URL
QDRANT_API_KEY = given.QDRANT_API_KEY
QDRANT_PREFIX = given.QDRANT_PREFIX

DATA_DIR = given.DATA_DIR
STORAGES = {
    "default": {
        "BACKEND": "django.core.files.storage.FileSystemStorage",
        "OPTIONS": {
            "location": DATA_DIR / "files",
            "file_permissions_mode": 0o600,
            "directory_permissions_mode": 0o700,
        },
    },
    "staticfiles": {"BACKEND": "django.contrib.staticfiles.storage.StaticFilesStorage"},
}
MAX_UPLOAD_BYTES = given.MAX_UPLOAD_MB * 1000**2
MAX_RECORDING_BYTES = given.MAX_RECORDING_MB * 1000**2
SCHOOL_QUOTA_BYTES = given.SCHOOL_QUOTA_GB * 1024**3
# A school's watched folder is the one of its name in here; a file that has not changed for so long is whole.
FOLDERS_DIR = given.FOLDERS_DIR
FOLDERS_STILL_S = 8.0
OCR_PARALLEL = given.OCR_PARALLEL
CLAMAV_ADDRESS = given.CLAMAV_ADDRESS
FILE_UPLOAD_TEMP_DIR = DATA_DIR / "incoming"
FILE_UPLOAD_HANDLERS = ["django.core.files.uploadhandler.MemoryFileUploadHandler", "documents.spooling.Spool"]
DATA_UPLOAD_MAX_NUMBER_FILES = 50

# --- the order of work (see docs/architecture.md, "Background work") --------------------------------------------------

PIPELINES = {
    "document": (
        "documents.scan.SCAN",
        "documents.parse.PARSE",
        "documents.ocr.OCR",
        "documents.suggest.SUGGEST",
        "rag.cut.CUT",
        "rag.embed.EMBED",
        "planillas.staleness.RECHECK",
    ),
    "recording": (
        "documents.scan.SCAN",
        "transcription.normalise.NORMALISE",
        "transcription.speech.TRANSCRIBE",
        "transcription.diarization.DIARIZE",
        "transcription.align.ALIGN",
        "transcription.publish.PUBLISH",
        "documents.suggest.SUGGEST",
        "rag.cut.CUT",
        "rag.embed.EMBED",
        "transcription.digest.DIGEST",
        "planillas.staleness.RECHECK",
    ),
    # After a person's corrections.
    "republishing": (
        "transcription.publish.PUBLISH",
        "documents.suggest.SUGGEST",
        "rag.cut.CUT",
        "rag.embed.EMBED",
        "planillas.staleness.RECHECK",
    ),
    # Who spoke, again, with the number of speakers that a person gave.
    "voices": (
        "transcription.diarization.DIARIZE",
        "transcription.align.ALIGN",
        "transcription.publish.PUBLISH",
        "rag.cut.CUT",
        "rag.embed.EMBED",
        "planillas.staleness.RECHECK",
    ),
    "digesting": ("transcription.digest.DIGEST", "planillas.staleness.RECHECK"),
    "shelving": ("rag.embed.SHELVE",),
    "reindexing": ("rag.cut.CUT", "rag.embed.EMBED"),
    "removal": ("rag.embed.FORGET", "planillas.staleness.RECHECK", "documents.removal.REMOVE"),
    "arrivals": ("documents.arrivals.TAKE",),
    "planilla": ("planillas.fill.FILL",),
    # Cells whose source changed, and no others.
    "refilling": ("planillas.fill.REFILL",),
    # Planillas whose source a newer document replaces by now.
    "rechecking": ("planillas.staleness.RECHECK",),
    "report": ("planillas.drafting.DRAFT",),
    "planilla_removal": ("planillas.removal.REMOVE_PLANILLA",),
    "report_removal": ("planillas.removal.REMOVE_REPORT",),
}
# A worker holds a stage for so long, and longer with each heartbeat; what nobody holds is swept up and sent again. A
# killed worker's work goes on after the lease and one sweep at the latest.
PIPELINE_LEASE_S = 30.0
PIPELINE_HEARTBEAT_S = 8.0
PIPELINE_SWEEP_S = 10.0
# Who is told what became of a run.
PIPELINE_SUBJECTS = {
    "document": "documents.fate.of_processing",
    "recording": "documents.fate.of_processing",
    "republishing": "transcription.fate.of_republishing",
    "voices": "transcription.fate.of_republishing",
    "digesting": "documents.fate.of_housekeeping",
    "rechecking": "documents.fate.of_housekeeping",
    "shelving": "documents.fate.of_housekeeping",
    "reindexing": "documents.fate.of_housekeeping",
    "removal": "documents.fate.of_housekeeping",
    "arrivals": "documents.fate.of_housekeeping",
    "planilla": "planillas.fate.of_filling",
    "refilling": "planillas.fate.of_refilling",
    "report": "planillas.fate.of_drafting",
    "planilla_removal": "documents.fate.of_housekeeping",
    "report_removal": "documents.fate.of_housekeeping",
}
# Who says whether a member sees a run, and may stop it; of the others it is the document's library.
RUNS_SEEN_BY = {
    "planilla": "planillas.register.may_change",
    "refilling": "planillas.register.may_change",
    "report": "planillas.reports.may_change",
}
# Work that people may stop; the rest is the house's own and must come to its end.
RUNS_TO_CANCEL = ("document", "recording", "planilla", "refilling", "report")
# Which collections a member knows of, for the app of the people, which stands below that of the documents.
COLLECTIONS_OF_A_MEMBER = "documents.collections.visible"
# What the scheduler does besides the sweep: a function, and the seconds between two calls.
HOUSEKEEPING = (
    ("documents.arrivals.look", 5),
    ("engines.ledger.expire", 60),
    ("engines.pod_books.tick", 30),
    ("rag.indexes.keep_up", 60),
    ("rag.conversations.close_abandoned", 600),
    ("schools.idempotency.forget_old", 3_600),
    ("schools.tokens.forget_expired", 3_600),
)
ENGINES_FILE = Path(given.ENGINES_FILE) if given.ENGINES_FILE else BASE_DIR / "engines.yaml"

# --- people -----------------------------------------------------------------------------------------------------------

AUTH_USER_MODEL = "schools.User"
AUTHENTICATION_BACKENDS = [
    "django.contrib.auth.backends.ModelBackend",
    "allauth.account.auth_backends.AuthenticationBackend",
]
AUTH_PASSWORD_VALIDATORS = [
    {
        "NAME": "django.contrib.auth.password_validation.UserAttributeSimilarityValidator",
        "OPTIONS": {"user_attributes": ("email", "name")},
    },
    {"NAME": "django.contrib.auth.password_validation.MinimumLengthValidator", "OPTIONS": {"min_length": 10}},
    {"NAME": "django.contrib.auth.password_validation.CommonPasswordValidator"},
    {"NAME": "django.contrib.auth.password_validation.NumericPasswordValidator"},
    {"NAME": "schools.passwords.SpanishGuesses"},
]
LOGIN_URL = "account_login"
LOGIN_REDIRECT_URL = "/"
LOGOUT_REDIRECT_URL = "/"

ACCOUNT_ADAPTER = "schools.accounts.ClosedDoor"
SOCIALACCOUNT_ADAPTER = "schools.accounts.KnownPeopleOnly"
ACCOUNT_LOGIN_METHODS = {"email"}
ACCOUNT_SIGNUP_FIELDS = ["email*", "password1*", "password2*"]
ACCOUNT_USER_MODEL_USERNAME_FIELD = None
ACCOUNT_EMAIL_VERIFICATION = (
    "none"  # the only way in is an invitation sent to the address, or the administrator
)
ACCOUNT_EMAIL_NOTIFICATIONS = True
ACCOUNT_PREVENT_ENUMERATION = True
ACCOUNT_LOGOUT_ON_PASSWORD_CHANGE = True
ACCOUNT_SESSION_REMEMBER = False
ACCOUNT_REAUTHENTICATION_TIMEOUT = 900
ACCOUNT_RATE_LIMITS = {"login_failed": "10/m/ip,5/5m/key", "reset_password": "20/m/ip,5/m/key"}
ALLAUTH_TRUSTED_PROXY_COUNT = 1 if given.HTTPS else 0
MFA_SUPPORTED_TYPES = ["totp", "recovery_codes"]
MFA_TOTP_ISSUER = "Preceptor"
SOCIALACCOUNT_ONLY = False
SOCIALACCOUNT_EMAIL_AUTHENTICATION = True
SOCIALACCOUNT_EMAIL_AUTHENTICATION_AUTO_CONNECT = True
SOCIALACCOUNT_PROVIDERS = {
    "openid_connect": {
        "OAUTH_PKCE_ENABLED": True,
        "APPS": [
            {
                "provider_id": provider["provider_id"],
                "name": provider["name"],
                "client_id": provider["client_id"],
                "secret": provider["secret"],
                "settings": {"server_url": provider["server_url"]},
            }
            for provider in given.OIDC_PROVIDERS
        ],
    }
}

DEFAULT_FROM_EMAIL = given.MAIL_FROM
if given.EMAIL_URL:
    vars().update(given.env.email_url("EMAIL_URL"))
else:
    EMAIL_BACKEND = "django.core.mail.backends.filebased.EmailBackend"
    EMAIL_FILE_PATH = str(DATA_DIR / "mail")

# --- language ---------------------------------------------------------------------------------------------------------

LANGUAGE_CODE = "es"
LANGUAGES = [("es", "Español")]
LOCALE_PATHS = [BASE_DIR / "locale"]
USE_I18N = True
USE_TZ = True
TIME_ZONE = "UTC"

# --- the browser ------------------------------------------------------------------------------------------------------

STATIC_URL = "/static/"
STATICFILES_DIRS = [BASE_DIR / "static"]
STATIC_ROOT = DATA_DIR / "static"
SERVESTATIC_USE_FINDERS = True
SERVESTATIC_AUTOREFRESH = DEBUG
SERVESTATIC_MAX_AGE = 0 if DEBUG else 3600

SECURE_CONTENT_TYPE_NOSNIFF = True
SECURE_REFERRER_POLICY = "same-origin"
SECURE_CROSS_ORIGIN_OPENER_POLICY = "same-origin"
X_FRAME_OPTIONS = "DENY"
SESSION_COOKIE_HTTPONLY = True
SESSION_COOKIE_SAMESITE = "Lax"
SESSION_COOKIE_AGE = 12 * 3600
CSRF_COOKIE_SAMESITE = "Lax"
if given.HTTPS:
    SECURE_PROXY_SSL_HEADER = ("HTTP_X_FORWARDED_PROTO", "https")
    SECURE_SSL_REDIRECT = True
    SECURE_REDIRECT_EXEMPT = [r"^health/"]
    SECURE_HSTS_SECONDS = 31_536_000
    SESSION_COOKIE_SECURE = True
    CSRF_COOKIE_SECURE = True
# --- programs ---------------------------------------------------------------------------------------------------------

REST_FRAMEWORK = {
    "DEFAULT_AUTHENTICATION_CLASSES": [
        "rest_framework_simplejwt.authentication.JWTAuthentication",
        "schools.portal_session.PortalSession",
    ],
    "DEFAULT_PERMISSION_CLASSES": ["rest_framework.permissions.IsAuthenticated"],
    "DEFAULT_RENDERER_CLASSES": ["rest_framework.renderers.JSONRenderer"],
    "DEFAULT_PARSER_CLASSES": [
        "schools.json_body.JsonBody",
        "rest_framework.parsers.MultiPartParser",
    ],
    "DEFAULT_METADATA_CLASS": None,
    "DEFAULT_SCHEMA_CLASS": "drf_spectacular.openapi.AutoSchema",
    "EXCEPTION_HANDLER": "schools.problems.answer",
    "UNAUTHENTICATED_USER": "django.contrib.auth.models.AnonymousUser",
    "TEST_REQUEST_DEFAULT_FORMAT": "json",
}
SIMPLE_JWT = {
    "ACCESS_TOKEN_LIFETIME": timedelta(minutes=15),
    "REFRESH_TOKEN_LIFETIME": timedelta(hours=24),
    "ROTATE_REFRESH_TOKENS": True,
    "BLACKLIST_AFTER_ROTATION": True,
    "CHECK_REVOKE_TOKEN": True,  # a changed password ends every token
    "USER_ID_FIELD": "id",
    "UPDATE_LAST_LOGIN": False,
}
SPECTACULAR_SETTINGS = {
    "TITLE": "Preceptor",
    "DESCRIPTION": "Everything the portal does, for programs.",
    "VERSION": "1",
    "SERVE_INCLUDE_SCHEMA": False,
    "SERVE_PERMISSIONS": ["rest_framework.permissions.AllowAny"],
    "SWAGGER_UI_DIST": "SIDECAR",
    "SWAGGER_UI_FAVICON_HREF": "SIDECAR",
    "SCHEMA_PATH_PREFIX": r"/api/v1",
    "COMPONENT_SPLIT_REQUEST": True,
    "ENUM_NAME_OVERRIDES": {
        "DocumentStatus": "documents.models.Status",
        "AnswerStatus": "rag.models.AnswerStatus",
        "ActionState": "transcription.models.ActionState",
        "Sensitivity": "documents.models.Sensitivity",
        "RunState": "pipeline.models.RunState",
        "PlanillaState": "planillas.models.State",
        "BlockKind": "documents.api_shapes.BLOCK_KINDS",
        "ColumnKind": "planillas.columns.Kind",
        "Role": "schools.roles.Role",
    },
}

UNFOLD = {
    "SITE_TITLE": "Preceptor",
    "SITE_HEADER": "Preceptor · plataforma",
    "SITE_FAVICONS": [
        {"rel": "icon", "type": "image/svg+xml", "href": lambda _request: f"{STATIC_URL}favicon.svg"}
    ],
    "SHOW_HISTORY": True,
    "SIDEBAR": {"show_search": True, "show_all_applications": False},
    # The portal's green (static/look.css), in the steps that unfold asks for.
    "COLORS": {
        "primary": {
            "50": "#eef6f3",
            "100": "#e4efeb",
            "200": "#c4dfd7",
            "300": "#9dcbbe",
            "400": "#6cc9b0",
            "500": "#3fae94",
            "600": "#14594c",
            "700": "#0d4339",
            "800": "#0b3830",
            "900": "#092d27",
            "950": "#061f1b",
        }
    },
}

DEFAULT_EXCEPTION_REPORTER_FILTER = "config.logs.Hidden"

DEFAULT_AUTO_FIELD = "django.db.models.BigAutoField"
