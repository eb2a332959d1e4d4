"""Attributes of HTML that Python has no names for, and links within a page."""

from html import escape
from typing import Any

from dash import html
from dash.development.base_component import Component

from food_inspections.monitor.routing.flattening import Markup
from food_inspections.monitor.routing.view import View


def attributes(named: dict[str, str]) -> Any:
    """``aria-*`` and ``data-*`` attributes, for the double star of a component.

    Dash takes them, but its type hints know fixed names only.
    """
    return named


def name_of(part: str) -> Markup:
    """A name of the program's; where there is no room for it, it goes on in another line after an underscore."""
    return Markup("_<wbr>".join(escape(word) for word in part.split("_")))


def code(part: str) -> Component:
    """Such a name, set as one."""
    return html.Code(name_of(part))


def state_link(content: Any, view: View, focus: str = "", **changes: Any) -> Component:
    """A link that changes parameters of the page's address, and leaves the others as they are when it is followed.

    Args:
        content: What it says.
        view: The address it is drawn for; where it leads in another tab.
        focus: Names it on the page, so that it has the focus again after it was drawn anew.
        **changes: Parameters with their new values, and properties of the link: ``className``, ``title`` and
            ``named`` (further attributes).
    """
    properties = {name: changes.pop(name) for name in ("className", "title") if name in changes}
    named = {"data-state": ",".join(changes), **changes.pop("named", {})}
    if focus:
        named["data-focus"] = focus
    return html.A(content, href=view.search(**changes), **properties, **attributes(named))
