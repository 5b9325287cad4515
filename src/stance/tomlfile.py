"""A TOML file that knows its lines: what is wrong in it is told with the place and the mend."""

from __future__ import annotations

import dataclasses
import re
import tomllib
from collections.abc import Collection
from dataclasses import dataclass
from difflib import get_close_matches
from functools import cache
from pathlib import Path
from typing import Any, Literal, TypeVar, get_args, get_origin, get_type_hints

import msgspec

from stance.errors import LexiconError

SCHEMA = 1

_Record = TypeVar("_Record")
_CURLY = re.compile("[“”„‟＂‘’]")
_FULL_WIDTH = re.compile("[＝［］，]")


@dataclass(frozen=True, slots=True, order=True)
class Fault:
    """Something wrong at a line of a file. An error stops a run, a notice only wants a look."""

    path: str
    line: int
    message: str
    level: Literal["error", "notice"] = "error"

    def __str__(self) -> str:
        return f"{Path(self.path).name}:{self.line}: {self.message}"


class TomlFile:
    """A parsed file with all its faults so far; `data` is empty where it could not be parsed.

    `rows` holds the good records of each `[[table]]` that was read, with their index.
    """

    def __init__(self, path: Path) -> None:
        self.path = path
        self.faults: list[Fault] = []
        self.rows: dict[str, list[tuple[int, Any]]] = {}
        self.data: dict[str, Any] = {}
        self.text = ""
        self._places: dict[tuple[str, bool], list[int]] = {}
        try:
            self.text = path.read_bytes().decode("utf-8-sig")
            self.data = tomllib.loads(self.text.replace("\r\n", "\n"))
        except OSError as error:
            raise LexiconError(f"{path}: {error.strerror or error}") from error
        except UnicodeDecodeError as error:
            good = error.object[: error.start].count(b"\n") + 1
            self.fault(good, "not UTF-8; save the file as UTF-8")
        except tomllib.TOMLDecodeError as error:
            self._tell_syntax(str(error))
        self.lines = self.text.splitlines()
        if self.data and self.data.get("schema") != SCHEMA:
            self.fault(self.line("schema"), f"the file must say `schema = {SCHEMA}`")

    def fault(self, line: int, message: str, level: Literal["error", "notice"] = "error") -> None:
        """Note a fault at `line`."""
        self.faults.append(Fault(str(self.path), line, message, level))

    def raise_first(self) -> None:
        """Raise the first fault, and say how many more there are.

        Raises:
            LexiconError: the file has a fault.
        """
        if self.faults:
            first, more = min(self.faults), len(self.faults) - 1
            rest = f" (and {more} more: `stance lexicon check` lists all)" if more else ""
            raise LexiconError(f"{first}{rest}")

    def tables(self, known: Collection[str]) -> None:
        """Note tables that the format does not have."""
        for name in self.data:
            if name not in (*known, "schema"):
                self.fault(self.line(name, anywhere=True), _unknown("table", name, known))

    def header(
        self, table: str, record: type, without: Collection[str] = ()
    ) -> dict[str, Any] | None:
        """The table `[table]` with its keys checked against `record`, None where it is no good."""
        values = self.data.get(table)
        if not isinstance(values, dict):
            if self.data:
                self.fault(1, f"the table [{table}] is missing; add it below `schema = {SCHEMA}`")
            return None
        return self._checked(values, record, table, None, without)

    def records(self, table: str, record: type[_Record]) -> list[tuple[int, _Record]]:
        """Every good `[[table]]` as a `record`, with its index in the file."""
        rows = self.data.get(table, [])
        if not isinstance(rows, list):
            self.fault(self.line(None, table), f"write [[{table}]] with two brackets")
            return []
        found = []
        for index, values in enumerate(rows):
            if not isinstance(values, dict):
                self.fault(self.line(table), f"every [[{table}]] must be a table with keys")
                continue
            checked = self._checked(values, record, table, index, ())
            if checked is not None:
                found.append((index, record(**checked)))
        self.rows[table] = [*found]
        return found

    def line(
        self,
        key: str | None,
        table: str | None = None,
        index: int | None = None,
        *,
        value: str | None = None,
        anywhere: bool = False,
    ) -> int:
        """The line of `key` in the `index`-th `[[table]]` (or in `[table]`, or at the top).

        With `value`, the line on which that string stands at or below the key.
        """
        start = 0
        if table is not None:
            places = self._heads(table, index is not None)
            if len(places) <= (index or 0):
                return 1
            start = places[index or 0]
        if key is None:
            return start + 1
        entry = re.compile(rf"\s*(?:[\"']?{re.escape(key)}[\"']?\s*=|\[+\s*{re.escape(key)}\s*\])")
        for number in range(start, len(self.lines)):
            line = self.lines[number]
            if entry.match(line) and (number > start or table is None):
                return self._line_of(value, number)
            if number > start and re.match(r"\[", line.lstrip()) and not anywhere and table:
                break
        return start + 1

    def _heads(self, table: str, rows: bool) -> list[int]:
        """Where `[[table]]` (or, for a header, `[table]`) stands."""
        if (table, rows) not in self._places:
            brackets = r"\[\[" if rows else r"\[{1,2}"
            mark = re.compile(rf"\s*{brackets}\s*{table}\s*\]")
            found = [n for n, line in enumerate(self.lines) if mark.match(line)]
            self._places[table, rows] = found
        return self._places[table, rows]

    def _line_of(self, value: str | None, number: int) -> int:
        if value is not None:
            for below in range(number, len(self.lines)):
                if below > number and re.match(r"\s*(?:\[\[?\w|\w+\s*=)", self.lines[below]):
                    break
                if value in self.lines[below]:
                    return below + 1
        return number + 1

    def _checked(
        self,
        values: dict[str, Any],
        record: type,
        table: str,
        index: int | None,
        without: Collection[str],
    ) -> dict[str, Any] | None:
        """The values converted to the types of `record`; None, with faults noted, if any is bad."""
        before = len(self.faults)
        fields = {f.name: f for f in dataclasses.fields(record) if f.name not in without}
        types = _types(record)
        guessed = set()
        good = {}
        for key, value in values.items():
            if key not in fields:
                guessed |= set(get_close_matches(key, fields, n=1))
                self.fault(self.line(key, table, index), _unknown("key", key, fields))
                continue
            try:
                if types[key] in (float, float | None) and isinstance(value, bool):
                    raise msgspec.ValidationError("Expected `float`, got `bool`")
                good[key] = msgspec.convert(value, types[key])
            except msgspec.ValidationError as error:
                readable = re.sub(r" - at `\$.*`$", "", str(error))
                allowed = get_args(types[key]) if get_origin(types[key]) is Literal else ()
                if allowed and "enum" in readable:
                    readable += f", allowed are {', '.join(map(str, allowed))}"
                self.fault(self.line(key, table, index), f"{readable}; mend the key `{key}`")
        for key, field in fields.items():
            needed = (
                field.default is dataclasses.MISSING
                and field.default_factory is dataclasses.MISSING
            )
            if needed and key not in values and key not in guessed:
                self.fault(self.line(None, table, index), f"the key '{key}' is missing; add it")
        return good if len(self.faults) == before else None

    def _tell_syntax(self, message: str) -> None:
        place = re.search(r"\(at line (\d+), column \d+\)", message)
        lines = self.text.splitlines()
        number = int(place.group(1)) if place else len(lines)
        plain = re.sub(r" \(at .*\)$", "", message)
        shown = lines[number - 1] if 0 < number <= len(lines) else ""
        outside = re.sub(r'"[^"]*"', "", shown)
        if _CURLY.search(outside):
            plain += '; use plain quotation marks "…" around values'
        elif _FULL_WIDTH.search(outside):
            plain += "; use half-width = , [ ] outside quotation marks"
        self.fault(number, f"not valid TOML: {plain}")


def _unknown(kind: str, name: str, known: Collection[str]) -> str:
    near = get_close_matches(name, known, n=1)
    hint = f"did you mean '{near[0]}'?" if near else f"known are {', '.join(known)}"
    return f"unknown {kind} '{name}'; {hint}"


@cache
def _types(record: type) -> dict[str, Any]:
    return get_type_hints(record)
