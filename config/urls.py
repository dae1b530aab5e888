"""Every address of the product. A route without a row in the access matrix fails the tests."""

from django.urls import include, path

from dashboard.views.home import home

handler400 = "practice.views.errors.bad_request"
urlpatterns = [
    path("", home, name="home"),
    path("", include("practice.urls_public")),
    path("", include("dashboard.urls")),
    path("", include("portal.urls")),
    path("account/", include("practice.urls")),
]
