"""What a browser is told about every page of ours: load nothing from elsewhere, guess nothing, be framed by nobody."""

from csp.middleware import CSPMiddleware, PolicyParts
from django.conf import settings
from django.http import HttpRequest
from django.http.response import HttpResponseBase

# Static files other than these are no pages; a worker among them would take the policy for its own.
_PAGES = ("text/html", "image/svg+xml", "application/xhtml+xml", "text/xml", "application/xml")
_ALWAYS = {"X-Content-Type-Options": "nosniff", "Referrer-Policy": "same-origin", "X-Frame-Options": "DENY"}


class Policy(CSPMiddleware):
    """Stands outermost, so that also what the other layers refuse carries it; looser where the administration needs."""

    def process_response(self, request: HttpRequest, response: HttpResponseBase) -> HttpResponseBase:
        """Put the policy on every answer but a plain file of ours."""
        for name, value in _ALWAYS.items():
            response.setdefault(name, value)
        kind = str(response.get("Content-Type", "")).partition(";")[0]
        if request.path_info.startswith(settings.STATIC_URL) and kind not in _PAGES:
            return response
        return super().process_response(request, response)

    def get_policy_parts(
        self, request: HttpRequest, response: HttpResponseBase, report_only: bool = False
    ) -> PolicyParts:
        """Return the policy of settings, with what the administration's own scripts and styles need for it alone."""
        parts: PolicyParts = super().get_policy_parts(request, response, report_only)
        if request.path_info.startswith("/admin/"):
            parts.replace = settings.ADMIN_POLICY
        return parts
