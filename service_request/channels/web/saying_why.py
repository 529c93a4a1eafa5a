"""Why a sender changes or takes back what they sent, and who of those at the mailbox it is."""

from __future__ import annotations

from collections.abc import Iterable
from typing import ClassVar

from wtforms import RadioField, StringField, TextAreaField
from wtforms.validators import Length, StopValidation

from infrastructure.questions import PlainForm, choice
from service_request.asking.checks import Enter
from service_request.domain.typed import LINE_MAX, REASON_MAX
from service_request.services.withdrawing import Why

TOO_LONG = "Shorten this to {:,} characters or fewer"


class WhyForm(PlainForm):
    """A reason from the list, words, and a name: several people may share a mailbox."""

    asks: ClassVar[str]
    select: ClassVar[str]
    reason = RadioField("Why?", choices=[], validate_choice=False)
    words = TextAreaField(
        "In a few words",
        [Length(max=REASON_MAX, message=TOO_LONG.format(REASON_MAX))],
        description="The helpdesk reads it. You can leave it empty unless you chose another reason.",
        render_kw={"rows": 3},
    )
    name = StringField(
        "Your name",
        [Enter("Enter your name"), Length(max=LINE_MAX, message=TOO_LONG.format(LINE_MAX))],
        description="Several people may read this mailbox, so we ask who you are.",
        render_kw={"autocomplete": "name", "spellcheck": "false"},
    )

    def offer(self, reasons: Iterable[tuple[str, str]]) -> None:
        """Offer the reasons that may be chosen now."""
        self.reason.label.text = self.asks
        self.reason.choices = [choice(code, label) for code, label in reasons]

    def validate_reason(self, field: RadioField) -> None:
        """Ask for one of the reasons that are offered."""
        if field.data not in {one[0] for one in field.iter_choices()}:
            raise StopValidation(self.select)

    @property
    def why(self) -> Why:
        """Return what was said."""
        return Why(self.reason.data or "", self.words.data or "", self.name.data or "")


class WithdrawForm(WhyForm):
    """Why a request is to be taken back."""

    asks, select = "Why do you want to take it back?", "Select why you take it back"


class AmendForm(WhyForm):
    """Why answers are changed."""

    asks, select = "Why do you change it?", "Select why you change it"
