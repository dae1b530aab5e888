"""Discharge: the page says what is open and planned; that is withdrawn and cancelled with it, and links die."""

import datetime as dt

import pytest
from django.urls import reverse
from django.utils import timezone

from assessments.actions.links import make_link
from assessments.models import Assignment
from practice.models import AuditEvent
from tests.factories.assessments import answered, ask
from tests.factories.clients import SessionFactory, client_of
from tests.factories.practice import MembershipFactory

pytestmark = pytest.mark.django_db

DAY = dt.timedelta(days=1)


def test_what_is_open_ends_with_the_episode(client):
    member = MembershipFactory(roles="clinician")
    person, other = client_of(member), client_of(member)
    sent, elsewhere = answered(person).assignment, ask(other, "attunement")
    asked = ask(person, "attunement", channel="link")
    link, _token = make_link(by=member.user, assignment=asked)
    session = SessionFactory(client=person, clinician=member, starts_at=timezone.now() + DAY, attendance="planned")
    client.force_login(member.user)
    address = reverse("dashboard:client_discharge", args=[person.pk])
    page = client.get(address)
    assert ([row.pk for row in page.context["asked"]], list(page.context["planned"])) == ([asked.pk], [session])
    assert asked.version.instrument.title in page.content.decode()
    data = {"reason": "agreed", "ends_on": person.practice.today().isoformat(), "closing_note": ""}
    assert client.post(address, data).status_code == 302
    states = {row.pk: row.state for row in Assignment.objects.all()}
    assert states == {sent.pk: "submitted", elsewhere.pk: "open", asked.pk: "withdrawn"}
    session.refresh_from_db()
    link.refresh_from_db()
    assert (session.attendance, link.revoked_at is not None) == ("cancelled", True)
    detail = AuditEvent.objects.get(action="client.discharged").detail
    assert detail == {
        "reason": "agreed",
        "measures_withdrawn": 1,
        "goals_ended": 0,
        "proposals_withdrawn": 0,
        "sessions_cancelled": 1,
    }
