"""Addresses: people, settings, audit, roster."""

from django.urls import URLPattern, path

from dashboard.views import audit, people, roster, settings

urlpatterns: list[URLPattern] = [
    path("practice/people/", people.people, name="people"),
    path("practice/people/invite/", people.invite, name="invite"),
    path("practice/people/<uuid:pk>/", people.person, name="member"),
    path("practice/invitations/<uuid:pk>/revoke/", people.invitation_revoke, name="invitation_revoke"),
    path("practice/invitations/<uuid:pk>/renew/", people.invitation_renew, name="invitation_renew"),
    path("practice/supervision/new/", people.supervision_add, name="supervision_add"),
    path("practice/supervision/<uuid:pk>/end/", people.supervision_end, name="supervision_end"),
    path("practice/settings/", settings.practice_settings, name="practice_settings"),
    path("practice/notices/", settings.notices, name="notices"),
    path("practice/notices/<uuid:pk>/", settings.notice, name="notice"),
    path("practice/audit/", audit.trail, name="audit"),
    path("practice/audit/export/", audit.export, name="audit_export"),
    path("practice/clients/", roster.roster, name="roster"),
    path("practice/clients/<uuid:pk>/emergency/", roster.emergency, name="emergency"),
    path("practice/emergency/<uuid:pk>/end/", roster.emergency_end, name="emergency_end"),
    path("practice/switch/", settings.switch_practice, name="switch_practice"),
]
