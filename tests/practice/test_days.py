"""The bounded day that every form with a date uses, and local times at the ends of the calendar."""

import datetime as dt
import importlib
import pkgutil
from zoneinfo import ZoneInfo

import pytest
from django import forms

import dashboard.forms
import portal.forms
import practice.forms
from practice import localtime
from practice.errors import Refused
from practice.forms.dates import AHEAD, DayField, latest

ZONES = [ZoneInfo(name) for name in ("Pacific/Kiritimati", "UTC", "America/Los_Angeles")]


def form_classes() -> list[type[forms.BaseForm]]:
    names = [portal.forms.__name__]
    for package in (dashboard.forms, practice.forms):
        names += [f"{package.__name__}.{module.name}" for module in pkgutil.iter_modules(package.__path__)]
    members = [vars(importlib.import_module(name)).values() for name in names]
    found = {one for values in members for one in values if isinstance(one, type) and issubclass(one, forms.BaseForm)}
    return sorted(found, key=lambda one: one.__name__)


def test_every_form_takes_days_by_the_bounded_field() -> None:
    fields = [(one.__name__, name, field) for one in form_classes() for name, field in one.base_fields.items()]
    days = [(where, name) for where, name, field in fields if isinstance(field, forms.DateField | forms.DateTimeField)]
    assert len(days) >= 12
    assert [(where, name) for where, name, field in fields if isinstance(field, DayField)] == days


@pytest.mark.parametrize("day", ["1900-01-01", "2026-05-04"])
def test_days_within_bounds(day) -> None:
    assert DayField().clean(day) == dt.date.fromisoformat(day)
    assert DayField().clean(latest().isoformat()) == latest()
    assert dt.timedelta(days=3650) < AHEAD


@pytest.mark.parametrize("day", ["0001-01-01", "1899-12-31", "9999-12-31", "x", "2026-02-30", ""])
def test_days_out_of_bounds_are_refused_at_the_field(day) -> None:
    with pytest.raises(forms.ValidationError):
        DayField().clean(day)
    with pytest.raises(forms.ValidationError):
        DayField().clean((latest() + dt.timedelta(days=1)).isoformat())


@pytest.mark.parametrize("zone", ZONES, ids=str)
@pytest.mark.parametrize("local", [dt.datetime.min, dt.datetime.max], ids=["first", "last"])
def test_local_times_at_the_ends_of_the_calendar(zone, local) -> None:
    assert localtime.at_or_after(local, zone).year == local.year
    assert localtime.exists(local, zone) in (True, False)
    with pytest.raises(Refused) as refusal:
        localtime.moment(local, zone, "day")
    assert refusal.value.field == "day"
