"""Settings of the copy that the journeys are made in: the product's own, but for the price of a password."""

from config.settings import *  # noqa: F403  # a settings module is made of another's names

# A quarter of a second for each of a hundred logins; that the product's own hasher is slow is its purpose.
PASSWORD_HASHERS = ["django.contrib.auth.hashers.MD5PasswordHasher"]
