"""The addresses of the portal's pages that look into several apps."""

from django.urls import path

from config import portal

app_name = "portal"

urlpatterns = [
    path("", portal.home, name="home"),
    path("personas/", portal.show_people, name="people"),
    path("personas/<uuid:membership_id>/", portal.change_person, name="person"),
    path("personas/invitaciones/<uuid:invitation_id>/retirar", portal.withdraw_invitation, name="withdraw"),
    path("ajustes/", portal.show_settings, name="settings"),
    path("ajustes/colecciones/", portal.create_collection, name="collections"),
    path("ajustes/colecciones/<uuid:collection_id>/", portal.change_collection, name="collection"),
]
