"""Clients, couples, care, episodes, sessions, focus, life events, consents, safety flags, emergency access."""

from clients.models.absence import Leave, SupervisionItem
from clients.models.base import ClientRow
from clients.models.care import CareAssignment, Couple, EmergencyAccess, Partner
from clients.models.client import Client, ClientInvitation, Consent, Relationship
from clients.models.course import Episode, FocusBarrier, LifeEvent, TherapySession
from clients.models.goals import Goal
from clients.models.notes import NoteRevision, PrivateNote, PrivateNoteGrant
from clients.models.safety import SafetyFlag

__all__ = [
    "CareAssignment",
    "Client",
    "ClientInvitation",
    "ClientRow",
    "Consent",
    "Couple",
    "EmergencyAccess",
    "Episode",
    "FocusBarrier",
    "Goal",
    "Leave",
    "LifeEvent",
    "NoteRevision",
    "Partner",
    "PrivateNote",
    "PrivateNoteGrant",
    "Relationship",
    "SafetyFlag",
    "SupervisionItem",
    "TherapySession",
]
