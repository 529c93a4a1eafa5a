"""Before you start: is a child safe now, and does the family know (GL-1, GL-4, GL-5)."""

from collections.abc import Iterable, Mapping, Sequence
from datetime import date
from typing import Any

from wtforms import RadioField
from wtforms.fields import Field
from wtforms.form import BaseForm
from wtforms.validators import StopValidation

from infrastructure.questions import choice
from service_request.asking.checks import Demand, Enter, EnterWhen, NotFuture, Page, is_blank, is_typed
from service_request.asking.code_sets import Codes
from service_request.asking.fields import checkboxes, choices_of, day, line, prose, radios, tick
from service_request.asking.steps import FormContext, Step, Typed
from service_request.domain.consent import RiskReasonMissingError, Told, ToldNotSaidError, WhoAgrees
from service_request.pathways.social_care.codes import AGREES, LAWFUL_BASES, URGENCY, WHO_TOLD, Urgency

WHO_AGREES: Codes = (
    (WhoAgrees.PARENT, "A parent or carer"),
    (WhoAgrees.BOTH_PARENTS, "Both parents"),
    (WhoAgrees.YOUNG_PERSON, "The young person themselves"),
)
AGREES_HOW: Codes = (("spoken", "They said it"), ("written", "In writing"))
TOLD_CHOICES: Codes = (
    (Told.YES, "Yes, a parent or carer knows"),
    (Told.NOT_YET, "Not yet"),
    (Told.RISK, "No, telling them may put a child at further risk"),
    (Told.IN_PRINCIPLE, "I want to talk it through first, without names"),
)


class Safety(Step):
    """EV-10: danger first; GL-1: this form may complete what a call or an email began."""

    slug, group = "safety", "before"
    title, short = "Are the children safe now?", "Are the children safe now"
    guidance = (
        "If a child is in danger now, call 999 first. Then ring the duty line, day or night.",
        "This form can follow a call. Send it within 24 hours of the call.",
    )
    asked = ("urgency", "already")
    rows = {"urgency": "Danger", "already": "Already told us", "call_reference": "Reference of that call or email"}

    urgency = radios(
        "Is any child in danger now?",
        choices_of(
            URGENCY,
            hints={
                Urgency.DANGER: "Call 999 now. Then send this form, or ring the duty line",
                Urgency.URGENT: "Ring the duty line as well as sending this form",
            },
        ),
        Enter("Select whether a child is in danger now"),
    )
    already = radios(
        "Have you rung or emailed the helpdesk about this already?",
        [choice("yes", "Yes", reveals="call_reference"), choice("no", "No")],
    )
    call_reference = line(
        "What reference were you given?",
        hint="For example K7RM 4TXC. We add this form to the same request. Leave it empty if you do not have one",
        most=30,
        autocomplete="off",
        spellcheck="false",
    )


class EnterForException(Demand):
    """Ask the reason of an authority's own exception, as of ours."""

    other = "told"

    def surely_holds(self, texts: Sequence[str], page: Page, today: date) -> bool:
        return is_typed(texts) or all(told in set(Told) for told in page.get(self.other, ()) if told)

    def __call__(self, form: BaseForm, field: Field) -> None:
        told = form[self.other].data
        if is_blank(field) and told and told not in set(Told):
            raise StopValidation("Enter why this exception holds")


