"""Show WTForms fields as GOV.UK components, chosen by the type of the field, so that questions know no web."""

from collections.abc import Iterator, Mapping
from typing import Any

from markupsafe import Markup
from wtforms import fields
from wtforms.form import BaseForm
from wtforms.meta import DefaultMeta

from infrastructure.questions import PARTS, DateParts, revealed_by
from infrastructure.web import widgets

WIDGETS: Mapping[type[fields.Field], Any] = {
    fields.StringField: widgets.TextInput(),
    fields.IntegerField: widgets.TextInput(),
    fields.EmailField: widgets.EmailInput(),
    fields.TelField: widgets.TelephoneInput(),
    fields.SearchField: widgets.SearchInput(),
    fields.TextAreaField: widgets.TextArea(),
    fields.PasswordField: widgets.PasswordInput(),
    fields.RadioField: widgets.Radios(),
    fields.SelectField: widgets.Select(),
    fields.SelectMultipleField: widgets.Checkboxes(),
    fields.BooleanField: widgets.Checkbox(),
    fields.FileField: widgets.FileInput(),
    fields.SubmitField: widgets.SubmitButton(),
    DateParts: widgets.DateInput(),
}
AS_THEY_ARE = (fields.HiddenField,)


def render_field(field: fields.Field, render_kw: Mapping[str, Any]) -> Markup:
    """Render a field as its GOV.UK component. Given to a form as `meta={"render_field": render_field}`."""
    if isinstance(field, AS_THEY_ARE):
        return DefaultMeta().render_field(field, dict(render_kw))
    widget = next((WIDGETS[kind] for kind in type(field).__mro__ if kind in WIDGETS), field.widget)
    rendered: Markup = widget(field, **{**(field.render_kw or {}), **render_kw})
    return rendered


GOVUK = {"render_field": render_field}  # Form(formdata, meta=GOVUK)


def questions(form: BaseForm, *names: str) -> Markup:
    """Render the questions of a form in order (or those named), each revealed one beneath its choice."""
    beneath = {name for field in form for name in revealed_by(field)}
    shown = [form[name] for name in names] if names else [field for field in form if field.short_name not in beneath]
    return Markup("\n").join(field() for field in shown)


def errors_of(*forms: BaseForm) -> list[dict[str, str]]:
    """List the errors of forms in the order of the page, each with a link to the input that can mend it."""
    return [error for form in forms for error in _errors(form)]


def _errors(form: BaseForm) -> Iterator[dict[str, str]]:
    for text in form.form_errors:
        yield {"text": text}
    for field in form:
        yield from _errors_of_field(field)


def _errors_of_field(field: fields.Field) -> Iterator[dict[str, str]]:
    if isinstance(field, fields.FormField):
        yield from _errors(field.form)
    elif isinstance(field, fields.FieldList):
        for entry in field.entries:
            yield from _errors_of_field(entry)
        yield from ({"text": text, "href": f"#{field.id}"} for text in field.errors if isinstance(text, str))
    elif field.errors:
        yield {"text": str(field.errors[0]), "href": f"#{focus_of(field)}"}


def focus_of(field: fields.Field) -> str:
    """Return the id of the input that a link to this field must put the cursor in."""
    if isinstance(field, DateParts):
        wrong = next((part for part in PARTS if part in field.wrong_parts), "day")
        return f"{field.id}-{wrong}"
    return field.id
