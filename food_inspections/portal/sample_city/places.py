"""The establishments of the sample city: who is where, since when, and until when.

Places hold one business after the other; a new one has its own name and licence. How
clean they are belongs in ``hygiene``.
"""

from dataclasses import dataclass

import numpy as np
import pandas as pd

from food_inspections.portal.sample_city.parameters import CityParameters
from food_inspections.portal.sample_city.randomness import stream
from food_inspections.portal.sample_city.words import (
    CHAINS,
    ENDINGS,
    FACILITY_TYPES,
    KITCHENS,
    OWNERS,
    STREET_KINDS,
    STREETS,
)

ZIP_COUNT = 56
YEARS_IN_BUSINESS = 11.0
WEEKS_A_YEAR = 52
EVENT_SHARE = 0.01
CHAIN_SHARE = 0.15
RISKS = ("Risk 1 (High)", "Risk 2 (Medium)", "Risk 3 (Low)")
_CENTRE = (41.84, -87.69)
_ALWAYS = 10_000


@dataclass(frozen=True)
class Places:
    """All businesses of the period, in arrays of one length; ``frame`` holds what is published of them.

    Attributes:
        frame: ``dba_name``, ``aka_name``, ``license_``, ``facility_type``, ``risk``, ``address``,
            ``zip``, ``latitude``, ``longitude``: text, with the gaps the portal has.
        zip_index: Neighbourhood.
        type_effect: Effect of the kind of establishment on the logarithm of the violation rate.
        risk_index: 0 high, 1 medium, 2 low.
        opens, closes: Week numbers; open from the one until before the other.
        is_event: A stall without licence, seen in summer only.
    """

    frame: pd.DataFrame
    zip_index: np.ndarray
    type_effect: np.ndarray
    risk_index: np.ndarray
    opens: np.ndarray
    closes: np.ndarray
    is_event: np.ndarray


def make_places(plan: CityParameters) -> Places:
    """Open and close businesses until the period is over."""
    rounds = []
    # The first businesses have been open for a while.
    vacant = np.full(plan.establishments, -_ALWAYS)
    turn = 0
    while vacant.min() < plan.week_count:
        opens = vacant if turn == 0 else vacant + 1 + stream(plan.seed, "gap", turn).geometric(0.12, len(vacant))
        life = stream(plan.seed, "life", turn).exponential(YEARS_IN_BUSINESS * WEEKS_A_YEAR, len(vacant))
        closes = (0 if turn == 0 else opens) + 1 + life.astype(int)
        rounds.append(_businesses(plan, turn, opens, closes))
        vacant = closes
        turn += 1
    businesses = pd.concat([*rounds, _event_stalls(plan)], ignore_index=True)
    types = list(FACILITY_TYPES)
    return Places(
        frame=_published(businesses),
        zip_index=businesses["zip_index"].to_numpy(),
        type_effect=np.array([FACILITY_TYPES[name][1] if name in types else 0.0 for name in businesses["type"]]),
        risk_index=businesses["risk_index"].to_numpy(),
        opens=businesses["opens"].to_numpy(),
        closes=businesses["closes"].to_numpy(),
        is_event=businesses["is_event"].to_numpy(dtype=bool),
    )


def _businesses(plan: CityParameters, turn: int, opens: np.ndarray, closes: np.ndarray) -> pd.DataFrame:
    """One business for every place; the place keeps its address, and mostly its kind."""
    size = plan.establishments
    sites = _sites(plan.seed, size, "site")
    draw = stream(plan.seed, "kind", 0).random(size)
    changes = stream(plan.seed, "change", turn).random(size) < 0.2
    draw = np.where(changes & (turn > 0), stream(plan.seed, "kind", turn).random(size), draw)
    names = list(FACILITY_TYPES)
    shares = np.cumsum([FACILITY_TYPES[name][0] for name in names])
    types = np.array(names, dtype=object)[np.searchsorted(shares / shares[-1], draw)]
    risk_shares = np.cumsum([FACILITY_TYPES[name][2] for name in types], axis=1)
    risk = (stream(plan.seed, "risk", turn).random(size)[:, None] > risk_shares).sum(axis=1).clip(max=2)
    frame = sites.assign(type=types, risk_index=risk, opens=opens, closes=closes, is_event=False)
    frame["dba_name"], frame["aka_name"] = _names(plan.seed, turn, types)
    licence = 1_000_000 + turn * 400_000 + np.arange(size) * 7
    # A place under two licences, and a licence at two addresses: the neighbour in the list shares it.
    pairs = stream(plan.seed, "pairs", turn).random(size)
    follows_site = (pairs < 0.01) & (np.arange(size) > 0)
    for column in ("address", "latitude", "longitude", "zip_index", "dba_name", "aka_name"):
        frame[column] = np.where(follows_site, frame[column].shift(1), frame[column])
    follows_licence = (pairs > 0.995) & (np.arange(size) > 0)
    licence = np.where(follows_licence, licence - 7, licence).astype(str).astype(object)
    frame["license_"] = np.where(pairs[::-1] < 0.003, "0", licence)
    frame["zip_index"] = frame["zip_index"].astype(int)
    return frame


