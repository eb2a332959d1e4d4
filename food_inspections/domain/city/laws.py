"""How a city writes down violations, and what its codes of law make of them."""

from datetime import date
from typing import Literal, Self

from pydantic import Field, field_validator, model_validator

from food_inspections.domain.city.section import Section, Texts
from food_inspections.domain.city.words import Matcher

SEVERITIES = ("critical", "serious", "minor")
Severity = Literal["critical", "serious", "minor"]
TOPICS = (
    "temperature",
    "handwashing",
    "pests",
    "plumbing",
    "cleaning",
    "paperwork",
    "contamination",
    "equipment",
    "building",
    "other",
)
Topic = Literal[
    "temperature",
    "handwashing",
    "pests",
    "plumbing",
    "cleaning",
    "paperwork",
    "contamination",
    "equipment",
    "building",
    "other",
]


class Finding(Matcher):
    """Violations that are alike: by code, by the portal's own flag, or by words of their text.

    A code is exact (``06C``), a beginning (``06*``) or a range of whole numbers (``1..14``).
    """

    codes: Texts = Field(default=[], description="a list of codes such as '06C', '06*' or '1..14'")
    flags: Texts = Field(default=[], description="a list of values of the flag column")

    @model_validator(mode="after")
    def _says_something(self) -> Self:
        if self.is_empty and not self.codes and not self.flags:
            raise ValueError("it catches nothing: add 'codes', 'flags', 'is', 'contains' or 'matches'")
        return self

    @field_validator("codes")
    @classmethod
    def _are_codes(cls, codes: list[str]) -> list[str]:
        for code in codes:
            first, is_range, last = code.partition("..")
            if is_range and not (first.isdecimal() and last.isdecimal() and int(first) <= int(last)):
                raise ValueError(
                    f"{code!r} is no range of codes: write two whole numbers, the smaller first, as '1..14'"
                )
        return codes

    def catches(self, code: str, flag: str, text: str) -> bool:
        """Whether a violation is one of these.

        Args:
            code: Its code, empty where it has none.
            flag: What the portal says of it, empty where it says nothing.
            text: Its text in upper case.
        """
        return (
            (bool(self.codes) and any(_is_code(code, wanted) for wanted in self.codes))
            or (bool(self.flags) and flag.upper() in {wanted.upper() for wanted in self.flags})
            or (not self.is_empty and self.fits_upper(text))
        )

    @property
    def needs_text(self) -> bool:
        """Whether the text has a say."""
        return not self.is_empty


class SeverityRule(Finding):
    """Violations of one severity."""

    severity: Severity = Field(description="critical, serious or minor")


class Law(Section):
    """One code of law and the days it is in force.

    Attributes:
        starts: First day; the first of several laws has none.
        severities: The first rule that catches a violation says how grave it is.
        other_severity: The severity of what no rule catches.
        topics: What violations are about.
        titles: Official titles by code, for parsers that need them.
    """

    name: str = Field(default="", description="a text")
    starts: date | None = Field(default=None, description="the first day of the law, such as 2018-07-01")
    severities: list[SeverityRule] = Field(default=[], description="a list of rules with a 'severity'")
    other_severity: Severity = Field(default="minor", description="critical, serious or minor")
    topics: dict[Topic, Finding] = Field(default={}, description="one table per topic")
    titles: dict[str, str] = Field(default={}, description="the official title of each code")


class Violations(Section):
    """Where violations are written and how they are read.

    ``rows`` has one violation in a row of the data set; ``text`` has all of an inspection in one column,
    taken apart by a parser that the program knows.

    Attributes:
        unpublished_from: From how many inspections on a day without any listed violation counts as one whose
            violations were not published. Off by default: a city that lists what it finds has such days, too.
    """

    form: Literal["text", "rows"] = Field(description="'text' or 'rows'")
    column: str | None = Field(default=None, description="the column of the text (form 'text')")
    parser: Literal["numbered_comments"] | None = Field(default=None, description="'numbered_comments' (form 'text')")
    code: str | None = Field(default=None, description="the column of the code (form 'rows')")
    text: str | None = Field(default=None, description="the column of the text (form 'rows')")
    flag: str | None = Field(default=None, description="the column that says how grave it is (form 'rows')")
    unpublished_from: int | None = Field(
        default=None, ge=1, description="a whole number of inspections a day, 1 or more"
    )
    laws: list[Law] = Field(default=[], description="a list of codes of law")

    @property
    def columns(self) -> tuple[str, ...]:
        """The portal's columns that hold violations."""
        return tuple(name for name in (self.column, self.code, self.text, self.flag) if name is not None)

    @property
    def has_severities(self) -> bool:
        """Whether the profile tells grave from small."""
        return any(law.severities for law in self.laws)

    @property
    def has_topics(self) -> bool:
        """Whether the profile says what violations are about."""
        return any(law.topics for law in self.laws)

    @model_validator(mode="after")
    def _fits_its_form(self) -> Self:
        if self.form == "text" and (self.column is None or self.parser is None):
            raise ValueError("the form 'text' needs 'column' and 'parser': name both")
        if self.form == "text" and (self.code or self.text or self.flag):
            raise ValueError("'code', 'text' and 'flag' belong to the form 'rows': take them out or change the form")
        if self.form == "rows" and self.code is None and self.text is None:
            raise ValueError("the form 'rows' needs 'code' or 'text': name the column that holds the violation")
        if self.form == "rows" and (self.column or self.parser):
            raise ValueError("'column' and 'parser' belong to the form 'text': take them out or change the form")
        return self

    @model_validator(mode="after")
    def _laws_follow_each_other(self) -> Self:
        starts = [law.starts for law in self.laws]
        known = [day for day in starts[1:] if day is not None]
        if starts and starts[0] is not None:
            raise ValueError("the first of 'laws' has no 'starts', because it holds from the beginning: take it out")
        if len(known) < len(starts[1:]) or known != sorted(set(known)):
            raise ValueError(
                "every law after the first needs 'starts', each later than the one before: put them in order"
            )
        flags = [rule for law in self.laws for rule in [*law.severities, *law.topics.values()] if rule.flags]
        if flags and self.flag is None:
            raise ValueError("a law looks at 'flags', but no column holds them: name it as 'flag'")
        return self


def _is_code(code: str, wanted: str) -> bool:
    first, is_range, last = wanted.partition("..")
    if is_range:
        return code.isdecimal() and int(first) <= int(code) <= int(last)
    if wanted.endswith("*"):
        return code.upper().startswith(wanted[:-1].upper()) and bool(code)
    return bool(code) and code.upper() == wanted.upper()
