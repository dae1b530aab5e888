"""The owner's pages about people: what they show, what forms keep, how many queries they take."""

import datetime as dt

import pytest
from django.core.management import CommandError, call_command
from django.test import Client as Browser
from django.urls import reverse
from django.utils import timezone

from practice.actions import outbox
from practice.grants import GRANTS, Permission, Relationship
from practice.models import AuditEvent, Invitation, Membership, OutboxMessage, Practice, Supervision, User
from tests.factories.clients import CareFactory, ClientFactory
from tests.factories.practice import LONG_AGO, InvitationFactory, MembershipFactory, SupervisionFactory, yesterday

pytestmark = pytest.mark.django_db

PEOPLE = reverse("dashboard:people")


@pytest.fixture
def owner() -> Membership:
    return MembershipFactory(roles="owner", user__name="Ida Owner")


@pytest.fixture
def browser(owner) -> Browser:
    browser = Browser()
    browser.force_login(owner.user)
    return browser


def member(row: Membership) -> str:
    return reverse("dashboard:member", kwargs={"pk": row.pk})


def test_list_shows_roles_dates_and_supervision(browser, owner) -> None:
    link = SupervisionFactory(supervisor__practice=owner.practice, supervisor__user__name="Ruth Adler")
    gone = MembershipFactory(practice=owner.practice, ends_on=yesterday())
    MembershipFactory(user__name="Of another practice")
    persons = {row.membership.pk: row for row in browser.get(PEOPLE).context["persons"]}
    assert persons.keys() == {owner.pk, link.supervisor_id, link.supervisee_id, gone.pk}
    assert persons[link.supervisee_id].supervised_by == ["Ruth Adler"]
    assert persons[link.supervisor_id].supervises == [link.supervisee.user.name]
    assert [row.current for row in (persons[gone.pk], persons[owner.pk])] == [False, True]


def test_ended_supervision_is_not_shown(browser, owner) -> None:
    SupervisionFactory(supervisor__practice=owner.practice, ends_on=yesterday())
    for row in browser.get(PEOPLE).context["persons"]:
        assert row.supervises == row.supervised_by == []


@pytest.mark.parametrize("rows", [1, 3])
def test_list_takes_a_fixed_number_of_queries(browser, owner, rows, django_assert_num_queries) -> None:
    for _ in range(rows):
        SupervisionFactory(supervisor__practice=owner.practice)
        InvitationFactory(practice=owner.practice)
    browser.get(PEOPLE)
    with django_assert_num_queries(8):  # session, user, memberships · people, supervision · invitations, mails · audit
        browser.get(PEOPLE)


def test_list_goes_on(browser, owner, monkeypatch) -> None:
    monkeypatch.setattr("practice.paging.page.__kwdefaults__", {"size": 2})
    for name in ("Aa", "Zz", "Zz"):
        MembershipFactory(practice=owner.practice, user__name=name)
    first = browser.get(PEOPLE)
    second = browser.get(PEOPLE + first.context["page"].next_query)
    names = [[row.membership.user.name for row in page.context["persons"]] for page in (first, second)]
    assert names == [["Aa", "Ida Owner"], ["Zz", "Zz"]]
    assert "Aa" not in first.context["page"].next_query
    assert second.context["page"].next_query == ""


def test_invite_and_how_its_mail_fares(browser, owner) -> None:
    data = {"name": "Nell", "email": "nell@example.test", "title": "LMFT", "roles": ["clinician", "supervisor"]}
    assert browser.post(reverse("dashboard:invite"), data)["Location"] == PEOPLE
    (invited,) = browser.get(PEOPLE).context["invited"]
    assert (invited.invitation.roles, invited.state, invited.mail) == (("clinician", "supervisor"), "open", "queued")
    outbox.dispatch()
    assert browser.get(PEOPLE).context["invited"][0].mail == "sent"
    OutboxMessage.objects.update(state="uncertain")
    assert "uncertain whether the mail left" in browser.get(PEOPLE).content.decode()


