"""GOV.UK widgets for WTForms: those of govuk-frontend-wtf, with four defects mended and hints, reveals and dividers.

What a field's `render_kw` may say: `heading` (the label is the h1 of the page), `size` (s, m, l, xl), `hide_label`,
`width` (2, 3, 4, 5, 10, 20, 30 or "two-thirds"), `classes`, `prefix`, `suffix`, `rows`, `count` (characters),
`inline`, `small`, `params` (merged into GOV.UK's own). Anything else becomes an attribute of the input.
"""

from copy import deepcopy
from typing import Any

from flask import current_app
from govuk_frontend_wtf import wtforms_widgets as gov
from govuk_frontend_wtf.gov_form_base import GovFormBase
from markupsafe import Markup
from wtforms.fields import Field

from infrastructure.questions import PARTS, DateParts

Params = dict[str, Any]
FRACTIONS = {"full", "three-quarters", "two-thirds", "one-half", "one-third", "one-quarter"}
OURS = "heading size hide_label width classes class prefix suffix rows count inline small".split()


def render_component(component: str, params: Params) -> Markup:
    """Render one GOV.UK component by calling its macro, which is compiled once."""
    path = f"govuk_frontend_jinja/components/{component}/macro.html"
    name = "govuk" + "".join(word.capitalize() for word in component.split("-"))
    rendered: Markup = getattr(current_app.jinja_env.get_template(path).module, name)(params)
    return rendered


class Mended:
    """What all our widgets share: our words for `render_kw`, no HTML `required` (the service says it in words)."""

    component = "input"

    def __call__(self, field: Field, **kwargs: Any) -> Markup:
        ours = {name: kwargs.pop(name) for name in OURS if name in kwargs}
        kwargs["required"] = False  # or the parent would add it; dropped in finish()
        if "params" in kwargs:
            kwargs["params"] = deepcopy(kwargs["params"])  # defect: the parent changes what the class declared
        params: Params = super().__call__(field, **kwargs)  # type: ignore[misc]  # render() below hands them back
        return render_component(self.component_for(ours), self.finish(field, params, ours))

    def render(self, params: Params) -> Params:
        return params

    def component_for(self, ours: Params) -> str:
        return self.component

    def finish(self, field: Field, params: Params, ours: Params) -> Params:
        """Put our words where GOV.UK's macro looks for them."""
        params.get("attributes", {}).pop("required", None)
        if not (params.get("hint") or {}).get("text"):
            params.pop("hint", None)  # defect: an empty hint, announced by a screen reader
        question = self.question_of(params)
        classes = [ours[name] for name in ("classes", "class") if name in ours]
        if "width" in ours:
            classes.append(f"govuk-{'!' if ours['width'] in FRACTIONS else 'input-'}-width-{ours['width']}")
        classes += [f"govuk-{self.component}--{name}" for name in ("inline", "small") if ours.get(name)]
        if classes:
            params["classes"] = " ".join(classes)
        size = ours.get("size") or ("l" if ours.get("heading") else "")
        marks = [f"govuk-{self.label_class}--{size}"] if size else []
        if ours.get("hide_label"):
            marks.append("govuk-visually-hidden")
        question.update({"classes": " ".join(marks)} if marks else {})
        question.update({"isPageHeading": True} if ours.get("heading") else {})
        for name in ("prefix", "suffix"):
            if name in ours:
                params[name] = {"text": ours[name]}
        return params

    def question_of(self, params: Params) -> Params:
        """Return where the words of the question stand: the legend of a group, or the label of one input."""
        if "fieldset" in params:
            params = params["fieldset"]
        question: Params = params.setdefault("label" if "legend" not in params else "legend", {})
        return question

    @property
    def label_class(self) -> str:
        return "fieldset__legend" if self.component in {"radios", "checkboxes", "date-input"} else "label"


class TextInput(Mended, gov.GovTextInput):
    """A line of text; email, telephone and number are told by the type of the field."""


class EmailInput(TextInput):
    input_type = "email"


class TelephoneInput(TextInput):
    input_type = "tel"


class SearchInput(TextInput):
    input_type = "search"


