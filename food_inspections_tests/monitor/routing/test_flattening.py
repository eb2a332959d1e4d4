from dash import dcc, html
from dash.development.base_component import Component

from food_inspections.monitor.routing.flattening import Markup, flatten, to_html


def children_of(node: Component) -> object:
    return getattr(node, "children", None)


def test_plain_html_becomes_text_and_its_root_stays_a_component() -> None:
    flat = flatten(html.Div([html.P(["a ", html.B("bold")], className="x"), None, "end"], id="root"))
    assert flat.id == "root"
    assert children_of(flat) is None
    assert getattr(flat, "data-html") == '<p class="x">a <b>bold</b></p>end'


def test_every_text_and_attribute_is_escaped() -> None:
    written = to_html(html.A("<script>alert('x')</script>", href='/?a="><b>', title="O'Neill & <sons>"))
    assert "<script" not in written
    assert "<b>" not in written
    assert written.startswith("<a href='/?a=\"&gt;&lt;b&gt;' title=\"O'Neill &amp; &lt;sons&gt;\">")


def test_no_quote_ends_the_attribute_it_stands_in() -> None:
    written = to_html(html.A(title="""it's "so" &#39; & 'so'"""))
    assert written == """<a title='it&#39;s "so" &amp;#39; &amp; &#39;so&#39;'></a>"""


def test_what_callbacks_and_graphs_need_stays_a_component() -> None:
    graph = dcc.Graph(id="chart")
    store = html.Div(["x"], id={"type": "region", "name": "a"})
    flat = flatten(html.Section([html.P([html.I("i")]), html.Figure([graph, html.Figcaption("c")]), store]))
    first, second, third = flat.children
    assert getattr(first, "data-html") == "<i>i</i>"
    assert second.children[0] is graph
    assert third.children == ["x"]


def test_properties_become_the_attributes_of_html() -> None:
    written = to_html(
        html.Td(
            "7",
            className="numeric",
            tabIndex=0,
            hidden=True,
            style={"width": "3%"},
            **{"data-label": "Rank", "aria-hidden": "true"},
        )
    )
    assert written == (
        '<td aria-hidden="true" class="numeric" data-label="Rank" hidden style="width:3%" tabindex="0">7</td>'
    )


def test_ready_html_is_taken_as_it_is_and_never_shown_as_text() -> None:
    cells = Markup("<td>a &amp; b</td>")
    assert to_html(html.Tr([cells, html.Td("<c>")])) == "<tr><td>a &amp; b</td><td>&lt;c&gt;</td></tr>"
    flat = flatten(html.Tr(cells, id="row"))
    assert children_of(flat) is None
    assert getattr(flat, "data-html") == cells


def test_text_nothing_and_lists_are_left_as_they_are() -> None:
    assert flatten("text") == "text"
    assert flatten(None) is None
    assert flatten([html.P("a"), None])[1] is None
