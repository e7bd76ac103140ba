"""The portal's session as a way into the API."""

from rest_framework.authentication import SessionAuthentication


class PortalSession(SessionAuthentication):
    """The portal's own session, with its CSRF token."""

    def authenticate_header(self, request: object) -> str:
        """Name the scheme, so that a missing login is a 401 and not a 403."""
        return "Bearer"
