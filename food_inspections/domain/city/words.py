"""The small vocabularies that a portal's spellings are normalised to."""

import re
from collections.abc import Sequence
from functools import cached_property
from typing import Literal, Self

from pydantic import Field, field_validator, model_validator

from food_inspections.domain.city.section import Section, Texts

OTHER = "other"
"""What a vocabulary does not know."""

UNKNOWN = "unknown"
"""What the portal does not say."""

_ESCAPE = re.compile(r"\\.")

VisitMeaning = Literal["first_look", "follow_up", "complaint", "not_an_inspection", "other"]
ResultMeaning = Literal[
    "pass",
    "conditional",
    "fail",
    "closed",
    "reopened",
    "no_entry",
    "not_ready",
    "out_of_business",
    "not_located",
    "other",
]


NOTHING_INSPECTED = frozenset({"out_of_business", "not_located", "no_entry", "not_ready"})
"""Results of visits at which nothing was inspected."""


class Matcher(Section):
    """Texts that mean one thing. Upper and lower case are the same.

    Attributes:
        is_: The whole text is one of these.
        contains: One of these stands somewhere in the text.
        matches: One of these regular expressions is found in the text.
    """

    is_: Texts = Field(default=[], alias="is", description="a list of whole texts")
    contains: Texts = Field(default=[], description="a list of pieces of text")
    matches: Texts = Field(default=[], description="a list of regular expressions in 'single quotes'")

    @field_validator("matches")
    @classmethod
    def _are_expressions(cls, patterns: list[str]) -> list[str]:
        for pattern in patterns:
            try:
                re.compile(pattern)
            except re.error as error:
                raise ValueError(
                    f"{pattern!r} is no regular expression ({error}): correct it or use 'contains'"
                ) from error
        return patterns

    @field_validator("is_", "contains")
    @classmethod
    def _are_not_empty(cls, texts: list[str]) -> list[str]:
        if "" in texts:
            raise ValueError("an empty text stands in the list: take it out, missing values become 'unknown' anyway")
        return texts

    @cached_property
    def _whole(self) -> frozenset[str]:
        return frozenset(text.upper() for text in self.is_)

    @cached_property
    def _pieces(self) -> tuple[str, ...]:
        return tuple(text.upper() for text in self.contains)

    @cached_property
    def _patterns(self) -> tuple[re.Pattern[str], ...]:
        # Texts are compared in upper case. A pattern in upper case needs no folding, and is searched ten times faster.
        return tuple(
            re.compile(pattern, 0 if _ESCAPE.sub("", pattern).isupper() else re.IGNORECASE) for pattern in self.matches
        )

    @property
    def is_empty(self) -> bool:
        """Whether nothing was given to look for."""
        return not (self.is_ or self.contains or self.matches)

    def fits(self, text: str) -> bool:
        """Whether a text means this."""
        return self.fits_upper(text.upper())

    def fits_upper(self, upper: str) -> bool:
        """:meth:`fits` of a text that is in upper case already: long ones are not folded for every word."""
        return (
            upper in self._whole
            or any(piece in upper for piece in self._pieces)
            or any(pattern.search(upper) for pattern in self._patterns)
        )


class Word(Matcher):
    """One word of a vocabulary and the spellings that mean it."""

    word: str = Field(min_length=1, description="the word that pages show")
    days_between_visits: int | None = Field(
        default=None, ge=1, description="a whole number of days, where a rule says how often to visit"
    )

    @model_validator(mode="after")
    def _has_spellings(self) -> Self:
        if self.is_empty:
            raise ValueError(f"the word {self.word!r} has no spellings: add 'is', 'contains' or 'matches'")
        return self


class VisitType(Word):
    """A kind of visit and what it means.

    ``is_full`` says that the visit looks at a running business as a whole without being announced or
    about one thing only, so that its outcome compares with a first look's.
    """

    meaning: VisitMeaning = Field(description="first_look, follow_up, complaint, not_an_inspection or other")
    is_full: bool | None = Field(default=None, description="true or false; by default true of first looks")

    @property
    def is_full_visit(self) -> bool:
        """Whether its outcomes count among those of first looks."""
        return self.meaning in ("first_look", "complaint") if self.is_full is None else self.is_full


class Result(Word):
    """A result and what it means."""

    meaning: ResultMeaning = Field(
        description="pass, conditional, fail, closed, reopened, no_entry, not_ready, out_of_business, "
        "not_located or other"
    )


def word_of(text: str, words: Sequence[Word]) -> str:
    """The first word whose spellings fit; ``other`` where none does."""
    upper = text.upper()
    return next((word.word for word in words if word.fits_upper(upper)), OTHER)
