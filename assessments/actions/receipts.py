"""The code that proves a submission."""

import uuid

from django.utils.crypto import salted_hmac

RECEIPT_LETTERS = "23456789ABCDEFGHJKMNPQRSTUVWXYZ"


def receipt_code(response_id: uuid.UUID) -> str:
    """Eight letters and digits in two groups, without those that look alike; the same for the same response."""
    number = int.from_bytes(salted_hmac("receipt", str(response_id), algorithm="sha256").digest()[:8])
    letters = ""
    for _place in range(8):
        number, rest = divmod(number, len(RECEIPT_LETTERS))
        letters += RECEIPT_LETTERS[rest]
    return f"{letters[:4]}-{letters[4:]}"
