"""The platform's administration: schools and people; never a school's content."""

from allauth.account.decorators import secure_admin_login
from allauth.account.models import EmailAddress
from allauth.mfa.models import Authenticator
from allauth.socialaccount.models import SocialAccount, SocialApp, SocialToken
from django.contrib import admin
from django.contrib.auth.models import Group
from django.db.models import QuerySet
from django.http import HttpRequest
from django.utils.translation import gettext_lazy as _
from rest_framework_simplejwt.token_blacklist.models import BlacklistedToken, OutstandingToken
from unfold.admin import ModelAdmin, TabularInline

from schools import tokens
from schools.models import Membership, School, User

# Administrators come in by the same door as everyone, second factor included.
admin.site.login = secure_admin_login(admin.site.login)  # type: ignore[method-assign]
admin.site.site_title = "Preceptor"
# Not shown to anyone: whoever could read a token or a second factor's key could be anyone, in any school.
for _hidden in (
    Group,
    Authenticator,
    EmailAddress,
    SocialAccount,
    SocialApp,
    SocialToken,
    OutstandingToken,
    BlacklistedToken,
):
    admin.site.unregister(_hidden)


class MembershipInline(TabularInline):  # type: ignore[misc]  # unfold ships no types
    """A school's people, or a person's schools."""

    model = Membership
    fields = ("school", "user", "role", "is_active")
    autocomplete_fields = ("school", "user")
    extra = 0


@admin.register(School)
class SchoolAdmin(ModelAdmin):  # type: ignore[misc]  # unfold ships no types
    """Schools: opened, closed, given their first people."""

    list_display = ("name", "slug", "time_zone", "is_active", "created_at")
    list_filter = ("is_active",)
    search_fields = ("name", "slug")
    fields = ("name", "slug", "language", "time_zone", "is_active")
    inlines = (MembershipInline,)

    def has_delete_permission(self, request: HttpRequest, obj: School | None = None) -> bool:
        """Refuse: a school is closed here; erasing it with all it holds is a command of its own."""
        return False


@admin.register(User)
class UserAdmin(ModelAdmin):  # type: ignore[misc]  # unfold ships no types
    """People: found, suspended, made administrators. Passwords are set by their owners."""

    list_display = ("email", "name", "is_active", "is_staff", "last_login")
    list_filter = ("is_active", "is_staff")
    search_fields = ("email", "name")
    fields = ("email", "name", "is_active", "is_staff", "is_superuser", "last_login", "date_joined")
    readonly_fields = ("last_login", "date_joined")
    inlines = (MembershipInline,)
    actions = ("suspend",)

    def has_delete_permission(self, request: HttpRequest, obj: User | None = None) -> bool:
        """Refuse: a person is suspended here; what they wrote lies behind the walls of their schools."""
        return False

    def save_model(self, request: HttpRequest, obj: User, form: object, change: bool) -> None:
        """Keep a person; a new one has no usable password until a reset sets it."""
        if not change:
            obj.set_unusable_password()
        super().save_model(request, obj, form, change)
        if not obj.is_active:
            tokens.end_all(obj)

    @admin.action(description=_("Suspender a las personas elegidas"))
    def suspend(self, request: HttpRequest, chosen: QuerySet[User]) -> None:
        """Close the door to the chosen people at once."""
        for user in chosen:
            if user == request.user:
                continue
            user.is_active = False
            user.save(update_fields=["is_active"])
            tokens.end_all(user)
