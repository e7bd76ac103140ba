"""The API's addresses of people and schools, below /api/v1/."""

from django.urls import path

from schools import api

app_name = "schools_api"
_SCHOOL = "schools/<slug:slug>/"

urlpatterns = [
    path("auth/login", api.LogIn.as_view(), name="login"),
    path("auth/refresh", api.Refresh.as_view(), name="refresh"),
    path("auth/logout", api.LogOut.as_view(), name="logout"),
    path("schools/", api.Schools.as_view(), name="schools"),
    path(_SCHOOL, api.OneSchool.as_view(), name="school"),
    path(_SCHOOL + "members/", api.Members.as_view(), name="members"),
    path(_SCHOOL + "members/<uuid:membership_id>/", api.OneMember.as_view(), name="member"),
    path(_SCHOOL + "invitations/", api.Invitations.as_view(), name="invitations"),
    path(_SCHOOL + "invitations/<uuid:invitation_id>/", api.OneInvitation.as_view(), name="invitation"),
]
