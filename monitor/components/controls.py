"""Selections: each writes one parameter of the address."""

import json
from collections.abc import Sequence
from datetime import date

from dash import dcc, html
from dash.development.base_component import Component

from food_inspections.monitor.components.markup import attributes
from food_inspections.monitor.routing.page import Control, Option
from food_inspections.monitor.wording import formats


def control_id(key: str) -> dict[str, str]:
    """The id of a control, matched by the callbacks of the router."""
    return {"type": "control", "name": key}


def week_options(weeks: Sequence[date]) -> list[Option]:
    """Weeks as options, in the order given."""
    # Who searches the list types ordinary spaces.
    return [(week.isoformat(), f"{formats.week(week)} ({week.isoformat()})".replace("\u00a0", " ")) for week in weeks]


def week(key: str, label: str, weeks: Sequence[date], selected: date) -> Control:
    """A selection of a week; the newest is the default.

    Args:
        key: Parameter of the address.
        label: What it is called on the page.
        weeks: The newest first.
        selected: One of them.
    """
    return Control(
        key, label, "dropdown", selected.isoformat(), weeks[0].isoformat(), week_options(weeks), is_pinned=True
    )


def draw(control: Control) -> Component:
    """One control with its label."""
    # Dash writes a dictionary id into the page as JSON, keys sorted, without blanks.
    dom_id = json.dumps(control_id(control.key), sort_keys=True, separators=(",", ":"))
    if control.kind == "segments":
        label: Component = html.Span(control.label, className="control-label", id=f"label-{control.key}")
        field = _segments(control)
    else:
        label = html.Label(control.label, htmlFor=dom_id, className="control-label", id=f"label-{control.key}")
        field = _search(control) if control.kind == "search" else _dropdown(control)
    # Dash's dropdown is named by its value alone; the group says what the value is of.
    return html.Div(
        [label, field],
        className=f"control of-{control.kind}{' of-weeks' if control.is_pinned else ''}",
        role="group",
        **attributes({"aria-labelledby": f"label-{control.key}"}),
    )


def options_of(control: Control) -> Component:
    """New options of a control, carried by a region: the browser gives them to the control (assets/router.js)."""
    options = [{"value": value, "label": label} for value, label in control.options]
    return html.Div(hidden=True, **attributes({"data-control": control.key, "data-options": json.dumps(options)}))


def _dropdown(control: Control) -> Component:
    return dcc.Dropdown(
        id=control_id(control.key),
        options=[{"value": value, "label": label} for value, label in control.options],
        value=[value for value in control.value.split(",") if value] if control.is_several else control.value,
        multi=control.is_several,
        placeholder=control.placeholder or None,
        clearable=control.is_several,
        searchable=len(control.options) > 10,
        maxHeight=320,
        className="dropdown",
    )


def _segments(control: Control) -> Component:
    """Buttons of which one is pressed; Dash's own are options without a list, which screen readers stumble over."""
    return html.Div(
        [
            html.Button(
                label,
                type="button",
                className="segment",
                **attributes(
                    {
                        "data-choose": control.key,
                        "data-value": value,
                        "data-focus": f"choose-{control.key}-{value}",
                        "aria-pressed": "true" if value == control.value else "false",
                    }
                ),
            )
            for value, label in control.options
        ],
        className="segments",
    )


def _search(control: Control) -> Component:
    return dcc.Input(
        id=control_id(control.key),
        type="search",
        value=control.value,
        debounce=0.25,
        placeholder=control.placeholder,
        autoComplete="off",
        className="search",
    )
