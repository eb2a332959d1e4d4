"""Links to the pages of a table that the server cuts."""

from dash import html
from dash.development.base_component import Component

from food_inspections.monitor.components.markup import attributes, state_link
from food_inspections.monitor.routing.view import View


def draw(view: View, number: int, pages: int) -> Component | None:
    """First, last and nearest pages; nothing where there is but one.

    Args:
        view: The page's address.
        number: The page shown, from 1.
        pages: How many there are.
    """
    if pages < 2:
        return None
    near = sorted({1, pages, *range(max(1, number - 1), min(pages, number + 1) + 1)})
    parts: list[Component] = [_page_link("\u2039 Previous", view, number - 1, is_there=number > 1)]
    before = 0
    for page in near:
        if page > before + 1:
            parts.append(html.Span("…", className="gap"))
        if page == number:
            named = attributes({"aria-current": "page", "data-of": f" of {pages:,}"})
            parts.append(html.Span(f"{page:,}", className="current", **named))
        else:
            parts.append(_page_link(f"{page:,}", view, page))
        before = page
    parts.append(_page_link("Next \u203a", view, number + 1, is_there=number < pages))
    return html.Nav(parts, className="pager", **attributes({"aria-label": "Pages of the table"}))


def _page_link(text: str, view: View, page: int, is_there: bool = True) -> Component:
    if not is_there:
        return html.Span(text, className="off")
    return state_link(text, view, focus=f"page-{text}", page=None if page == 1 else page)
