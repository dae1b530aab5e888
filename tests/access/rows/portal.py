"""The clients' own pages: joining, today, mine, answering in the portal and by link."""

from django.utils import timezone

from assessments.actions.answering import start, submit
from assessments.actions.links import enter_link, make_link
from clients.models import Client, Consent
from clients.queries.joining import current_notice
from practice import tokens
from tests.access.kinds import (
    ANONYMOUS,
    ANYONE,
    BAD,
    BEARER,
    CLIENT,
    CLIENTS,
    DEACTIVATED,
    GO,
    GONE,
    OK,
    SIGN_IN,
)
from tests.access.matrix import Row
from tests.factories.assessments import ask
from tests.factories.clients import ClientInvitationFactory
from tests.factories.practice import PrivacyNoticeFactory

UNKNOWN = frozenset({ANONYMOUS, BEARER, DEACTIVATED})
"""Whom a link's token is for: whoever is not signed in, and the client themselves."""


def extend(world):
    notice = current_notice(world.practice) or PrivacyNoticeFactory(practice=world.practice)
    for client in Client.objects.filter(practice=world.practice):
        Consent.objects.get_or_create(client=client, notice=notice, withdrawn_at=None)
    world.consent = Consent.objects.get(client=world.client, notice=notice)
    by = world.members["primary"].user
    world.portal_asked = ask(world.client, "secure-agreements", by=by)
    world.portal_begun = ask(world.client, "building-practices", by=by)
    start(assignment=world.portal_begun)
    world.portal_sent = ask(world.client, "self-in-relationship", by=by)
    submit(response=start(assignment=world.portal_sent))
    _link, world.link_token = make_link(by=by, assignment=ask(world.client, "growth-habits", by=by, channel="link"))
    begun = ask(world.client, "after-session", by=by, channel="link")
    link, _token = make_link(by=by, assignment=begun)
    start(assignment=begun)
    world.cookies["bearer"] = {"pass": enter_link(link=link, at=timezone.now())}
    world.client_invitation = ClientInvitationFactory(client=world.client)


def asked(w):
    return {"pk": w.portal_asked.pk}


def begun(w):
    return {"pk": w.portal_begun.pk}


def begun_page(w):
    return {"pk": w.portal_begun.pk, "number": 1}


def contact(_w):
    return {"safe_contact": "none", "email": "", "contact_from": 9, "contact_to": 19}


ROWS = [
    Row(
        "portal:client_join",
        lambda w: {"token": tokens.token_for(w.client_invitation)},
        get={ANYONE: OK},
        post={ANYONE: GO},
    ),
    Row("portal:client_join_form", get={ANYONE: GONE}, post={ANYONE: GONE}),
    Row("portal:today", get={CLIENTS: OK}),
    Row("portal:welcome", get={CLIENTS: OK}, post={CLIENTS: GO}, data=lambda w: {"choice": "later"}),
    Row("portal:mine", get={CLIENTS: OK}),
    Row("portal:contact", lambda w: {"pk": w.client.pk}, get={CLIENT: OK}, post={CLIENT: GO}, data=contact),
    Row("portal:consent_withdraw", lambda w: {"pk": w.consent.pk}, post={CLIENT: GO}),
    Row("portal:sign_out_everywhere", post={CLIENTS: SIGN_IN}),
    Row("portal:quick_exit", post={ANYONE: OK}),
    Row("portal:answer", asked, get={CLIENT: OK}, post={CLIENT: GO}),
    Row("portal:answer_page", begun_page, get={CLIENT: OK}, post={CLIENT: GO}, data=lambda w: {"a.dialogue": "2"}),
    Row("portal:answer_save", begun, post={CLIENT: BAD}),  # a form is no autosave; JSON is tested in tests/portal
    Row("portal:answer_review", begun, get={CLIENT: OK}),
    Row("portal:answer_submit", begun, post={CLIENT: GO}),
    Row("portal:answer_done", lambda w: {"pk": w.portal_sent.pk}, get={CLIENT: OK}),
    Row("portal:link_answer", get={ANYONE: GONE, BEARER: GO}, post={ANYONE: GONE, BEARER: GO}),
    Row("portal:link_page", lambda w: {"number": 1}, get={ANYONE: GONE, BEARER: OK}, post={ANYONE: GONE, BEARER: GO}),
    Row("portal:link_save", post={ANYONE: GONE, BEARER: BAD}),
    Row("portal:link_review", get={ANYONE: GONE, BEARER: OK}),
    Row("portal:link_submit", post={ANYONE: GONE, BEARER: GO}),
    Row("portal:link_done", get={ANYONE: GONE, BEARER: GO}),
    Row("portal:link", lambda w: {"token": w.link_token}, get={UNKNOWN | {CLIENT}: OK}, post={UNKNOWN | {CLIENT}: GO}),
]