@pytest.mark.parametrize(
    ("change", "field"),
    [({"name": ""}, "name"), ({"email": "no address"}, "email"), ({"roles": []}, "roles"), ({"roles": ["x"]}, "roles")],
)
def test_a_bad_invitation_keeps_what_was_typed(browser, change, field) -> None:
    data = {"name": "Nell <b>", "email": "nell@example.test", "title": "LMFT", "roles": ["clinician"]} | change
    response = browser.post(reverse("dashboard:invite"), data)
    assert (response.status_code, list(response.context["form"].errors)) == (200, [field])
    assert response.context["form"]["title"].value() == "LMFT"
    assert "<b>" not in response.content.decode()
    assert not Invitation.objects.exists()


def test_a_refusal_stands_at_its_field(browser, owner) -> None:
    data = {"name": "Me", "email": owner.user.sign_in, "roles": ["clinician"]}
    response = browser.post(reverse("dashboard:invite"), data)
    assert list(response.context["form"].errors) == ["email"]


def test_renew_and_revoke(browser, owner) -> None:
    row = InvitationFactory(practice=owner.practice, expires_at=timezone.now() - dt.timedelta(days=1))
    assert browser.get(PEOPLE).context["invited"][0].state == "expired"
    browser.post(reverse("dashboard:invitation_renew", kwargs={"pk": row.pk}))
    assert browser.get(PEOPLE).context["invited"][0].state == "open"
    browser.post(reverse("dashboard:invitation_revoke", kwargs={"pk": row.pk}))
    assert browser.get(PEOPLE).context["invited"] == []
    response = browser.post(reverse("dashboard:invitation_renew", kwargs={"pk": row.pk}), follow=True)
    assert "This invitation is closed" in response.content.decode()


def test_changing_a_member(browser, owner) -> None:
    row = MembershipFactory(practice=owner.practice)
    data = {"title": "PhD", "roles": ["supervisor"], "ends_on": "2030-01-31"}
    assert browser.post(member(row), data)["Location"] == PEOPLE
    row.refresh_from_db()
    assert (row.title, row.roles, row.ends_on) == ("PhD", ("supervisor",), dt.date(2030, 1, 31))


def test_the_last_owner_is_told_so(browser, owner) -> None:
    response = browser.post(member(owner), {"title": "", "roles": ["clinician"]})
    assert list(response.context["form"].errors) == ["roles"]
    assert "needs an owner" in response.content.decode()


def test_who_still_has_clients_is_shown(browser, owner) -> None:
    row = MembershipFactory(practice=owner.practice)
    for ends_on in (None, None, yesterday()):
        CareFactory(client=ClientFactory(practice=owner.practice), clinician=row, ends_on=ends_on)
    assert browser.get(member(row)).context["in_care"] == 2


def test_supervision_is_started_and_ended(browser, owner) -> None:
    supervisor = MembershipFactory(practice=owner.practice, roles="supervisor")
    supervisee = MembershipFactory(practice=owner.practice)
    data = {"supervisor": supervisor.pk, "supervisee": supervisee.pk, "starts_on": "2026-01-01"}
    assert browser.post(reverse("dashboard:supervision_add"), data)["Location"] == PEOPLE
    link = Supervision.objects.get()
    page = reverse("dashboard:supervision_end", kwargs={"pk": link.pk})
    response = browser.post(page, {"ends_on": "2025-12-31"})
    assert list(response.context["form"].errors) == ["ends_on"]
    assert browser.post(page, {"ends_on": "2026-06-30"})["Location"] == member(supervisee)
    link.refresh_from_db()
    assert link.ends_on == dt.date(2026, 6, 30)


@pytest.mark.parametrize("began", ["today", "long ago"])
def test_ending_supervision_at_once_closes_the_supervisors_open_tab(browser, owner, began) -> None:
    """Abuse 8."""
    today = owner.practice.today()
    starts_on = today if began == "today" else LONG_AGO
    link = SupervisionFactory(supervisor__practice=owner.practice, starts_on=starts_on)
    client = CareFactory(client=ClientFactory(practice=owner.practice), clinician=link.supervisee).client
    tab = Browser()
    tab.force_login(link.supervisor.user)
    record, team = (
        reverse("dashboard:client", args=[client.pk]),
        reverse("dashboard:team_member", args=[link.supervisee_id]),
    )
    tab.post(reverse("dashboard:client_reason", args=[client.pk]), {"reason": "supervision"})
    assert [tab.get(page).status_code for page in (record, team)] == [200, 200]
    page = reverse("dashboard:supervision_end", kwargs={"pk": link.pk})
    yesterday = {"ends_on": (today - dt.timedelta(days=1)).isoformat()}
    response = browser.post(page, yesterday, follow=True)
    assert "Supervision has ended." in response.content.decode()
    assert [tab.get(page).status_code for page in (record, team)] == [404, 404]


