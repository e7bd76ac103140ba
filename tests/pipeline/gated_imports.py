"""Imported by the process that workers are forked from, and by no test: everything that a worker imports."""

import os

os.environ["DJANGO_SETTINGS_MODULE"] = "tests.pipeline.gated_settings"
os.environ["GATED_QUICK"] = "1"

import django  # what it reads is set above

django.setup()

from django.conf import settings  # noqa: E402  # as above
from django.utils.module_loading import import_string  # noqa: E402  # as above

from pipeline import advance, jobs, sweep  # noqa: E402, F401  # the imports themselves are the point

for _path in (*settings.PIPELINES["document"], *(path for path, _every in settings.HOUSEKEEPING)):
    import_string(_path)
