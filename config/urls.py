"""Every address of the product. A route without a row in the access matrix fails the tests."""

from django.urls import include, path

urlpatterns = [
    path("", include("dashboard.urls")),
    path("", include("portal.urls")),
    path("account/", include("practice.urls")),
]
