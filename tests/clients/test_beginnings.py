"""The first day of care can be moved back, so that what came before can be brought."""

import datetime as dt

import pytest
from django.urls import reverse

from clients.actions.beginnings import move_beginning
from clients.actions.course import discharge, start_episode
from clients.models import CareAssignment, Episode
from practice.errors import Refused
from practice.models import AuditEvent
from tests.factories.clients import client_of

DAY = dt.timedelta(days=1)


@pytest.fixture
def record(clinician):
    return client_of(clinician)


@pytest.fixture
def browser(client, clinician):
    client.force_login(clinician.user)
    return client


@pytest.fixture
def began(record):
    episode = Episode.objects.get(client=record)
    return episode.starts_on


def test_the_episode_and_the_care_that_began_with_it_begin_earlier(record, clinician, began):
    move_beginning(by=clinician.user, client=record, starts_on=began - 400 * DAY)
    assert Episode.objects.get(client=record).starts_on == began - 400 * DAY
    assert CareAssignment.objects.get(client=record, role="primary").starts_on == began - 400 * DAY
    assert AuditEvent.objects.filter(action="episode.beginning_moved", client_id=record.pk).count() == 1


@pytest.mark.parametrize("days", [0, 1, -90_000])
def test_only_back_and_not_before_anybody_was_born(record, clinician, began, days):
    with pytest.raises(Refused) as refused:
        move_beginning(by=clinician.user, client=record, starts_on=began + days * DAY)
    assert refused.value.field == "starts_on"
    assert Episode.objects.get(client=record).starts_on == began


def test_not_into_the_episode_before(record, clinician, practice, began):
    today = practice.today()
    discharge(by=clinician.user, client=record, reason="completed", ends_on=began + 5 * DAY)
    start_episode(by=clinician.user, client=record, starts_on=today)
    with pytest.raises(Refused):
        move_beginning(by=clinician.user, client=record, starts_on=began + 5 * DAY)
    move_beginning(by=clinician.user, client=record, starts_on=began + 6 * DAY)
    starts = Episode.objects.filter(client=record).order_by("number").values_list("starts_on", flat=True)
    assert list(starts) == [began, began + 6 * DAY]


def test_a_bad_day_is_told_at_the_field_and_kept(browser, record, began):
    answer = browser.post(reverse("dashboard:client_beginning", args=[record.pk]), {"starts_on": f"{began + DAY}"})
    assert list(answer.context["form"].errors) == ["starts_on"]
    assert f'value="{began + DAY}"' in answer.content.decode()
