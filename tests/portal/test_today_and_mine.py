"""Today, mine, safe contact, leaving at once."""

import datetime as dt

import pytest
from allauth.usersessions.models import UserSession
from django.test import Client as Browser
from django.urls import reverse
from django.utils import timezone

from assessments.actions.paper import Sheet, ask_and_enter
from assessments.models import Assignment, Response
from clients.models import Consent
from practice.models import AuditEvent
from tests.factories.assessments import answered, ask, version_of
from tests.factories.clients import CareFactory, ClientFactory, couple_of
from tests.factories.practice import PASSWORD, MembershipFactory, PrivacyNoticeFactory
from tests.portal.conftest import begun, by_link, signed_in

TODAY, MINE, LEAVE = reverse("portal:today"), reverse("portal:mine"), reverse("portal:quick_exit")


# --- today ----------------------------------------------------------------------------------------
def test_today_says_what_how_long_and_until_when(browser, me, therapist):
    day = me.practice.today() + dt.timedelta(days=3)
    ask(me, by=therapist.user, due_on=day)
    page = browser.get(TODAY).content.decode()
    assert "Your last two weeks" in page
    assert "about 5 minutes" in page
    assert f"until {day.strftime('%A')}, {day.day} {day.strftime('%B')}" in page
    assert "arriers" not in page
    assert "Call 988 at any hour." in page


def test_late_is_said_kindly(browser, me, therapist):
    asked = ask(me, by=therapist.user)
    Assignment.objects.filter(pk=asked.pk).update(due_on=me.practice.today() - dt.timedelta(days=1))
    page = browser.get(TODAY).content.decode()
    assert "there is still time" in page
    assert "overdue" not in page.lower()


def test_due_today_in_the_practices_zone_is_not_late(browser, me, therapist):
    asked = ask(me, by=therapist.user)
    Assignment.objects.filter(pk=asked.pk).update(due_on=me.practice.today())
    assert "there is still time" not in browser.get(TODAY).content.decode()


def test_start_becomes_go_on(browser, me, therapist):
    asked = ask(me, by=therapist.user)
    assert ">Start<" in browser.get(TODAY).content.decode()
    begun(browser, asked)
    assert ">Go on<" in browser.get(TODAY).content.decode()


def test_only_mine_and_nothing_hidden_or_for_elsewhere(browser, me, other, therapist):
    """Abuse 1, 46: nothing of the partner, and nothing of the safety screen, open or sent."""
    couple_of(me, other)
    ask(other, by=therapist.user)
    answered(other, "patterns-between-us")
    ask(me, "safety-screen", by=therapist.user, channel="room")
    by_link(me, therapist.user, "session-checkin")
    page = browser.get(TODAY)
    assert page.context["groups"] == [(me.practice, [])]
    assert page.context["finished"].rows == ()
    assert "Nothing for now" in page.content.decode()


def test_a_sent_safety_screen_is_not_among_what_i_finished(browser, me, therapist):
    answered(me, "safety-screen", {"afraid.now": 0}, by=therapist.user, channel="room")
    shown = answered(me, "barriers", by=therapist.user)
    page = browser.get(TODAY)
    assert [row.receipt for row in page.context["finished"].rows] == [shown.receipt]
    assert "A few questions for today" not in page.content.decode()


def test_history_that_was_brought_is_not_among_what_i_finished(browser, me, therapist):
    shown = answered(me, "barriers", by=therapist.user)
    brought = answered(me, "attunement", by=therapist.user)
    Response.objects.filter(pk=brought.pk).update(entry="imported", import_key="k" * 64)
    assert [row.receipt for row in browser.get(TODAY).context["finished"].rows] == [shown.receipt]


def test_finished_pages_by_key_without_repeats_or_gaps(browser, me, therapist):
    sent = answered(me, "barriers", by=therapist.user)
    when = timezone.now() - dt.timedelta(days=1)
    slugs = ["patterns-between-us", "secure-agreements", "building-practices", "attunement", "self-in-relationship"]
    slugs += ["growth-habits", "session-checkin", "after-session", "relationship-spectrum", "attachment-patterns"]
    for slug in slugs:
        answered(me, slug, by=therapist.user)
    Response.objects.exclude(pk=sent.pk).update(submitted_at=when)
    first = browser.get(TODAY).context["finished"]
    assert (len(first.rows), first.rows[0].pk) == (10, sent.pk)
    second = browser.get(TODAY, {"after": first.after}).context["finished"]
    assert (len(second.rows), second.after) == (1, "")
    assert {row.pk for row in (*first.rows, *second.rows)} == set(Response.objects.values_list("pk", flat=True))


