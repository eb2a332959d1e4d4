"""Labels as data: comparisons of one column each, joined by any or all. Nothing is evaluated as code."""

from typing import Literal, Self

from pydantic import Field, model_validator

from food_inspections.domain.city.section import Section, Texts

NUMBER_FIELDS = ("points", "violations", "critical_violations", "serious_violations", "minor_violations")
TEXT_FIELDS = ("result", "inspection_type", "kind", "risk")
RuleField = Literal[
    "result",
    "inspection_type",
    "kind",
    "risk",
    "points",
    "violations",
    "critical_violations",
    "serious_violations",
    "minor_violations",
]

_TEXT_COMPARISONS = ("is_", "is_not", "contains")
_NUMBER_COMPARISONS = ("at_least", "above", "at_most", "below")


class Rule(Section):
    """One comparison, or several joined.

    A comparison names a ``field`` (a normalised value) or a ``column`` of the portal, and one thing it is
    compared with. Where the value is missing the answer is unknown, never no.
    """

    any_: "list[Rule] | None" = Field(default=None, alias="any", min_length=1, description="a list of rules")
    all_: "list[Rule] | None" = Field(default=None, alias="all", min_length=1, description="a list of rules")
    field: RuleField | None = Field(default=None, description="a normalised field")
    column: str | None = Field(default=None, min_length=1, description="a column of the portal")
    is_: Texts | None = Field(default=None, alias="is", description="a list of texts")
    is_not: Texts | None = Field(default=None, description="a list of texts")
    contains: Texts | None = Field(default=None, description="a list of pieces of text")
    at_least: float | None = Field(default=None, description="a number")
    above: float | None = Field(default=None, description="a number")
    at_most: float | None = Field(default=None, description="a number")
    below: float | None = Field(default=None, description="a number")

    @property
    def parts(self) -> "list[Rule]":
        """The joined rules; none of a comparison."""
        return [*(self.any_ or []), *(self.all_ or [])]

    @property
    def comparison(self) -> str:
        """Name of the one comparison that was given."""
        return self._comparisons()[0]

    @property
    def is_numeric(self) -> bool:
        """Whether a comparison is one of numbers."""
        return self.comparison in _NUMBER_COMPARISONS

    def comparisons(self) -> "list[Rule]":
        """The rule's single comparisons, however they are joined."""
        return [single for part in self.parts for single in part.comparisons()] if self.parts else [self]

    def _comparisons(self) -> list[str]:
        return [name for name in (*_TEXT_COMPARISONS, *_NUMBER_COMPARISONS) if getattr(self, name) is not None]

    @model_validator(mode="after")
    def _is_one_thing(self) -> Self:
        sources = [name for name in ("field", "column") if getattr(self, name) is not None]
        if self.any_ is not None or self.all_ is not None:
            if sources or self._comparisons() or (self.any_ is not None and self.all_ is not None):
                raise ValueError("a rule joins others by 'any' or by 'all' and then says nothing else: split it")
            return self
        if len(sources) != 1:
            raise ValueError("a rule compares one thing: name either a 'field' or a 'column'")
        if len(self._comparisons()) != 1:
            raise ValueError(
                "a rule makes one comparison: give one of is, is_not, contains, at_least, above, at_most, below, "
                "and join several by 'all'"
            )
        if self.field in NUMBER_FIELDS and not self.is_numeric:
            raise ValueError(f"{self.field} is a number: compare it by at_least, above, at_most or below")
        if self.field in TEXT_FIELDS and self.is_numeric:
            raise ValueError(f"{self.field} is a word: compare it by is, is_not or contains")
        return self


class Labels(Section):
    """What a deployment may forecast."""

    fail: Rule = Field(description="a rule that says when an inspection failed")
    critical: Rule | None = Field(default=None, description="a rule that says when something critical was found")
