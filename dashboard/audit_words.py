"""The audit trail's codes in words. A test holds that every code written anywhere has its words here."""

from django.utils.translation import gettext_lazy as _

WORDS = {
    "opened": _("Opened"),
    "opened-list": _("Opened a list"),
    "denied": _("Was denied"),
    "signed-in": _("Signed in"),
    "signed-out": _("Signed out"),
    "sign-in-failed": _("Sign-in failed"),
    "second-step-failed": _("Second step failed"),
    "second-step-on": _("Turned the second step on"),
    "second-step-off": _("Turned the second step off"),
    "second-step-renewed": _("Renewed recovery codes"),
    "password-changed": _("Changed the password"),
    "password-reset": _("Reset the password"),
    "practice.founded": _("Founded the practice"),
    "practice.switched": _("Switched to this practice"),
    "settings.changed": _("Changed the settings"),
    "notice.published": _("Published a privacy notice"),
    "invitation.made": _("Invited a colleague"),
    "invitation.renewed": _("Renewed an invitation"),
    "invitation.revoked": _("Took an invitation back"),
    "invitation.accepted": _("Joined the practice"),
    "member.added": _("Added a member"),
    "member.changed": _("Changed a member"),
    "supervision.started": _("Started supervision"),
    "supervision.ended": _("Ended supervision"),
    "supervision.taken_back": _("Ended supervision at once"),
    "audit.exported": _("Exported the audit trail"),
    "caseload.exported": _("Exported the caseload"),
    "client.added": _("Added a client"),
    "client.changed": _("Changed a client"),
    "client.invited": _("Invited a client"),
    "client.joined": _("Made their sign-in"),
    "client.invitation_sent": _("Sent a client's invitation"),
    "client.invitation_shown": _("Showed a client's invitation"),
    "client.invitation_revoked": _("Took a client's invitation back"),
    "client.discharged": _("Discharged a client"),
    "episode.beginning_moved": _("Moved the first day of an episode"),
    "consent.given": _("Agreed to the privacy notice"),
    "consent.withdrawn": _("Withdrew consent"),
    "care.assigned": _("Assigned care"),
    "care.ended": _("Ended care"),
    "care.taken_back": _("Took a care assignment back"),
    "care.handed_over": _("Handed a client over"),
    "leave.added": _("Entered a leave"),
    "leave.ended": _("Ended a leave"),
    "leave.cancelled": _("Took a leave back"),
    "supervision_item.brought": _("Brought something to supervision"),
    "supervision_item.changed": _("Changed what is brought to supervision"),
    "supervision_item.discussed": _("Talked about it in supervision"),
    "supervision_item.taken_back": _("Took back what was brought to supervision"),
    "supervision_item.put_back": _("Brought it to supervision again"),
    "reason.given": _("Said why they open a record"),
    "couple.linked": _("Linked a couple"),
    "couple.ended": _("Ended a couple's link"),
    "emergency.opened": _("Opened emergency access"),
    "emergency.ended": _("Ended emergency access"),
    "episode.started": _("Started an episode"),
    "event.added": _("Added a life event"),
    "event.restored": _("Restored a life event"),
    "event.withdrawn": _("Withdrew a life event"),
    "flag.raised": _("A flag was raised"),
    "flag.acknowledged": _("Acknowledged a flag"),
    "flag.closed": _("Closed a flag"),
    "focus.decided": _("Decided the focus"),
    "focus.proposed": _("Proposed a focus"),
    "goal.set": _("Set a goal"),
    "goal.reworded": _("Worded a goal anew"),
    "goal.agreed": _("Agreed to a goal's words"),
    "goal.ended": _("Ended a goal"),
    "goal.restored": _("Took a goal up again"),
    "goal.moved": _("Put goals in another order"),
    "relationship.chosen": _("Said which relationship measures are about"),
    "answers.entered": _("Entered answers from paper"),
    "session.added": _("Added a session"),
    "session.changed": _("Changed a session"),
    "session.rated": _("Rated a session"),
    "session.closed": _("Closed a session"),
    "session.reopened": _("Opened a closed session again"),
    "private_note.saved": _("Wrote a private note"),
    "private_note.granted": _("Let a supervisor read private notes"),
    "private_note.revoked": _("Took back that a supervisor reads private notes"),
    "proposal.made": _("Proposed an exercise"),
    "proposal.withdrawn": _("Took a proposed exercise back"),
    "assignment.made": _("Asked to answer"),
    "assignment.withdrawn": _("Withdrew a request"),
    "link.made": _("Made a link"),
    "link.shown": _("Showed a link"),
    "link.entered": _("A link was used"),
    "link.revoked": _("Revoked a link"),
    "room.started": _("Started answering in the room"),
    "answers.started": _("Started to answer"),
    "answers.relationship": _("Said which relationship"),
    "answers.submitted": _("Sent answers"),
    "answers.corrected": _("Put answers right"),
    "answers.withdrawn": _("Took answers out of the record"),
    "answers.restored": _("Put answers back into the record"),
    "answers.about": _("Put right which relationship answers are about"),
    "answers.moved_away": _("Moved answers to another client"),
    "answers.moved_here": _("Moved answers here from another client"),
    "session.mistaken": _("Marked a session as entered by mistake"),
    "client.merged": _("Joined two records of one person"),
    "report-asked": _("Asked for a report"),
    "report-retried": _("Asked for a report again"),
    "report-made": _("A report was made"),
    "report-failed": _("A report failed"),
    "report-withheld": _("A report was withheld"),
    "sessions.ended": _("Signed out other devices"),
    "library.loaded": _("Loaded the library"),
    "history.asked": _("Asked to bring history"),
    "history.checked": _("Checked a file of history"),
    "history.brought": _("Brought history"),
    "history.refused": _("A file of history had problems"),
    "history.failed": _("Bringing history failed"),
    "trajectories.rebuilt": _("Rebuilt trajectories"),
}

PART_OF_RECORD = _("A part of the record")
QUIET_ACTIONS = ("flag.", "focus.", "event.", "session.rated", "answers.relationship")
QUIET_PAGES = ("flag", "barrier", "response", "client_focus", "client_event_add", "response_correct", "response_move")
"""What reads alike to whoever may not see safety: flags, and enough else that the words don't give a flag away."""


def is_quiet(action: str, subject: str, page: object) -> bool:
    """Whether this event could tell that there is a safety flag."""
    return action.startswith(QUIET_ACTIONS) or page in QUIET_PAGES or subject == "safetyflag"


SUBJECTS = {
    "caseload": _("caseload"),
    "week": _("week"),
    "privatenote": _("private notes"),
    "team": _("team"),
    "supervision": _("a supervisee's caseload"),
    "agenda": _("what is brought to supervision"),
    "supervisionitem": _("something brought to supervision"),
    "leaves": _("leave"),
    "handover": _("a caseload to hand over"),
    "people": _("people"),
    "roster": _("roster"),
    "audit": _("audit trail"),
    "client": _("client record"),
    "membership": _("member"),
    "report": _("report"),
    "response": _("answers"),
    "page": _("a page of another role"),
    "history": _("files of history"),
    "importrun": _("a file of history"),
    "instrumentversion": _("a measure"),
    "invitation": _("invitation"),
}
"""What was opened or denied; of a change, its own words say enough."""


def subject_words(action: str, subject: str) -> str:
    """What was opened or denied, in words; nothing for other events."""
    if action not in ("opened", "opened-list", "denied"):
        return ""
    return str(SUBJECTS.get(subject, subject))


def words(action: str) -> str:
    """The action in words; an unknown code as it is."""
    return str(WORDS.get(action, action))
