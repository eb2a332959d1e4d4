"""Take the pictures of the dashboard that the documentation shows.

``python -m food_inspections_tests.monitor.screenshots http://127.0.0.1:8050`` with the dashboard running;
``--all`` takes every page, at three sizes, in both themes, and on paper.
"""

import base64
from pathlib import Path

import click
from selenium.webdriver import Chrome

from food_inspections.monitor.pages import PAGES
from food_inspections_tests.monitor.browser import (
    PHONE,
    open_page,
    set_dark,
    set_size,
    start_browser,
)

# High enough for the first charts of a page.
PICTURE = (1440, 1100)
SIZES = {"wide": (1440, 900), "narrow": (1024, 768), "phone": PHONE}
PAPER = (794, 1123)


@click.command()
@click.argument("url")
@click.option("--folder", type=click.Path(path_type=Path), default=Path("docs/images"), show_default=True)
@click.option("--all", "is_all", is_flag=True, help="Every page, at every size, light, dark and printed.")
def main(url: str, folder: Path, is_all: bool) -> None:
    """Write PNG files of the dashboard at URL."""
    folder.mkdir(parents=True, exist_ok=True)
    with start_browser() as driver:
        if is_all:
            for page in PAGES:
                _shoot_page(driver, url + page.path, folder, page.name.lower().replace(" ", "_"))
            return
        _shoot(driver, f"{url}/queue", PICTURE, False)
        _save(driver, folder / "monitor_queue.png", PICTURE)
        _shoot(driver, f"{url}/scores", PICTURE, False)
        _save(driver, folder / "monitor_scores.png", PICTURE)


def _shoot_page(driver: Chrome, url: str, folder: Path, name: str) -> None:
    for size_name, size in SIZES.items():
        for theme in ("light", "dark"):
            _shoot(driver, url, size, theme == "dark")
            _save(driver, folder / f"{name}_{size_name}_{theme}.png", size, is_whole=True)
    _shoot(driver, url, PAPER, False)
    driver.execute_cdp_cmd("Emulation.setEmulatedMedia", {"media": "print"})
    _save(driver, folder / f"{name}_paper.png", PAPER, is_whole=True)
    driver.execute_cdp_cmd("Emulation.setEmulatedMedia", {"media": ""})


def _shoot(driver: Chrome, url: str, size: tuple[int, int], is_dark: bool) -> None:
    set_size(driver, size)
    set_dark(driver, is_dark)
    open_page(driver, url)


def _save(driver: Chrome, path: Path, size: tuple[int, int], is_whole: bool = False) -> None:
    height = driver.execute_script("return document.documentElement.scrollHeight") if is_whole else size[1]
    picture = driver.execute_cdp_cmd(
        "Page.captureScreenshot",
        {
            "format": "png",
            "captureBeyondViewport": is_whole,
            "clip": {"x": 0, "y": 0, "width": size[0], "height": height, "scale": 1},
        },
    )
    path.write_bytes(base64.b64decode(picture["data"]))
    click.echo(f"{path}: {size[0]} x {height}")


if __name__ == "__main__":
    main()
