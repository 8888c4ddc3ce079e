"""The columns whose cells name what the organisation has defined: its custom fields, its categories
and interests, and its users as “our contact”."""

from collections.abc import Callable, Collection, Iterable, Iterator, Mapping
from dataclasses import dataclass, field, fields
from functools import lru_cache, partial
from typing import Any

from webapp.accounts import users
from webapp.accounts.organisation import organisation
from webapp.people import custom_fields, lists
from webapp.people.custom_values import MAX_LENGTH, BadValue, Value, parse
from webapp.people.imports.cells import Cell, cell_text, filled
from webapp.people.imports.faults import RowNote, about, limited, unknown_name
from webapp.people.imports.headings import LABELS, custom_code, is_custom
from webapp.people.imports.values import several, written
from webapp.people.lists import MAX_NAME
from webapp.people.models import CustomField, FieldKind, FieldOf, ListName
from webapp.people.texts import MAX_TEXT, one_line
from webapp.platform.locales import speaking

MAX_NAMED = 20
"""Unknown names of a column that are told one by one; a file may hold any number of them."""
CACHED = 2_000
"""Different cells of a column that are not read anew."""
CUT = "…"
"""At the end of a name that is longer than any on a list."""
LEFT_OUT = {
    FieldKind.NUMBER: RowNote.NOT_A_NUMBER,
    FieldKind.DATE: RowNote.NOT_A_DATE,
    FieldKind.YES_NO: RowNote.NOT_YES_OR_NO,
}


@dataclass(frozen=True, slots=True)
class Found:
    """What the cells of one row stand for. Named as the staged columns."""

    category_id: int | None = None
    our_contact_id: int | None = None
    interest_ids: tuple[int, ...] = ()
    """In their order, each once."""
    fields: Mapping[str, Value] = field(default_factory=dict)
    """By the key of the custom field."""


NOTHING = Found()

Notes = tuple[str, ...]
Read = Callable[[Cell], tuple[Any, Notes]]
"""What a cell of the column stands for, and what was left out of it."""

FILLED = {
    "category": "category_id",
    "our_contact": "our_contact_id",
    "interests": "interest_ids",
}


def looked_up(codes: Iterable[str]) -> tuple[str, ...]:
    """What of Found a file with columns of these fields can fill."""
    filled = {"fields" if is_custom(code) else FILLED.get(code) for code in codes}
    return tuple(each.name for each in fields(Found) if each.name in filled)


class Lookups:
    """Of the columns of one file, which are asked for by their field codes."""

    def __init__(self, codes: Collection[str]) -> None:
        names = {code: Names(code, named()) for code, named in NAMED.items() if code in codes}
        custom = {
            code: CustomColumn(field)
            for field in custom_fields.defined(FieldOf.CONTACT)
            if (code := custom_code(field.key)) in codes
        }
        self._keys = {code: column.field.key for code, column in custom.items()}
        self._read = {code: remembering(column.read) for code, column in (names | custom).items()}

    def find(self, row: Mapping[str, Cell], notes: list[str]) -> Found:
        """Notes what stands for nothing, and is left out. Raises Rejected."""
        if not self._read:
            return NOTHING
        values: dict[str, Any] = {}
        for code, read in self._read.items():
            value, said = read(row.get(code))
            notes += said
            if value is not None:
                values[code] = value
        return Found(
            category_id=values.get("category"),
            our_contact_id=values.get("our_contact"),
            interest_ids=values.get("interests", ()),
            fields={key: values[code] for code, key in self._keys.items() if code in values},
        )


def remembering(read: Read) -> Read:
    """The same cells come again and again: a column of options, say, has few different ones."""
    remembered = lru_cache(CACHED, typed=True)(read)

    def find(cell: Cell) -> tuple[Any, Notes]:
        is_long = isinstance(cell, str) and len(cell) > MAX_TEXT
        return read(cell) if is_long else remembered(cell)

    return find


