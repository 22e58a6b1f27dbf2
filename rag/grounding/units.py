"""Units that news measures in, each with its dimension and its size in a base unit.

Money has no rates: dollars and euros are dimensions of their own.
"""

from __future__ import annotations

from dataclasses import dataclass


@dataclass(frozen=True, slots=True)
class Unit:
    """A unit: what it measures, and how many base units it is."""

    dimension: str
    factor: float = 1.0


def _named(dimension: str, sizes: dict[str, float]) -> dict[str, Unit]:
    return {name: Unit(dimension, size) for names, size in sizes.items() for name in names.split()}


UNITS: dict[str, Unit] = {
    "%": Unit("percent"),
    "per cent": Unit("percent"),
    "percentage point": Unit("percent"),
    "percentage points": Unit("percent"),
    **_named("percent", {"percent pct": 1.0}),
    "us dollars": Unit("$"),
    **_named("$", {"$ dollar dollars": 1.0}),
    **_named("€", {"€ euro euros": 1.0}),
    **_named("£", {"£ pound pounds": 1.0, "pence": 0.01}),
    **_named("¥", {"¥ yen": 1.0}),
    **_named(
        "metres",
        {
            "m metre metres meter meters": 1.0,
            "km kilometre kilometres kilometer kilometers": 1_000.0,
            "cm centimetre centimetres centimeter centimeters": 0.01,
            "mile miles": 1_609.344,
            "foot feet ft": 0.3048,
            "inch inches": 0.0254,
            "yard yards": 0.9144,
        },
    ),
    "year-old": Unit("age"),
    "years old": Unit("age"),
    **_named("mph", {"mph": 1.0, "kph kmh": 0.621371}),
    **_named(
        "kilograms",
        {
            "kg kilogram kilograms kilo kilos": 1.0,
            "tonne tonnes": 1_000.0,
            "ton tons": 907.185,
            "lb lbs": 0.453592,
            "ounce ounces": 0.0283495,
        },
    ),
    **_named("hectares", {"hectare hectares": 1.0, "acre acres": 0.404686}),
    **_named(
        "days",
        {
            "minute minutes": 1 / 1440,
            "hour hours": 1 / 24,
            "day days": 1.0,
            "week weeks": 7.0,
            "month months": 365 / 12,
            "year years": 365.0,
            "decade decades": 3_650.0,
        },
    ),
}
