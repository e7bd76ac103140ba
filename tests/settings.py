"""Settings of the tests: the product's own, with every store apart from other test processes'.

Runs against the services whose addresses the environment names; `./preceptor test` starts them.
"""

import os
import re
import tempfile
from pathlib import Path

WORKER = os.environ.get("PYTEST_XDIST_WORKER", "gw0")
_number = int(WORKER.removeprefix("gw")) + 1

# Programs that a test starts inherit all of this; so do xdist's workers from their controller, and must not.
if os.environ.get("PRECEPTOR_TEST_ENV") != WORKER:
    os.environ["PRECEPTOR_TEST_ENV"] = WORKER
    os.environ["REDIS_URL"] = re.sub(r"/\d*$", "", os.environ["REDIS_URL"]) + f"/{_number}"
    os.environ["QDRANT_PREFIX"] = f"test_{os.getpid()}_{WORKER}"
    os.environ["PRECEPTOR_DATA"] = tempfile.mkdtemp(prefix=f"preceptor-test-{WORKER}-")
    os.environ["PRECEPTOR_URL"] = "http://testserver"
    os.environ["ALLOWED_HOSTS"] = "testserver,127.0.0.1,localhost"

from config.settings import *  # noqa: E402, F403  # a settings module is made of another's names
from config.settings import DATABASES  # noqa: E402

TEST_DATABASE = f"test_preceptor_{WORKER}"
ADMIN_DATABASE = str(DATABASES["owner"]["NAME"])
for _alias in DATABASES.values():
    _alias["NAME"] = TEST_DATABASE
DATABASES["default"]["OPTIONS"].pop("pool", None)
PASSWORD_HASHERS = ["django.contrib.auth.hashers.MD5PasswordHasher"]  # speed; nothing here is worth guarding
EMAIL_BACKEND = "django.core.mail.backends.locmem.EmailBackend"
DATA_DIR = Path(os.environ["PRECEPTOR_DATA"])
# Each test client would list every static file before its first request; the browser's tests serve them.
SERVESTATIC_USE_FINDERS = SERVESTATIC_USE_STATIC_ROOT = False
