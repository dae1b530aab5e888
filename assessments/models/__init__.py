"""Instruments and their versions, what was asked, what was answered, scores and trajectories."""

from assessments.models.asked import Administration, Assignment, AssignmentLink
from assessments.models.imports import ImportRun
from assessments.models.instruments import Instrument, InstrumentVersion
from assessments.models.psychometrics import Reference
from assessments.models.responses import Correction, Response, ResponseRevision, ResponseText
from assessments.models.scores import NO_RELATIONSHIP, Score, Trajectory

__all__ = [
    "NO_RELATIONSHIP",
    "Administration",
    "Assignment",
    "AssignmentLink",
    "Correction",
    "ImportRun",
    "Instrument",
    "InstrumentVersion",
    "Reference",
    "Response",
    "ResponseRevision",
    "ResponseText",
    "Score",
    "Trajectory",
]
