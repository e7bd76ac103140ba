"""What is logged, and how (see config.logs)."""

LOGGING = {
    "version": 1,
    "disable_existing_loggers": False,
    "formatters": {
        "line": {"()": "config.logs.Discreet", "format": "%(asctime)s %(levelname)s %(name)s %(message)s"}
    },
    "handlers": {"stderr": {"class": "logging.StreamHandler", "formatter": "line"}},
    "root": {"handlers": ["stderr"], "level": "INFO"},
    "loggers": {
        "httpx": {"level": "WARNING"},
        "httpx2": {"level": "WARNING"},  # the makers' clients; each request would be a line
        "openai": {"level": "WARNING"},
        "anthropic": {"level": "WARNING"},
        "google_genai": {"level": "WARNING"},
        "rq.worker": {"level": "WARNING"},
        "django": {"handlers": [], "level": "INFO"},  # no mails of what went wrong, with all that was at hand
        "django.request": {"level": "ERROR"},
        # The web server's own handler would write what an exception says.
        "uvicorn": {"handlers": ["stderr"], "level": "INFO", "propagate": False},
    },
}
