"""A colleague's invitation. GET shows a button only, since mail scanners fetch links; POST takes the token out of the
address and into the session; the form then makes the sign-in, once."""

from allauth.account.adapter import get_adapter
from django.contrib import messages
from django.contrib.auth.decorators import login_not_required
from django.core.exceptions import ValidationError
from django.http import HttpRequest, HttpResponse
from django.shortcuts import redirect, render
from django.utils import timezone
from django.utils.translation import gettext as _
from django.views.decorators.cache import never_cache
from django.views.decorators.http import require_http_methods

from practice import limits, tokens
from practice.actions.people import accept_invitation
from practice.errors import Denied, Refused
from practice.forms.join import JoinForm
from practice.models import Invitation, User

KEY = "joining"


@login_not_required
@never_cache
@require_http_methods(["GET", "HEAD", "POST"])
def join(request: HttpRequest, token: str) -> HttpResponse:
    invitation = tokens.find(Invitation, token)
    if invitation is None:
        raise Denied("invitation", None)
    if not invitation.is_live(timezone.now()):
        return gone(request)
    if request.method != "POST":
        return render(request, "practice/join.html")
    request.session[KEY] = [str(invitation.pk), invitation.generation]
    return redirect("join_form")


@login_not_required
@never_cache
@require_http_methods(["GET", "HEAD", "POST"])
def join_form(request: HttpRequest) -> HttpResponse:
    pk, generation = request.session.get(KEY, (None, 0))
    invitation = Invitation.objects.filter(pk=pk).first() if pk else None
    if invitation is None:
        raise Denied("invitation", None)
    if not invitation.is_live(timezone.now()) or invitation.generation != generation:
        return gone(request)
    known = User.objects.filter(sign_in=invitation.email).exists()
    form = JoinForm(request.POST or None, invitation=invitation, known=known)
    if request.method == "POST" and limits.too_many(request, "join", key=str(invitation.pk)):
        return limits.refuse(request)
    if request.method == "POST" and form.is_valid():
        try:
            if known:
                _check_password(request, invitation.email, form.cleaned_data["password"])
            accept_invitation(
                invitation=invitation,
                password=form.cleaned_data["password"],
                name=form.cleaned_data.get("name", ""),
            )
        except Refused as refusal:
            form.refuse(refusal)
        else:
            del request.session[KEY]
            messages.success(request, _("Your sign-in is ready. You can sign in now."))
            return redirect("account_login")
    context = {"form": form, "invitation": invitation, "known": known}
    return render(request, "practice/join_form.html", context)


def _check_password(request: HttpRequest, name: str, password: str) -> None:
    """As at sign-in: under the same limits, and a wrong one is recorded. ``Refused`` at ``password``."""
    try:
        user = get_adapter(request).authenticate(request, username=name, password=password)
    except ValidationError as error:
        raise Refused(" ".join(error.messages), "password") from None
    if user is None:
        raise Refused(_("That is not the password of this sign-in."), "password")


def gone(request: HttpRequest) -> HttpResponse:
    """Used, expired or revoked: says so, and nothing about whose it was."""
    request.session.pop(KEY, None)
    return render(request, "practice/join_gone.html", status=410)
