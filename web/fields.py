"""From a bound form field to what its template needs; see templates/includes/field.html."""

from collections.abc import Iterable
from dataclasses import dataclass

from django import forms
from django.forms import BaseForm
from django.forms.boundfield import BoundField
from django.utils.safestring import SafeString

from web.forms import BirthDateWidget, Tile


@dataclass(frozen=True)
class Option:
    """One tile of a choice."""

    id: str
    name: str
    value: str
    kind: str  # radio or checkbox
    label: str
    hint: str
    language: str
    checked: bool


@dataclass(frozen=True)
class Part:
    """One of the three inputs of a date."""

    id: str
    name: str
    label: str
    value: str
    autocomplete: str
    wrong: bool


@dataclass(frozen=True)
class Control:
    """How one field is drawn."""

    template: str
    html: SafeString | str = ""
    options: tuple[Option, ...] = ()
    parts: tuple[Part, ...] = ()
    described_by: str = ""
    first_id: str = ""


@dataclass(frozen=True)
class Problem:
    """One line of the error summary; `anchor` is empty when the whole form is meant."""

    anchor: str
    label: str
    text: str

    @property
    def line(self) -> str:
        """Label and text; a label that is a question keeps its own mark."""
        if not self.label:
            return self.text
        return f"{self.label} {self.text}" if self.label.endswith(("?", ":", ".")) else f"{self.label}: {self.text}"


def describe(bound: BoundField) -> Control:
    """Choose the template by the kind of widget."""
    widget = bound.field.widget
    if isinstance(widget, BirthDateWidget):
        return _date(bound, widget)
    if isinstance(widget, (forms.RadioSelect, forms.CheckboxSelectMultiple)):
        return _choices(bound)
    if isinstance(widget, forms.CheckboxInput):
        return _single_choice(bound)
    css = "kern-form-input__select" if isinstance(widget, forms.Select) else "kern-form-input__input"
    if bound.errors:
        css += f" {css}--error"
    template = "includes/select_field.html" if isinstance(widget, forms.Select) else "includes/field.html"
    return Control(template, html=bound.as_widget(attrs={"class": css}), first_id=bound.id_for_label)


def _described_by(bound: BoundField) -> str:
    ids = []
    if bound.help_text:
        ids.append(f"{bound.auto_id}_helptext")
    if bound.errors:
        ids.append(f"{bound.auto_id}_error")
    return " ".join(ids)


def _date(bound: BoundField, widget: BirthDateWidget) -> Control:
    values = widget.decompress(bound.value())
    wrong = _wrong_parts(bound)
    parts = tuple(
        Part(
            id=f"{bound.auto_id}_{part}",
            name=f"{bound.html_name}_{part}",
            label=str(label),
            value=value,
            autocomplete=f"bday-{part}" if widget.autocomplete else "off",
            wrong=part in wrong,
        )
        for (part, label), value in zip(widget.parts, values, strict=True)
    )
    anchor = next((part.id for part in parts if part.wrong), parts[0].id)
    return Control("includes/date_field.html", parts=parts, described_by=_described_by(bound), first_id=anchor)


def _wrong_parts(bound: BoundField) -> set[str]:
    """The parts an error speaks of; all three when it speaks of the date as a whole."""
    if not bound.errors:
        return set()
    named = {part for error in bound.errors.as_data() for part in (error.params or {}).get("parts", ())}
    return named or {"day", "month", "year"}


def _choices(bound: BoundField) -> Control:
    options = tuple(
        Option(
            id=data["attrs"].get("id", ""),
            name=data["name"],
            value=str(data["value"]),
            kind=data["type"],
            label=str(data["label"]),
            hint=str(data["label"].hint) if isinstance(data["label"], Tile) else "",
            language=data["label"].language if isinstance(data["label"], Tile) else "",
            checked=bool(data["selected"]),
        )
        for data in (subwidget.data for subwidget in bound.subwidgets)
    )
    first = options[0].id if options else bound.auto_id
    return Control("includes/choices.html", options=options, described_by=_described_by(bound), first_id=first)


def _single_choice(bound: BoundField) -> Control:
    data = bound.subwidgets[0].data
    option = Option(
        id=bound.auto_id,
        name=bound.html_name,
        value=str(data["value"] or "on"),
        kind="checkbox",
        label=str(bound.label),
        hint=str(bound.help_text),
        language="",
        checked=bool(data["attrs"].get("checked")),
    )
    return Control("includes/single_choice.html", options=(option,), first_id=bound.auto_id)


def summary(bound_forms: Iterable[BaseForm]) -> list[Problem]:
    """Every error of the forms in the order of their fields, form-wide ones first."""
    problems = []
    for form in bound_forms:
        if not form.is_bound:
            continue
        problems += [Problem("", "", str(text)) for text in form.non_field_errors()]
        for bound in form:
            anchor = describe(bound).first_id if bound.errors and not bound.is_hidden else ""
            problems += [Problem(anchor, str(bound.label), str(text)) for text in bound.errors]
    return problems
