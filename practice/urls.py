"""Sign-in, second factor, signed-in devices. Only the pages we use: allauth's sign-up and e-mail pages are left out."""

from allauth.account import views as account
from allauth.mfa.base import views as mfa
from allauth.mfa.recovery_codes import views as recovery
from allauth.mfa.totp import views as totp
from allauth.usersessions import views as sessions
from django.contrib.auth.decorators import login_not_required
from django.urls import path, re_path

urlpatterns = [
    path("sign-in/", login_not_required(account.login), name="account_login"),
    path("sign-out/", account.logout, name="account_logout"),
    path("inactive/", login_not_required(account.account_inactive), name="account_inactive"),
    path("confirm/", account.reauthenticate, name="account_reauthenticate"),
    path("password/", account.password_change, name="account_change_password"),
    path("password/set/", account.password_set, name="account_set_password"),
    path("password/reset/", login_not_required(account.password_reset), name="account_reset_password"),
    path("password/reset/sent/", login_not_required(account.password_reset_done), name="account_reset_password_done"),
    re_path(
        r"^password/reset/key/(?P<uidb36>[0-9A-Za-z]+)-(?P<key>[\w-]+)/$",
        login_not_required(account.password_reset_from_key),
        name="account_reset_password_from_key",
    ),
    path(
        "password/reset/key/done/",
        login_not_required(account.password_reset_from_key_done),
        name="account_reset_password_from_key_done",
    ),
    path("second-factor/", mfa.index, name="mfa_index"),
    path("second-factor/sign-in/", login_not_required(mfa.authenticate), name="mfa_authenticate"),
    path("second-factor/confirm/", mfa.reauthenticate, name="mfa_reauthenticate"),
    path("second-factor/app/on/", totp.activate_totp, name="mfa_activate_totp"),
    path("second-factor/app/off/", totp.deactivate_totp, name="mfa_deactivate_totp"),
    path("second-factor/codes/", recovery.view_recovery_codes, name="mfa_view_recovery_codes"),
    path("second-factor/codes/new/", recovery.generate_recovery_codes, name="mfa_generate_recovery_codes"),
    path("second-factor/codes/file/", recovery.download_recovery_codes, name="mfa_download_recovery_codes"),
    path("devices/", sessions.list_usersessions, name="usersessions_list"),
]
