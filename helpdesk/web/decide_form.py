"""The manager's form: one record, a line for each child, and the way to go on all the same (GL-7, GL-9 to GL-13)."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Any
from uuid import UUID

from werkzeug.datastructures import MultiDict
from wtforms import BooleanField, RadioField, SelectField
from wtforms.validators import StopValidation

from helpdesk.domain.decision import REQUIRED, NewDecision, NewLine, NewOverride, Proposal
from helpdesk.services.on_record import DecidedLine
from helpdesk.web.forms import NoneOrOneOf, Say, Versioned, words
from infrastructure.questions import choice
from service_request.domain.standing import KIND_LABELS, ReferralKind
from service_request.domain.typed import NARRATIVE_MAX, REASON_MAX
from service_request.pathways.social_care.codes import LAWFUL_BASES
from service_request.pathways.social_care.rules import LINE_CHOICES, Standing, line_choice
from service_request.services.sight.parts import SubjectFacts

SAME, LATER, KEEP = "", "later", "keep"
NOT_KEPT = frozenset({"csrf_token", "act", "version"})
_CHOICES = [(one.code, one.label) for one in LINE_CHOICES]
_CONTACTS = [(one.code, one.label) for one in LINE_CHOICES if one.standing is Standing.CONTACT]


class DecideForm(Versioned):
    """What every decision says; the lines are added for the children of one request."""

    information = words("Information considered", Say(REQUIRED["information"]), rows=3, most=NARRATIVE_MAX)
    analysis = words("Analysis", Say(REQUIRED["analysis"]), rows=4, most=NARRATIVE_MAX)
    same = SelectField(
        "Same for all", choices=[choice("", "Choose"), *(choice(*one) for one in _CHOICES)], validate_choice=False
    )
    ask_caf = BooleanField(
        "Where the criteria are not met, ask the referrer to carry out a common assessment (CAF)",
        description="For low risk that may grow. A professional is asked by email and reminded. The helpdesk sees it.",
    )
    reason = words(
        "Reason for the decision",
        Say(REQUIRED["reason"]),
        hint="The referrer reads this, in these words.",
        most=NARRATIVE_MAX,
    )
    why_superseded = words(
        "Why does this replace the earlier decision?",
        hint="Only if you change a decision that was made. Staff read this; the referrer does not.",
        most=REASON_MAX,
    )
    basis = RadioField(
        "On what lawful basis do you go on?",
        [NoneOrOneOf()],
        choices=[choice(code, label) for code, label in LAWFUL_BASES if code not in ("consent", "not_sure")],
        validate_choice=False,
    )
    override_reason = words("Why do you go on all the same?", most=REASON_MAX)

    def __init__(self, *args: Any, subjects: Sequence[SubjectFacts] = (), **kwargs: Any) -> None:
        self.subjects = subjects
        super().__init__(*args, **kwargs)

    def validate_override_reason(self, field: Any) -> None:
        """Ask for both parts of an override, or none (GL-7)."""
        if self.basis.data and not (field.data or "").strip():
            raise StopValidation("Enter why you go on all the same, or clear the lawful basis")
        if (field.data or "").strip() and not self.basis.data:
            raise StopValidation("Select on what lawful basis you go on")

    def line_of(self, subject: SubjectFacts) -> Any:
        """Return the field that holds this child's decision."""
        return self[f"line_{subject.number}"]

    def kind_of(self, subject: SubjectFacts) -> Any:
        """Return the field that holds whether this child's referral is a re-referral."""
        return self[f"kind_{subject.number}"]

    def check_lines(self) -> bool:
        """Put an error on each line that says nothing; at least one child must get a decision."""
        fields = [self.same, *map(self.line_of, self.subjects), *map(self.kind_of, self.subjects)]
        forged = [field for field in fields if field.data and not _is_offered(field)]
        for field in forged:
            field.errors = ["Select one of the choices shown"]
        silent = [one for one in self.subjects if not (self.line_of(one).data or self.same.data)]
        for subject in silent:
            self.line_of(subject).errors = [f"Select a decision for {subject.name or subject.label}"]
        if not (forged or silent) and not self.lines():
            self.same.errors = ["Select a decision for at least one child"]
            return False
        return not (forged or silent)

    def lines(self) -> list[NewLine]:
        """Return a line for each child that gets a decision now."""
        found = []
        for subject in self.subjects:
            code = self.line_of(subject).data or self.same.data or LATER
            if code in (LATER, KEEP):
                continue
            chosen = line_choice(code)
            is_referral = chosen.standing is Standing.REFERRAL
            found.append(
                NewLine(
                    subject_id=subject.id,
                    standing=chosen.standing,
                    action=chosen.action,
                    contact_reason=chosen.contact_reason,
                    kind=ReferralKind(self.kind_of(subject).data)
                    if is_referral and self.kind_of(subject).data
                    else None,
                    ask_caf=bool(self.ask_caf.data),
                )
            )
        return found

    def decision(self) -> NewDecision:
        """Return the whole record as written."""
        has_override = bool(self.basis.data)
        return NewDecision(
            information=self.information.data or "",
            analysis=self.analysis.data or "",
            reason=self.reason.data or "",
            lines=self.lines(),
            override=NewOverride(self.basis.data, self.override_reason.data or "") if has_override else None,
            why_superseded=(self.why_superseded.data or "").strip() or None,
        )


def make_form(
    subjects: Sequence[SubjectFacts],
    proposed: Mapping[UUID, Proposal],
    decided: Mapping[UUID, DecidedLine],
    typed: Mapping[str, Sequence[str]] | None,
    meta: Mapping[str, Any],
) -> DecideForm:
    """Return the form for these children, filled with what was typed."""
    lines: dict[str, Any] = {}
    for subject in subjects:
        name = subject.name or subject.label
        first = (KEEP, "Keep as decided") if subject.id in decided else (LATER, "Decide later")
        options = [
            choice(SAME, "Same as for all" if len(subjects) > 1 else "Choose"),
            choice(*first),
            *(choice(*one) for one in (_CONTACTS if subject.is_anonymous else _CHOICES)),  # GL-6: it stays a contact
        ]
        default = KEEP if subject.id in decided else SAME
        lines[f"line_{subject.number}"] = SelectField(
            f"Decision for {name}", choices=options, default=default, validate_choice=False
        )
        kind = proposed[subject.id].kind if subject.id in proposed else ReferralKind.REFERRAL
        kinds = sorted(ReferralKind, key=lambda one, first=kind: one is not first)  # type: ignore[misc]
        lines[f"kind_{subject.number}"] = SelectField(
            f"Kind of referral for {name}",
            choices=[choice(one, KIND_LABELS[one] + (" (proposed)" if one is kind else "")) for one in kinds],
            default=kind.value,
            validate_choice=False,
        )
    form_class: type[DecideForm] = type("DecideFormForThese", (DecideForm,), lines)
    posted = MultiDict([(name, value) for name, values in typed.items() for value in values]) if typed else None
    return form_class(posted, meta=meta, subjects=subjects)


def _is_offered(field: Any) -> bool:
    return field.data in {option.value for option in field.choices}


def typed_fields(posted: MultiDict[str, str]) -> dict[str, list[str]]:
    """Return what was typed, for a draft: as it stands, without what belongs to the page."""
    return {name: values for name, values in posted.lists() if name not in NOT_KEPT}
