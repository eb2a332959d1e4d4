"""Fewer components for the browser: what never changes on its own becomes plain HTML.

Every Dash component listens to the state of the whole page, so a table of a thousand cells makes each
selection take seconds. Subtrees of plain HTML are therefore handed over as text: their root stays a
component and carries the rest in ``data-html``, which ``assets/html.js`` puts in place. Graphs, inputs
and whatever a callback names stay components.
"""

from collections.abc import Mapping
from html import escape
from typing import Any

from dash.development.base_component import Component

_NAMESPACE = "dash_html_components"
_NAMES = {"className": "class", "htmlFor": "for", "tabIndex": "tabindex", "colSpan": "colspan", "rowSpan": "rowspan"}
_TEXT = str | int | float


class Markup(str):
    """HTML in which every text is escaped already, for what is long. It stands among plain HTML only.

    A component for each cell of a table takes longer than reading its rows.
    """

    __slots__ = ()


def flatten(node: Any) -> Any:
    """The same content with as few components as possible.

    Args:
        node: A component, text, nothing, or a list of these.
    """
    if isinstance(node, list | tuple):
        return [flatten(part) for part in node]
    if not isinstance(node, Component):
        return node
    children = getattr(node, "children", None)
    if children is None or (isinstance(children, _TEXT) and not isinstance(children, Markup)):
        return node
    if _is_html(node) and _is_plain(children):
        node.children = None
        setattr(node, "data-html", to_html(children))
    else:
        node.children = flatten(children)
    return node


def to_html(node: Any) -> str:
    """Plain content as HTML, every text escaped.

    Args:
        node: As for :func:`flatten`, of components of ``dash.html`` only.
    """
    if node is None:
        return ""
    if isinstance(node, Markup):
        return node
    if isinstance(node, list | tuple):
        return "".join(to_html(part) for part in node)
    if not isinstance(node, Component):
        return escape(str(node))
    properties = node.to_plotly_json()["props"]  # type: ignore[no-untyped-call]
    tag = node._type.lower()
    written = attributes({name: value for name, value in properties.items() if name != "children"})
    return f"<{tag}{written}>{to_html(properties.get('children'))}</{tag}>"


def attributes(properties: Mapping[str, Any]) -> str:
    """Properties of a component as the attributes of a tag, each with a blank before it."""
    return "".join(_attribute(name, value) for name, value in sorted(properties.items()))


def _attribute(name: str, value: Any) -> str:
    if value is None or value is False:
        return ""
    if isinstance(value, Mapping):
        value = ";".join(f"{key}:{part}" for key, part in value.items())
    written = _NAMES.get(name, name)
    if value is True:
        return f" {written}"
    # JSON is full of double quotes, and a third longer where each of them is escaped.
    text = escape(str(value), quote=False)
    return f" {written}='{text.replace(chr(39), '&#39;')}'" if '"' in text else f' {written}="{text}"'


def _is_html(node: Component) -> bool:
    # An id in parts is there for a callback to find.
    return node._namespace == _NAMESPACE and not isinstance(getattr(node, "id", None), dict)


def _is_plain(node: Any) -> bool:
    if isinstance(node, list | tuple):
        return all(_is_plain(part) for part in node)
    if not isinstance(node, Component):
        return True
    return _is_html(node) and _is_plain(getattr(node, "children", None))