@pytest.mark.parametrize("after", ["password", "0", "' OR 1=1", str(dt.date.today())])
def test_a_made_up_key_is_ignored(browser, me, therapist, after):
    """Abuse 22."""
    answered(me, by=therapist.user)
    assert len(browser.get(TODAY, {"after": after}).context["finished"].rows) == 1


def test_anothers_key_leads_nowhere(browser, me, other, therapist):
    answered(me, by=therapist.user)
    theirs = answered(other, by=therapist.user)
    assert len(browser.get(TODAY, {"after": str(theirs.pk)}).context["finished"].rows) == 1


@pytest.mark.parametrize("count", [1, 3])
def test_today_has_a_fixed_number_of_queries(browser, me, therapist, django_assert_num_queries, count):
    for slug in ("barriers", "session-checkin", "attunement")[:count]:
        ask(me, slug, by=therapist.user)
    for slug in ("secure-agreements", "growth-habits", "patterns-between-us")[:count]:
        answered(me, slug, by=therapist.user)
    browser.get(TODAY)  # notes in the session that somebody is there
    # session, user, clients; audit; tasks, finished; notice, consent
    with django_assert_num_queries(9):
        browser.get(TODAY)


def test_staff_have_no_today(therapist):
    browser = signed_in(therapist)
    for address in (TODAY, MINE, reverse("portal:welcome")):
        assert browser.get(address).status_code == 404


def test_opening_is_recorded_once(browser, me):
    browser.get(TODAY)
    browser.get(MINE)
    rows = AuditEvent.objects.filter(action="opened").values_list("client_id", "basis", "detail")
    assert [(client, basis, detail["page"]) for client, basis, detail in rows] == [
        (me.pk, "self", "today"),
        (me.pk, "self", "mine"),
    ]


def test_two_practices_are_told_apart(browser, me, therapist):
    elsewhere = ClientFactory(user=me.user, practice__name="Second practice")
    CareFactory(client=elsewhere)
    ask(me, by=therapist.user)
    ask(elsewhere, "attunement", by=MembershipFactory(practice=elsewhere.practice).user)
    page = browser.get(TODAY).content.decode()
    assert page.index(me.practice.name) < page.index("Second practice")
    assert len(browser.get(MINE).context["clients"]) == 2


# --- mine -----------------------------------------------------------------------------------------
def test_consents_are_listed_and_taken_back(browser, me, notice):
    consent = Consent.objects.get(client=me)
    assert "Privacy notice, version 1" in browser.get(MINE).content.decode()
    assert browser.post(reverse("portal:consent_withdraw", args=[consent.pk])).url == MINE
    consent.refresh_from_db()
    assert consent.withdrawn_at is not None
    page = browser.get(MINE).content.decode()
    assert "taken back on" in page
    assert "that you have not agreed to" in page


def test_anothers_consent_is_404(browser, other):
    consent = Consent.objects.get(client=other)
    assert browser.post(reverse("portal:consent_withdraw", args=[consent.pk])).status_code == 404
    consent.refresh_from_db()
    assert consent.withdrawn_at is None


@pytest.mark.parametrize("count", [1, 3])
def test_mine_has_a_fixed_number_of_queries(browser, me, django_assert_num_queries, count):
    for number in range(count - 1):
        newer = PrivacyNoticeFactory(practice=me.practice, version=2 + number)
        Consent.objects.create(client=me, notice=newer)
    browser.get(MINE)
    with django_assert_num_queries(8):  # session, user, membership, clients; audit; consents; notice, consent
        browser.get(MINE)


def contact(client):
    return reverse("portal:contact", args=[client.pk])


def test_safe_contact_is_changed(browser, me):
    data = {"safe_contact": "email", "email": "mine@example.test", "contact_from": 10, "contact_to": 12}
    assert browser.post(contact(me), data).url == MINE
    me.refresh_from_db()
    assert (me.safe_contact, me.email, me.contact_from, me.contact_to) == ("email", "mine@example.test", 10, 12)
    assert (
        "Your practice may write to mine@example.test, between 10:00 and 12:00." in browser.get(MINE).content.decode()
    )
    browser.post(contact(me), {**data, "safe_contact": "none"})
    me.refresh_from_db()
    assert me.safe_contact == "none"


