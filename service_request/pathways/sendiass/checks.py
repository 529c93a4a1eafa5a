"""What may be wrong with an answer that only this pathway asks for."""

from wtforms.fields import Field
from wtforms.form import BaseForm
from wtforms.validators import ValidationError

from service_request.asking.checks import answer_of

OLDEST = 120  # beyond 25 it is not ours (SE-2), and a person says so kindly; here only what is no age is refused


def age_in_years(form: BaseForm, field: Field) -> None:
    """Check that an age is a whole number of years."""
    text = answer_of(field)
    if text and not (text.isdecimal() and int(text) <= OLDEST):
        raise ValidationError("Enter the age in years, like 9")