class Names:
    """Whom or what a column may name: ids by name in small letters, None where several are called
    so."""

    def __init__(self, code: str, named: Iterable[tuple[str, int]]) -> None:
        self._ids: dict[str, int | None] = {}
        for name, id_ in named:
            if self._ids.setdefault(name.lower(), id_) != id_:
                self._ids[name.lower()] = None
        self._takes_several = code == "interests"
        self._unknown = Unknown(code, str(LABELS[code]))

    def read(self, cell: Cell) -> tuple[int | tuple[int, ...] | None, Notes]:
        text = cell_text(cell)
        names = several(text, self._ids) if self._takes_several else [one_line(text)]
        found = {name: self._ids.get(name.lower()) for name in names if name}
        notes = tuple(self._note(name) for name, id_ in found.items() if id_ is None)
        ids = sorted({id_ for id_ in found.values() if id_ is not None})
        return (tuple(ids) if self._takes_several else next(iter(ids), None)), notes

    def _note(self, name: str) -> str:
        why = RowNote.AMBIGUOUS if name.lower() in self._ids else RowNote.UNKNOWN
        return self._unknown.note(name, why)


class CustomColumn:
    def __init__(self, field: CustomField) -> None:
        self.field = field
        self._unknown = Unknown(custom_code(field.key), field.label)
        self._offered = {option.lower() for option in field.options}
        # Files are written as people of the country write, whatever their importer speaks.
        self._spoken = organisation().language

    def read(self, cell: Cell) -> tuple[Value | None, Notes]:
        if not filled(cell):
            return None, ()
        match self.field.kind:
            case FieldKind.TEXT:
                return self._text(cell_text(cell))
            case FieldKind.MANY_OF:
                return self._options(cell_text(cell))
        return self._value(cell)

    def _text(self, raw: str) -> tuple[Value | None, Notes]:
        notes = () if raw.strip().isprintable() else (RowNote.TEXT_CLEANED,)
        return parse(self.field, [limited(self.field.label, one_line(raw), MAX_LENGTH)]), notes

    def _options(self, text: str) -> tuple[Value | None, Notes]:
        """In the order of the field, so that the same options are the same value."""
        read = [self._value(word) for word in several(text, self._offered)]
        chosen = [value for value, _notes in read]
        notes = tuple(note for _value, notes in read for note in notes)
        return [option for option in self.field.options if [option] in chosen] or None, notes

    def _value(self, cell: Cell) -> tuple[Value | None, Notes]:
        try:
            with speaking(self._spoken):
                return parse(self.field, [written(self.field, cell)]), ()
        except BadValue:
            fault, text = LEFT_OUT.get(self.field.kind), cell_text(cell)
            note = about(fault, self.field.label) if fault else self._unknown.note(text)
            return None, (note,)


@dataclass
class Unknown:
    """The names in a column that stand for nothing."""

    code: str
    label: str
    named: set[str] = field(default_factory=set)

    def note(self, text: str, why: RowNote = RowNote.UNKNOWN) -> str:
        name = one_line(text)
        name = name if len(name) <= MAX_NAME else name[:MAX_NAME] + CUT
        if name not in self.named and len(self.named) == MAX_NAMED:
            return about(RowNote.OTHERS_UNKNOWN, self.label)
        self.named.add(name)
        return about(why, self.label, name, self.code)


def undefined(notes: Iterable[str]) -> list[tuple[ListName, str]]:
    """The categories and interests that an import did not know, with their lists."""
    unknown = filter(None, map(unknown_name, notes))
    return [
        (LISTS[code], name) for code, name in unknown if code in LISTS and not name.endswith(CUT)
    ]


LISTS = {"category": ListName.CATEGORY, "interests": ListName.INTEREST}


def _items(list_name: ListName) -> Iterator[tuple[str, int]]:
    return ((item.name, item.id) for item in lists.items(list_name))


def _users() -> Iterator[tuple[str, int]]:
    """Who may sign in, by name and by address."""
    for user in users.everybody():
        if user.disabled_at is None:
            yield user.name, user.id
            yield user.email_key, user.id


NAMED: dict[str, Callable[[], Iterable[tuple[str, int]]]] = {
    **{code: partial(_items, list_name) for code, list_name in LISTS.items()},
    "our_contact": _users,
}