class PasswordInput(Mended, gov.GovPasswordInput):
    """A password that can be shown; what was typed is never sent back."""

    component = "password-input"

    def finish(self, field: Field, params: Params, ours: Params) -> Params:
        params["autocomplete"] = params["attributes"].pop("autocomplete", "current-password")
        return super().finish(field, params, ours)


class FileInput(Mended, gov.GovFileInput):
    component = "file-upload"


class SubmitButton(Mended, gov.GovSubmitInput):
    component = "button"


def kept_lines(text: str) -> Markup:
    """Return a text that a textarea shows as it was typed: macros indent new lines, and HTML drops a first one."""
    lines = text.replace("\r\n", "\n").replace("\r", "\n")
    return Markup("&#10;").join((f"\n{lines}" if lines.startswith("\n") else lines).split("\n"))


class TextArea(Mended, gov.GovTextArea):
    """Several lines, counted where `count` is given. Nothing typed is ever cut off."""

    component = "textarea"

    def component_for(self, ours: Params) -> str:
        return "character-count" if "count" in ours else "textarea"

    def finish(self, field: Field, params: Params, ours: Params) -> Params:
        params = super().finish(field, params, ours)
        params["value"] = kept_lines(params.get("value") or "")
        params["rows"] = ours.get("rows", 5)
        if "count" in ours:
            params["maxlength"] = ours["count"]
        return params


class Select(Mended, gov.GovSelect):
    component = "select"


class Choices(Mended):
    """What radios and checkboxes share: a hint, a divider and a revealed question for each choice."""

    def finish(self, field: Field, params: Params, ours: Params) -> Params:
        params["idPrefix"] = field.id
        params = super().finish(field, params, ours)
        items: list[Params] = []
        for item, option in zip(params["items"], field, strict=True):  # type: ignore[call-overload]
            extras = getattr(getattr(option, "choice", None), "render_kw", None) or {}
            if "divider" in extras:
                items.append({"divider": extras["divider"]})
            if "hint" in extras:
                item["hint"] = {"text": extras["hint"]}
            if extras.get("exclusive"):
                item["behaviour"] = "exclusive"
            if revealed := self.revealed(field, extras):
                item["conditional"] = {"html": revealed}
            items.append(item)
        params["items"] = items
        return params

    def revealed(self, field: Field, extras: Params) -> Markup | None:
        """Render the question that this choice reveals. GOV.UK hides it by script only: with none it always shows."""
        form = getattr(field, "_form", None)
        return form[extras["reveals"]]() if form is not None and "reveals" in extras else None


class Radios(Choices, gov.GovRadioInput):
    component = "radios"


class Checkboxes(Choices, gov.GovCheckboxesInput):
    component = "checkboxes"


class Checkbox(Mended, gov.GovCheckboxInput):
    """A single tick box: its label stands beside the box, so it needs no legend."""

    component = "checkboxes"

    def finish(self, field: Field, params: Params, ours: Params) -> Params:
        params["idPrefix"] = field.id
        params["items"][0]["value"] = "y"  # or a forged value would come back as ours
        params = super().finish(field, params, ours)
        if hint := params.pop("hint", None):  # beneath the words beside the box, not above them both
            params["items"][0]["hint"] = {"text": hint["text"]}
        return params


class DateInput(Mended, gov.GovDateInput):
    """Day, month and year. Never fails on the number of values posted; an error's link leads to the day."""

    component = "date-input"

    def map_gov_params(self, field: DateParts, **kwargs: Any) -> Params:
        birthday = kwargs.pop("autocomplete", "") == "bday"
        params: Params = GovFormBase.map_gov_params(self, field, **kwargs)  # its parent's unpacks what was posted
        params.pop("value", None)
        params["attributes"] = {}  # defect: attributes of an input would land on the group
        params["fieldset"] = {"legend": params.pop("label")}
        params["items"] = [
            {
                "label": part.capitalize(),
                "id": f"{field.id}-{part}",
                "name": field.name,
                "value": typed,
                "autocomplete": f"bday-{part}" if birthday else None,
                "inputmode": "numeric",
                "classes": f"govuk-input--width-{4 if part == 'year' else 2}"
                + (" govuk-input--error" if field.errors and part in (field.wrong_parts or PARTS) else ""),
            }
            for part, typed in zip(PARTS, field.parts, strict=True)
        ]
        return params
