"""What the outside tells the application: every variable is read here and nowhere else.

A missing one stops the start and names itself; `.env.example` lists all of them, and a test compares.
"""

import os
import re
from pathlib import Path

import environ
from django.core.exceptions import ImproperlyConfigured

env = environ.Env()

SECRET_KEY: str = env.str("SECRET_KEY")
if len(SECRET_KEY) < 50 or len(set(SECRET_KEY)) < 10:
    raise ImproperlyConfigured("SECRET_KEY must hold at least 50 characters, of 10 kinds or more")

DATABASE_URL = env.db_url("DATABASE_URL")
# The role that migrates (BYPASSRLS); not given to the processes that serve.
DATABASE_OWNER_URL = env.db_url("DATABASE_OWNER_URL") if "DATABASE_OWNER_URL" in env.ENVIRON else None
# Where DATABASE_URL leads through a pooler of transactions (PgBouncer): Postgres itself, for the same role.
DATABASE_DIRECT_URL = env.db_url("DATABASE_DIRECT_URL") if "DATABASE_DIRECT_URL" in env.ENVIRON else None
REDIS_URL: str = env.str("REDIS_URL")
QDRANT_URL: str = env.str("QDRANT_URL")
QDRANT_API_KEY: str = env.str("QDRANT_API_KEY", default="")
# First part of every Qdrant collection's name, so that several installations can share a server.
QDRANT_PREFIX: str = env.str("QDRANT_PREFIX", default="chunks")

# Where files and the demonstration's note live.
DATA_DIR = Path(env.str("PRECEPTOR_DATA")).resolve()
# Where the schools' watched folders live.
FOLDERS_DIR = Path(env.str("PRECEPTOR_FOLDERS", default=str(DATA_DIR / "folders"))).resolve()
# The address people type, for links in mail; also the origin that forms may come from.
PUBLIC_URL: str = env.str(
    "PRECEPTOR_URL", default=f"http://127.0.0.1:{env.int('PRECEPTOR_PORT', default=8000)}"
)
ALLOWED_HOSTS: list[str] = env.list("ALLOWED_HOSTS", default=["127.0.0.1", "localhost", "[::1]"])
# True behind a proxy that ends TLS and sets X-Forwarded-Proto.
HTTPS: bool = env.bool("HTTPS", default=False)
DEBUG: bool = env.bool("DEBUG", default=False)

# smtp://user:password@host:587/?tls=true; without it mail is written to files below DATA_DIR.
EMAIL_URL: str = env.str("EMAIL_URL", default="")
MAIL_FROM: str = env.str("MAIL_FROM", default="Preceptor <preceptor@localhost>")

# Single sign-on by OpenID Connect: a JSON list of {"provider_id", "name", "client_id", "secret", "server_url"}.
OIDC_PROVIDERS: list[dict[str, str]] = env.json("OIDC_PROVIDERS", default=[])

ENGINES_FILE: str = env.str("ENGINES_FILE", default="")
MAX_UPLOAD_MB: int = env.int("MAX_UPLOAD_MB", default=200)
# Recordings are larger than documents: four gigabytes are two hours of video, or days of sound.
MAX_RECORDING_MB: int = env.int("MAX_RECORDING_MB", default=4000)
SCHOOL_QUOTA_GB: int = env.int("SCHOOL_QUOTA_GB", default=20)
# How many pages of a document are recognised beside each other; half of the cores unless told.
OCR_PARALLEL: int = env.int("OCR_PARALLEL", default=max(1, len(os.sched_getaffinity(0)) // 2))
if OCR_PARALLEL < 1:
    raise ImproperlyConfigured("OCR_PARALLEL must be at least 1")
# clamd, as unix:/run/clamav/clamd.ctl or tcp:host:3310; empty: no virus scanner looks at what comes in.
CLAMAV_ADDRESS: str = env.str("CLAMAV_ADDRESS", default="")
if CLAMAV_ADDRESS and not re.fullmatch(
    r"unix:/[^\0]+|tcp:(?:[A-Za-z0-9._-]+|\[[0-9A-Fa-f:.]+\]):[0-9]{1,5}", CLAMAV_ADDRESS
):
    raise ImproperlyConfigured("CLAMAV_ADDRESS must be unix:/path/of/the/socket or tcp:host:port")