@pytest.mark.parametrize(
    ("wrong", "field"),
    [
        ({"email": ""}, "email"),
        ({"email": "nobody"}, "email"),
        ({"contact_to": 9}, "contact_to"),
        ({"contact_from": 30}, "contact_to"),
        ({"safe_contact": "pigeon"}, "safe_contact"),
    ],
)
def test_bad_contact_is_said_at_the_field(browser, me, wrong, field):
    data = {"safe_contact": "email", "email": "mine@example.test", "contact_from": 10, "contact_to": 12, **wrong}
    answer = browser.post(contact(me), data)
    assert answer.status_code == 400
    assert field in answer.context["form"].errors
    me.refresh_from_db()
    assert me.safe_contact == "none"


def test_other_fields_are_not_taken(browser, me, other):
    data = {"safe_contact": "none", "email": "", "contact_from": 9, "contact_to": 19}
    browser.post(
        contact(me), {**data, "first_name": "Eve", "status": "discharged", "practice": "x", "relationship": "y"}
    )
    me.refresh_from_db()
    assert (me.first_name, me.status, me.relationship.words) == ("Ada", "active", "partner since 2019")
    assert browser.get(contact(other)).status_code == 404
    assert browser.post(contact(other), data).status_code == 404


def test_sign_out_everywhere_ends_every_session(browser, me):
    second = Browser()
    for one in (browser, second):
        one.logout()
        one.post(reverse("account_login"), {"login": me.user.sign_in, "password": PASSWORD})
        assert one.get(MINE).status_code == 200
    assert UserSession.objects.filter(user=me.user).count() == 2
    assert browser.post(reverse("portal:sign_out_everywhere")).url == reverse("account_login")
    for one in (browser, second):
        assert one.get(TODAY).url.startswith(reverse("account_login"))


# --- leaving --------------------------------------------------------------------------------------
def test_quick_exit_signs_out_and_goes_to_a_neutral_page(browser):
    answer = browser.post(LEAVE)
    page = answer.content.decode()
    assert 'http-equiv="refresh" content="0; url=https://www.bbc.com/weather"' in page
    assert "Trestle" not in page
    assert browser.get(TODAY).url.startswith(reverse("account_login"))
    assert browser.get(LEAVE).status_code == 405


def test_quick_exit_forgets_the_pass_of_a_link(me, therapist):
    given = by_link(me, therapist.user)
    phone = Browser()
    phone.post(given.address)
    assert phone.get("/l/").status_code == 200
    phone.post(LEAVE)
    assert phone.get("/l/").status_code == 410


def test_every_page_has_the_way_out_and_the_crisis_text(browser, me, therapist):
    asked = ask(me, by=therapist.user)
    begun(browser, asked)
    given = by_link(me, therapist.user, "attunement")
    phone = Browser()
    addresses = [TODAY, MINE, contact(me), reverse("portal:welcome")]
    addresses += [f"/my/answer/{asked.pk}/{end}" for end in ("?about=1", "1/", "4/", "review/")]
    pages = [browser.get(address) for address in addresses] + [phone.get(given.address)]
    phone.post(given.address)
    pages += [phone.get(address) for address in ("/l/",)]
    for page in pages:
        text = page.content.decode()
        assert page.status_code == 200
        assert "data-quick-exit" in text
        assert "Call 988 at any hour." in text


def test_each_record_that_a_page_shows_is_in_its_own_trail(browser, me):
    """One sign-in, two practices: each practice's trail says that its record was opened."""
    elsewhere = ClientFactory(user=me.user)
    for page, shown in (("today", {me.pk, elsewhere.pk}), ("mine", {me.pk, elsewhere.pk}), ("contact", {me.pk})):
        browser.get(reverse(f"portal:{page}", args=[me.pk] if page == "contact" else []))
        rows = [row for row in AuditEvent.objects.filter(action="opened", basis="self") if row.detail["page"] == page]
        assert {row.client_id for row in rows} == shown
        assert len(rows) == len(shown)
        assert all(row.practice_id == {me.pk: me.practice_id}.get(row.client_id, elsewhere.practice_id) for row in rows)


def test_saving_safe_contact_is_one_change_and_says_what_it_does_to_reset_mail(browser, me):
    page = reverse("portal:contact", args=[me.pk])
    assert "a link to a new password can no longer reach you by e-mail" in browser.get(page).content.decode()
    data = {"safe_contact": "none", "email": "", "contact_from": 9, "contact_to": 17}
    browser.post(page, data)
    assert AuditEvent.objects.filter(client_id=me.pk, action="client.changed").count() == 1


def test_what_was_on_paper_is_listed_as_such(browser, me, therapist):
    sheet = Sheet(answers={"control": 1}, day=me.practice.today())
    ask_and_enter(by=therapist.user, client=me, version=version_of(), sheet=sheet)
    page = browser.get(TODAY).content.decode()
    assert "on paper" in page
    assert "receipt" not in page.split("finished-title")[1]
