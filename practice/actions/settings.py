"""The practice's own words and rules: settings and the privacy notice."""

from datetime import datetime
from typing import Any

from django.core.exceptions import ValidationError
from django.db import transaction
from django.db.models import Max
from django.utils import timezone
from django.utils.translation import gettext as _

from practice import audit
from practice.actions.shared import locked
from practice.errors import Refused
from practice.models import Practice, PrivacyNotice, User

CHANGEABLE = ("name", "time_zone", "crisis_text", "mail_name")


@transaction.atomic
def change_settings(*, by: User, practice: Practice, at: datetime | None = None, **fields: Any) -> Practice:
    """Change any of ``CHANGEABLE``. Raises ``Refused`` naming the field of a value that does not fit."""
    unknown = fields.keys() - set(CHANGEABLE)
    if unknown:
        raise TypeError(f"not a setting: {', '.join(sorted(unknown))}")
    practice = locked(practice)
    changed = sorted(name for name, value in fields.items() if getattr(practice, name) != value)
    for name in changed:
        setattr(practice, name, fields[name])
    try:
        practice.full_clean()
    except ValidationError as error:
        name, messages = next(iter(error.message_dict.items()))
        raise Refused(messages[0], name) from None
    if changed:
        practice.save(update_fields=changed)
        audit.write("settings.changed", by=by, practice=practice.pk, record=practice, at=at, fields=changed)
    return practice


@transaction.atomic
def publish_notice(*, by: User, practice: Practice, text: str, at: datetime | None = None) -> PrivacyNotice:
    """Publish a privacy notice as the next version; earlier ones stay as they are.

    Raises ``Refused`` at ``text`` when it is empty, or the same as the version in force.
    """
    at = at or timezone.now()
    practice = locked(practice)
    text = text.strip()
    if not text:
        raise Refused(_("Write the notice."), "text")
    notices = PrivacyNotice.objects.filter(practice=practice)
    latest = notices.order_by("-version").first()
    if latest and latest.text == text:
        raise Refused(_("This is the notice that is already in force."), "text")
    version = (notices.aggregate(last=Max("version"))["last"] or 0) + 1
    notice = PrivacyNotice.objects.create(
        practice=practice, version=version, text=text, published_at=at, published_by=by
    )
    audit.write("notice.published", by=by, record=notice, at=at, version=version)
    return notice
