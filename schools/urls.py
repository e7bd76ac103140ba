"""Addresses outside of any one school's portal."""

from django.urls import path

from schools import views

app_name = "schools"

urlpatterns = [
    path("escuelas/", views.choose, name="choose"),
    path("invitacion/<str:token>/", views.invitation, name="invitation"),
    path("e/<slug:slug>/logo", views.logo, name="logo"),
]
