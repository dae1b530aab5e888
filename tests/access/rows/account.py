"""Sign-in, second factor, devices, start page, staff invitation."""

from tests.access.kinds import GO, OK, OUTSIDE, SIGNED_IN
from tests.access.matrix import Row

ROWS = [
    Row("account_login", get={OUTSIDE: OK, SIGNED_IN: GO}, post={OUTSIDE: OK, SIGNED_IN: GO}),
    Row("account_logout", get={SIGNED_IN: OK, OUTSIDE: GO}, post={SIGNED_IN: GO, OUTSIDE: GO}),
]
