"""What a page is made of: controls that write the address, and regions that read it.

A region is drawn again when one of the address's parameters it names has changed, and
only then: turning a page of the queue's table does not send its map again.
"""

from collections.abc import Callable, Sequence
from dataclasses import dataclass
from typing import Literal

from dash.development.base_component import Component
from sqlalchemy import Connection

from food_inspections.monitor.routing.view import View
from food_inspections.settings import Settings

Option = tuple[str, str]
# What a region is filled with; nothing stands for a part that is not there.
Drawn = Component | Sequence[Component | None]


@dataclass(frozen=True)
class Site:
    """Where the dashboard lives.

    Attributes:
        settings: The program's settings.
        prefix: Path it is served under, with a slash at both ends.
    """

    settings: Settings
    prefix: str = "/"

    def href(self, path: str, search: str = "") -> str:
        """The address of a page, given its path without prefix."""
        return self.prefix + path.removeprefix("/") + ("" if search == "?" else search)

    def path_of(self, pathname: str | None) -> str:
        """The path of an address without the prefix, always with one leading slash and none at the end."""
        bare = (pathname or "/").rstrip("/") + "/"
        return "/" + bare.removeprefix(self.prefix).strip("/")


@dataclass(frozen=True)
class Request:
    """What a page or a region is drawn from.

    Attributes:
        site: Where the dashboard lives.
        connection: Reads the database while this is drawn.
        view: The page's address.
    """

    site: Site
    connection: Connection
    view: View

    @property
    def settings(self) -> Settings:
        """The program's settings."""
        return self.site.settings


@dataclass(frozen=True)
class Control:
    """A selection the reader can make; its key is the parameter in the address.

    Attributes:
        key: Parameter of the address.
        label: What it is called on the page.
        kind: How it is drawn.
        value: What is selected.
        default: What is selected without the parameter.
        options: Pairs of value and label.
        is_several: Takes several values, in the address with commas between them.
        is_pinned: Written into the address with the first selection of any kind: a week
            that moves on by itself must not move in a link sent to a colleague.
        placeholder: What an empty one says.
    """

    key: str
    label: str
    kind: str
    value: str
    default: str
    options: Sequence[Option] = ()
    is_several: bool = False
    is_pinned: bool = False
    placeholder: str = ""


@dataclass(frozen=True)
class Region:
    """A part of a page that is drawn on its own.

    Attributes:
        name: Unique within the page.
        keys: Parameters of the address it depends on.
        draw: From the request to its content.
        class_name: For the style sheet.
        is_aside: Stands in a column of its own, that stays in sight while the rest scrolls.
        needs: What the city must provide for it, of ``Profile.provides``; without it the page has no such part.
    """

    name: str
    keys: frozenset[str]
    draw: Callable[[Request], Drawn]
    class_name: str = ""
    is_aside: bool = False
    needs: str | None = None


@dataclass(frozen=True)
class Page:
    """One page of the dashboard.

    Attributes:
        path: Its address, without prefix.
        name: In the navigation.
        title: Its heading.
        lead: The question it answers, in a sentence.
        controls: The selections it offers; a component instead where there is nothing to show yet.
        regions: Its parts, in order.
        resets: Parameters that any control takes out of the address, e.g. the number of the table's page.
        class_name: For the style sheet.
        has_charts: Whether it needs Plotly, which is then fetched beside the page rather than after it.
        group: What it is about, in the navigation: the week's ``work``, the ``model`` or the ``program``. Pages
            of one group stand together.
    """

    path: str
    name: str
    title: str
    lead: str
    controls: Callable[[Request], Sequence[Control] | Component]
    regions: Sequence[Region]
    resets: Sequence[str] = ()
    class_name: str = ""
    has_charts: bool = False
    group: Literal["work", "model", "program"] = "model"
