"""The clients room: its letters, whom mail about a sign-in may reach, the composite keys of clinical rows."""

from django.apps import AppConfig
from django.db.models.signals import post_migrate


class ClientsConfig(AppConfig):
    name = "clients"
    verbose_name = "Clients"

    def ready(self) -> None:
        from practice import hooks
        from practice.composite import install_keys

        hooks.register_letter("client-invitation", "clients.letters.invitation")
        hooks.register_letter("client-sign-in-changed", "clients.letters.sign_in_changed")
        hooks.register_letter("safety-flag", "clients.letters.to_clinician")
        hooks.register_letter("emergency-opened", "clients.letters.to_clinician")
        hooks.register_letter("cover-named", "clients.letters.cover_named")
        hooks.register_letter("clients-handed-over", "clients.letters.handed_over")
        hooks.register_letter("client-needs-clinician", "clients.letters.to_owner")
        hooks.register_leaving("clients.actions.care.end_care_of")
        hooks.register_ending("clients.actions.goals.end_with_episode")
        hooks.register_belonging("clients.queries.joining.practices_of")
        hooks.register_crisis_words("clients.queries.joining.crisis_words")
        hooks.register_mail_guard("clients.queries.contact.may_mail_user")
        post_migrate.connect(install_keys, dispatch_uid="composite-keys")
