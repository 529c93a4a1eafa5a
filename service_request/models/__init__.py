"""The tables of the request, one aggregate a module."""

from service_request.models.area import Area, AreaPrefix, AreaTeam, RoutingRule
from service_request.models.arrival import Arrival, Channel, Disposition
from service_request.models.asked_for import AskedFor, AskedKind, AskedState
from service_request.models.bar import SightBar
from service_request.models.check import CheckMade, ScreeningCheck
from service_request.models.clock import Clock, ClockBreach, ClockEnd, ClockKind
from service_request.models.consent import Consent
from service_request.models.conversation import (
    ArrivalMedia,
    CarrierLook,
    Conversation,
    DeliveryReport,
    MediaState,
    Safe,
    Silenced,
)
from service_request.models.draft import DeviceDraftKey, Draft, DraftPart
from service_request.models.enquiry import (
    ContactAttempt,
    Deadline,
    Enquiry,
    Evaluation,
    EvaluationState,
    LevelRise,
    SavedAnswer,
)
from service_request.models.file import File, FileState, FileWhy
from service_request.models.grant import Grant, GrantWhy
from service_request.models.mail import Mail, MailLook
from service_request.models.message import Direction, Message
from service_request.models.outcome import Audience, Outcome, OutcomeState
from service_request.models.person import (
    Identity,
    IdentityLink,
    MatchKey,
    Person,
    Relationship,
    Similarity,
    SimilarityState,
    Subject,
)
from service_request.models.reason import CodedReason, ReasonKind
from service_request.models.referrer import Agency, AgencyDomain, Referrer, ReferrerKind
from service_request.models.request import FormResponse, LinkKind, RequestLink, ServiceRequest
from service_request.models.task import Task, TaskKind

__all__ = [
    "Agency",
    "AgencyDomain",
    "Area",
    "AreaPrefix",
    "AreaTeam",
    "Arrival",
    "ArrivalMedia",
    "AskedFor",
    "AskedKind",
    "AskedState",
    "Audience",
    "CarrierLook",
    "Channel",
    "CheckMade",
    "Clock",
    "ClockBreach",
    "ClockEnd",
    "ClockKind",
    "CodedReason",
    "Consent",
    "ContactAttempt",
    "Conversation",
    "Deadline",
    "DeliveryReport",
    "DeviceDraftKey",
    "Direction",
    "Disposition",
    "Draft",
    "DraftPart",
    "Enquiry",
    "Evaluation",
    "EvaluationState",
    "File",
    "FileState",
    "FileWhy",
    "FormResponse",
    "Grant",
    "GrantWhy",
    "Identity",
    "IdentityLink",
    "LevelRise",
    "LinkKind",
    "Mail",
    "MailLook",
    "MatchKey",
    "MediaState",
    "Message",
    "Outcome",
    "OutcomeState",
    "Person",
    "ReasonKind",
    "Referrer",
    "ReferrerKind",
    "Relationship",
    "RequestLink",
    "RoutingRule",
    "Safe",
    "SavedAnswer",
    "ScreeningCheck",
    "ServiceRequest",
    "SightBar",
    "Silenced",
    "Similarity",
    "SimilarityState",
    "Subject",
    "Task",
    "TaskKind",
]  # fmt: skip