def test_choices_hold_only_the_practices_current_people(browser, owner) -> None:
    clinician = MembershipFactory(practice=owner.practice)
    supervisor = MembershipFactory(practice=owner.practice, roles="supervisor")
    MembershipFactory(practice=owner.practice, ends_on=yesterday())
    stranger = MembershipFactory(roles="supervisor clinician")
    form = browser.get(reverse("dashboard:supervision_add")).context["form"]
    assert list(form.fields["supervisor"].queryset) == [supervisor]
    assert list(form.fields["supervisee"].queryset) == [clinician]
    data = {"supervisor": stranger.pk, "supervisee": clinician.pk, "starts_on": "2026-01-01"}
    response = browser.post(reverse("dashboard:supervision_add"), data)
    assert list(response.context["form"].errors) == ["supervisor"]


def test_lists_and_openings_are_recorded_once(browser, owner) -> None:
    browser.get(PEOPLE)
    browser.get(member(owner))
    rows = AuditEvent.objects.exclude(action="signed-in").order_by("id").values_list("action", "subject")
    assert list(rows) == [("opened-list", "people"), ("opened", "membership")]


def test_found_practice_command(capsys, settings) -> None:
    settings.EMAIL_BACKEND = "django.core.mail.backends.smtp.EmailBackend"
    arguments = ["found_practice", "North", "--owner-email", "ida@example.test", "--owner-name", "Ida"]
    for wrong in (["--time-zone", "Mars"], ["--owner-email", "nobody"]):
        with pytest.raises(CommandError):
            call_command(*arguments, *wrong)
    assert not Practice.objects.exists()
    call_command(*arguments, "--time-zone", "Europe/Vienna")
    out = capsys.readouterr().out
    assert out.splitlines()[0] == f"Founded practice {Practice.objects.get().pk}."
    assert "http" not in out
    assert User.objects.get().memberships.get().roles == ("owner",)
    assert OutboxMessage.objects.get().template == "password-reset"


@pytest.mark.parametrize(
    ("backend", "more"), [("filebased", []), ("console", []), ("smtp", ["--print-link"])], ids=lambda value: str(value)
)
def test_found_practice_prints_the_link_where_no_mail_leaves(capsys, settings, backend, more) -> None:
    settings.EMAIL_BACKEND = f"django.core.mail.backends.{backend}.EmailBackend"
    call_command("found_practice", "North", "--owner-email", "ida@example.test", "--owner-name", "Ida", *more)
    link = capsys.readouterr().out.splitlines()[-1]
    assert not OutboxMessage.objects.exists()
    browser, password = Browser(), "nine unrelated purple trestles"
    form = browser.get(link.removeprefix(settings.BASE_URL))["Location"]
    browser.post(form, {"password1": password, "password2": password})
    assert User.objects.get().check_password(password)
    call_command("found_practice", "South", "--owner-email", "ida@example.test", "--owner-name", "Ida", *more)
    assert "http" not in capsys.readouterr().out  # who has a password keeps it


@pytest.mark.parametrize(
    ("name", "permission"),
    [
        ("people", Permission.MANAGE_PRACTICE),
        ("practice_settings", Permission.MANAGE_PRACTICE),
        ("audit", Permission.MANAGE_PRACTICE),
        ("roster", Permission.SEE_ROSTER),
    ],
)
def test_the_owners_pages_are_the_tables(browser, monkeypatch, name, permission) -> None:
    assert browser.get(reverse(f"dashboard:{name}")).status_code == 200
    monkeypatch.setitem(GRANTS, Relationship.OWNER, GRANTS[Relationship.OWNER] - {permission})
    assert browser.get(reverse(f"dashboard:{name}")).status_code == 404