class FamilyTold(Step):
    """GL-4, GL-5: the family is told, or one of the exceptions holds."""

    slug, group = "told", "before"
    title, short = "Does the family know that you are asking for this?", "Does the family know"
    guidance = (
        "Data protection law and good practice both expect families to know who is talking about them, and why.",
        "Say what worries you, what you are asking for, and that we may ring them.",
        "You can go on without telling them in two cases: telling them may put a child at further risk, "
        "or you want to talk it through without names.",
    )
    asked = ("told",)
    rows = {"told": "Told", "risk_reason": "Why they were not told", "exception_reason": "Reason for the exception"}

    told = radios(
        title,
        choices_of(
            TOLD_CHOICES,
            hints={
                Told.NOT_YET: "We will keep your draft while you talk to them",
                Told.IN_PRINCIPLE: "We will not ask for names, birth dates, addresses or schools",
            },
            reveals={Told.RISK: "risk_reason"},
            dividers={Told.IN_PRINCIPLE: "or"},
        ),
        Enter(ToldNotSaidError.sentence),
        hint="Families should hear it from you first. This is about telling them. "
        "We ask later whether they agree to a service.",
    )
    risk_reason = prose(
        "Why would telling them put a child at further risk?",
        EnterWhen("told", (Told.RISK,), RiskReasonMissingError.sentence),
        hint="A sentence or two is enough. The manager reads this before anyone rings the family.",
        rows=4,
    )
    exception_reason = prose(
        "Why does this exception hold?", EnterForException(), hint="The manager reads this.", rows=4
    )

    @classmethod
    def offers(cls, context: FormContext) -> Mapping[str, Codes]:
        """An authority may add an exception by settings; it can't take the word of one of ours."""
        ours = {code for code, _ in TOLD_CHOICES}
        extra = tuple((code, label) for code, label in context.extra_exceptions if code not in set(Told) | ours)
        return {"told": (*TOLD_CHOICES[:-1], *extra, TOLD_CHOICES[-1])}

    @classmethod
    def hides(cls, typed: Typed) -> set[str]:
        """The reason of an authority's exception belongs to none of our own answers."""
        return super().hides(typed) | ({"exception_reason"} if typed.text("told") in set(Told) else set())

    def offer(self, context: FormContext) -> None:
        """Put an authority's exceptions among the answers, before "without names"."""
        extra = [
            choice(code, label, reveals="" if place else "exception_reason")
            for place, (code, label) in enumerate(self.offers(context)["told"][len(TOLD_CHOICES) - 1 : -1])
        ]
        if not extra:
            del self.exception_reason
            return
        told: Any = self.told
        told.choices = [*told.choices[:-1], *extra, told.choices[-1]]


def _lawful_basis() -> RadioField:
    return radios(
        "On what lawful basis are you sharing this?",
        choices_of(LAWFUL_BASES),
        hint="Consent is seldom the right basis for safeguarding. Most agencies share under public task.",
    )


class Agreement(Step):
    """GL-4: who was told by whom and when; apart from it, who agrees to a service; apart from both, the basis."""

    slug, group = "agrees", "before"
    title, short = "Who was told, and do they agree to a service?", "Does the family know"
    guidance = (
        "Being told and agreeing are two things. A family can know about this and say no to a service.",
        "You can still ask. Early help, a locality team or a provider needs their agreement.",
    )
    asked = ("who_told", "told_by", "told_on", "agrees", "agrees_who", "lawful_basis")
    rows = {
        "who_told": "Who was told",
        "told_by": "Told by",
        "told_on": "Told on",
        "agrees": "Agrees to a service",
        "agrees_who": "Who agrees or does not",
        "agrees_detail": "Their names, and for which children",
        "agrees_how": "How they said so",
        "share_with": "Whom we may talk to",
        "not_agreed_why": "Why they do not agree",
        "lawful_basis": "Lawful basis for sharing",
    }

    who_told = checkboxes("Who was told?", choices_of(WHO_TOLD))
    told_by = line("Who told them?", hint="Your name, or a colleague's")
    told_by_not_known = tick()
    told_on = day("When were they told?", NotFuture("The date they were told"), noun="The date they were told")
    told_on_not_known = tick()
    agrees = radios("Does the family agree to a service?", choices_of(AGREES))
    agrees_who = radios("Whose answer is that?", choices_of(WHO_AGREES))
    agrees_detail = line("Their names, and for which children", hint="For example: Dana Hill, for both children")
    agrees_how = radios("How did they say so?", choices_of(AGREES_HOW))
    share_with = line(
        "Whom do they agree we may talk to?", hint="For example: their GP and the school nurse, but not the landlord"
    )
    not_agreed_why = prose("If they do not agree, why?", hint="As they said it. Leave it empty if they do", rows=3)
    lawful_basis = _lawful_basis()

    @classmethod
    def wants(cls, typed: Typed) -> Iterable[str]:
        """Nobody answered for a family that was not asked."""
        return (name for name in cls.asked if name != "agrees_who" or typed.text("agrees") in ("yes", "no"))


class LawfulBasis(Step):
    """GL-4: where the family was not told, only the lawful basis is left to ask."""

    slug, group = "agrees", "before"
    title, short = "On what lawful basis are you sharing this?", "Does the family know"
    asked = ("lawful_basis",)
    rows = {"lawful_basis": "Lawful basis for sharing"}

    lawful_basis = _lawful_basis()