def _event_stalls(plan: CityParameters) -> pd.DataFrame:
    size = max(2, int(plan.establishments * EVENT_SHARE))
    types = np.full(size, "Special Event", dtype=object)
    frame = _sites(plan.seed, size, "event")
    frame["dba_name"], frame["aka_name"] = _names(plan.seed, -1, types)
    licences = np.array(["0", None], dtype=object)[stream(plan.seed, "event licence").integers(0, 2, size)]
    return frame.assign(type=types, risk_index=1, opens=-_ALWAYS, closes=_ALWAYS, is_event=True, license_=licences)


def _sites(seed: int, size: int, purpose: str) -> pd.DataFrame:
    """Addresses around the centres of the neighbourhoods."""
    zips = stream(seed, f"{purpose} zip").integers(0, ZIP_COUNT, size)
    centres = stream(0, "centres").uniform(-1, 1, (ZIP_COUNT, 2)) * (0.17, 0.14) + _CENTRE
    spread = stream(seed, f"{purpose} spread").normal(0, 0.008, (size, 2))
    points = (centres[zips] + spread).round(14)
    numbers = stream(seed, f"{purpose} number").integers(1, 9900, size)
    sides = stream(seed, f"{purpose} side").integers(0, 4, size)
    streets = stream(seed, f"{purpose} street").integers(0, len(STREETS), size)
    kinds = stream(seed, f"{purpose} street kind").integers(0, len(STREET_KINDS), size)
    addresses = [
        f"{number} {'NSEW'[side]} {STREETS[street]} {STREET_KINDS[kind]} "
        for number, side, street, kind in zip(numbers, sides, streets, kinds, strict=True)
    ]
    return pd.DataFrame(
        {
            "address": np.array(addresses, dtype=object),
            "zip_index": zips,
            "latitude": points[:, 0],
            "longitude": points[:, 1],
        }
    )


def _names(seed: int, turn: int, types: np.ndarray) -> tuple[np.ndarray, np.ndarray]:
    """Names and "also known as": a chain's branches share the second, or both."""
    size = len(types)
    keys = (turn,) if turn >= 0 else (0, 1)
    picks = {
        word: stream(seed, f"name {word}", *keys).random(size) for word in ("chain", "which", "owner", "end", "no")
    }
    names, also = [], []
    for i, kind in enumerate(types):
        endings = ENDINGS[kind]
        ending = endings[int(picks["end"][i] * len(endings))]
        if kind == "Restaurant" and picks["chain"][i] < CHAIN_SHARE:
            # Some chains are larger than others.
            chain = CHAINS[int(picks["which"][i] ** 2 * len(CHAINS))]
            names.append(f"{chain} #{int(picks['no'][i] * 900) + 100}" if picks["owner"][i] < 0.4 else chain)
            also.append(chain)
            continue
        first = OWNERS[int(picks["owner"][i] * len(OWNERS))]
        second = KITCHENS[int(picks["which"][i] * len(KITCHENS))]
        number = int(picks["no"][i] * 40)
        name = f"{first}'S {second} {ending}" if number else f"{second} {ending}, INC."
        names.append(name)
        also.append(name.removesuffix(", INC.") if picks["chain"][i] > 0.2 else "")
    return np.array(names, dtype=object), np.array(also, dtype=object)


def _published(businesses: pd.DataFrame) -> pd.DataFrame:
    return pd.DataFrame(
        {
            "dba_name": businesses["dba_name"],
            "aka_name": businesses["aka_name"].replace("", None),
            "license_": businesses["license_"],
            "facility_type": businesses["type"],
            "risk": np.array(RISKS, dtype=object)[businesses["risk_index"]],
            "address": businesses["address"],
            "zip": (60601 + businesses["zip_index"]).astype(str).astype(object),
            "latitude": businesses["latitude"].map(repr),
            "longitude": businesses["longitude"].map(repr),
        }
    )
