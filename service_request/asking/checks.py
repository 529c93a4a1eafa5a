"""What may be wrong with an answer, and the sentence that says what to do about it."""

from collections.abc import Callable, Mapping, Sequence
from datetime import date, timedelta
from typing import Any

from stdnum.gb import nhs, upn
from wtforms.fields import Field
from wtforms.form import BaseForm
from wtforms.validators import StopValidation, ValidationError

from infrastructure.questions import day_of
from service_request.domain.people import OLDEST, check_birth_date, check_expected_date
from service_request.domain.postcodes import tidy
from service_request.domain.typed import NARRATIVE_MAX, PHONE_MAX

Check = Callable[[Any, Any], None]
Page = Mapping[str, Sequence[str]]  # {field: what was typed}

LONGEST_MEMORY = timedelta(days=366 * 20)


def answer_of(field: Field) -> str:
    """Return what was typed, without the space around it."""
    return field.data.strip() if isinstance(field.data, str) else ""


def is_blank(field: Field) -> bool:
    """Tell whether nothing was typed, chosen or ticked."""
    if isinstance(field.data, str):
        return not field.data.strip()
    return not field.data


def is_typed(texts: Sequence[str]) -> bool:
    """Tell from what was typed, where no field was made of it, that it is no blank."""
    return bool(texts and texts[0].strip())


class Readable:
    """Mark a check that can often be told from what was typed alone, before any field is made of it."""

    def surely_holds(self, texts: Sequence[str], page: Page, today: date) -> bool:
        """Tell whether these answers of one field pass; False where only the field itself could say so."""
        raise NotImplementedError


class Demand(Readable):
    """Mark a check that an empty answer can fail; `other` names the field it looks at besides its own."""

    other: str = ""

    def __call__(self, form: BaseForm, field: Field) -> None:
        raise NotImplementedError


class Enter(Demand):
    """Require an answer, with the sentence that asks for it."""

    def __init__(self, message: str) -> None:
        self.message = message

    def surely_holds(self, texts: Sequence[str], page: Page, today: date) -> bool:
        return is_typed(texts)

    def __call__(self, form: BaseForm, field: Field) -> None:
        if is_blank(field):
            raise StopValidation(self.message)


class EnterWhen(Demand):
    """Require an answer when another one calls for it."""

    def __init__(self, other: str, values: tuple[str, ...], message: str) -> None:
        self.other, self.values, self.message = other, values, message

    def surely_holds(self, texts: Sequence[str], page: Page, today: date) -> bool:
        return is_typed(texts) or not any(text in self.values for text in page.get(self.other, ()))

    def __call__(self, form: BaseForm, field: Field) -> None:
        if is_blank(field) and form[self.other].data in self.values:
            raise StopValidation(self.message)


class AtMost(Readable):
    """Refuse more text than is kept, saying by how much it is over."""

    def __init__(self, limit: int = NARRATIVE_MAX) -> None:
        self.limit = limit

    def surely_holds(self, texts: Sequence[str], page: Page, today: date) -> bool:
        return all(len(text) <= self.limit for text in texts)

    def __call__(self, form: BaseForm, field: Field) -> None:
        length = len(field.data or "")
        if length > self.limit:
            over = f"{length - self.limit:,} character{'' if length - self.limit == 1 else 's'}"
            raise ValidationError(f"This answer is {over} too long. Shorten it to {self.limit:,} or fewer")


class Alone(Readable):
    """Refuse a choice like "none" beside others."""

    def __init__(self, codes: tuple[str, ...], message: str) -> None:
        self.codes, self.message = codes, message

    def surely_holds(self, texts: Sequence[str], page: Page, today: date) -> bool:
        return len(texts) <= 1

    def __call__(self, form: BaseForm, field: Field) -> None:
        chosen = field.data or ()
        if len(chosen) > 1 and any(code in self.codes for code in chosen):
            raise ValidationError(self.message)


class Shape(Readable):
    """Check how an answer is written, where there is one."""

    def __init__(self, is_right: Callable[[str], bool], message: str) -> None:
        self.is_right, self.message = is_right, message

    def __call__(self, form: BaseForm, field: Field) -> None:
        text = answer_of(field)
        if text and not self.is_right(text):
            raise ValidationError(self.message)

    def surely_holds(self, texts: Sequence[str], page: Page, today: date) -> bool:
        return all(self.is_right(answer) for text in texts if (answer := text.strip()))


def _is_email_address(text: str) -> bool:
    from email_validator import EmailNotValidError, validate_email  # as phonenumbers: not before the first page

    try:
        validate_email(text, check_deliverability=False, allow_smtputf8=False)
    except EmailNotValidError:
        return False
    return True


def _could_be_rung(text: str) -> bool:
    import phonenumbers  # 58 modules: only where a number was typed, so that the first page comes sooner

    try:
        return len(text) <= PHONE_MAX and phonenumbers.is_possible_number(phonenumbers.parse(text, "GB"))
    except phonenumbers.NumberParseException:
        return False


email_address = Shape(  # whether it is delivered is another matter
    _is_email_address, "Enter an email address in the correct format, like name@example.com"
)
phone_number = Shape(  # what was typed is kept as it is
    _could_be_rung, "Enter a phone number, like 01632 960 001 or 07700 900 982"
)
postcode = Shape(  # a family without one leaves it empty
    lambda text: tidy(text) is not None,
    "Enter a full postcode, like WM4 2QT, or leave it empty if you do not know it",
)
nhs_number = Shape(nhs.is_valid, "Enter a 10 digit NHS number, like 999 000 0018, or leave it empty")
pupil_number = Shape(upn.is_valid, "Enter a 13 character unique pupil number, like B801200005001, or leave it empty")


def today_of(form: BaseForm) -> date:
    """Return the day this form is answered on, which comes in with it."""
    today: date = form.meta.context.today
    return today


class DayCheck(Readable):
    """Check a day that was given; what is no date of the calendar its field has refused already."""

    def __init__(self, fault: Callable[[date, date], str | None]) -> None:
        self.fault = fault  # of the day given, today: the sentence that says what is wrong with it

    def __call__(self, form: BaseForm, field: Field) -> None:
        if field.data is not None and (sentence := self.fault(field.data, today_of(form))):
            raise ValidationError(sentence)

    def surely_holds(self, texts: Sequence[str], page: Page, today: date) -> bool:
        given = day_of(texts)
        return not self.fault(given, today) if given is not None else not any(map(str.strip, texts))


def _adults_fault(born: date, today: date) -> str | None:
    return "Birth date must be in the past" if born > today else check_birth_date(born, today, under=OLDEST)


birth_date = DayCheck(check_birth_date)  # a child's (GL-18)
adult_birth_date = DayCheck(_adults_fault)  # one that a living person can have
expected_date = DayCheck(check_expected_date)  # on which a child can still be expected


class NotFuture(DayCheck):
    """Refuse a day to come, and one too long ago to be meant."""

    def __init__(self, noun: str) -> None:
        super().__init__(self._fault)
        self.noun = noun

    def _fault(self, given: date, today: date) -> str | None:
        if given > today:
            return f"{self.noun} must be today or in the past"
        return f"{self.noun} must be in the last 20 years" if given < today - LONGEST_MEMORY else None
