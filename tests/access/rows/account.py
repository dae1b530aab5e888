"""Start page, sign-in, second factor, devices, a colleague's invitation."""

from practice import tokens
from tests.access.kinds import GO, LEFT, NO, OK, OUTSIDE, SIGN_IN, SIGNED_IN
from tests.access.matrix import EVERYBODY, Row
from tests.factories.practice import PASSWORD, InvitationFactory


def extend(world):
    world.invitation = InvitationFactory(practice=world.practice)
    world.token = tokens.token_for(world.invitation)


CONFIRMED_FIRST = {SIGNED_IN: GO}
"""Asks for the password again before it shows anything."""

NOT_ON = {SIGNED_IN: NO}
"""404 as long as the person has no second factor: tests/practice/test_second_factor.py has one on."""

ROWS = [
    Row("home", get={SIGNED_IN: GO, LEFT: OK}),
    Row("healthz", get=EVERYBODY),
    Row("join", lambda w: {"token": w.token}, get=EVERYBODY, post={SIGNED_IN | OUTSIDE: GO}),
    Row("join_form", get={OUTSIDE: NO}, post={OUTSIDE: NO}),  # only after POST to one's own link
    Row("account_login", get={OUTSIDE: OK, SIGNED_IN: GO}, post={OUTSIDE: OK, SIGNED_IN: GO}),
    Row("account_logout", get={SIGNED_IN: OK, OUTSIDE: GO}, post={SIGNED_IN: GO, OUTSIDE: GO}),
    Row("account_inactive", get=EVERYBODY),
    Row("account_reauthenticate", get={SIGNED_IN: OK}, post={SIGNED_IN: GO}, data=lambda w: {"password": PASSWORD}),
    Row("account_change_password", get={SIGNED_IN: OK}, post={SIGNED_IN: OK}),
    Row("account_set_password", get={SIGNED_IN: GO}, post={SIGNED_IN: GO}),
    Row(
        "account_reset_password",
        get=EVERYBODY,
        post={SIGNED_IN | OUTSIDE: GO},
        data=lambda w: {"email": "nobody@example.test"},
    ),
    Row("account_reset_password_done", get=EVERYBODY),
    Row(
        "account_reset_password_from_key",
        lambda w: {"uidb36": "f" * 32, "key": "made-up"},
        get=EVERYBODY,
        post=EVERYBODY,
    ),
    Row("account_reset_password_from_key_done", get=EVERYBODY),
    Row("mfa_index", get={SIGNED_IN: OK}),
    Row("mfa_authenticate", get={OUTSIDE: SIGN_IN, SIGNED_IN: GO}, post={OUTSIDE: SIGN_IN, SIGNED_IN: GO}),
    Row("mfa_reauthenticate", get=CONFIRMED_FIRST, post=CONFIRMED_FIRST),
    Row("mfa_activate_totp", get=CONFIRMED_FIRST, post=CONFIRMED_FIRST),
    Row("mfa_deactivate_totp", get=NOT_ON, post=NOT_ON),
    Row("mfa_view_recovery_codes", get=NOT_ON),
    Row("mfa_generate_recovery_codes", get=CONFIRMED_FIRST, post=CONFIRMED_FIRST),
    Row("mfa_download_recovery_codes", get=NOT_ON),
    Row("usersessions_list", get={SIGNED_IN: OK}, post={SIGNED_IN: GO}),
]
