"""The columns whose cells name what the organisation has defined: its custom fields, its categories
and interests, and its users as “our contact”."""

from collections.abc import Callable, Collection, Iterable, Iterator, Mapping
from dataclasses import dataclass, field, fields
from functools import lru_cache, partial

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
from webapp.people.texts import one_line
from webapp.platform.locales import speaking

MAX_NAMED = 20
"""Unknown names of a column that are told one by one; a file may hold any number of them."""
CACHED = 10_000
"""Values of a column that are not read anew when they come again."""
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
        self._names = {code: Names(code, named()) for code, named in NAMED.items() if code in codes}
        self._custom = {
            code: CustomColumn(field)
            for field in custom_fields.defined(FieldOf.CONTACT)
            if (code := custom_code(field.key)) in codes
        }

    def find(self, row: Mapping[str, Cell], notes: list[str]) -> Found:
        """Notes what stands for nothing, and is left out. Raises Rejected."""
        if not (self._names or self._custom):
            return NOTHING
        interests = self._ids("interests", row, notes)
        return Found(
            category_id=next(iter(self._ids("category", row, notes)), None),
            our_contact_id=next(iter(self._ids("our_contact", row, notes)), None),
            interest_ids=tuple(sorted(set(interests))),
            fields={
                column.field.key: value
                for code, column in self._custom.items()
                if (value := column.read(row.get(code), notes)) is not None
            },
        )

    def _ids(self, code: str, row: Mapping[str, Cell], notes: list[str]) -> list[int]:
        names, text = self._names.get(code), cell_text(row.get(code))
        if names is None or not text:
            return []
        called = several(text, names.ids) if code == "interests" else [text]
        return [id_ for name in called if (id_ := names.find(name, notes)) is not None]


class Names:
    """Whom or what a column may name: ids by name in small letters, None where several are called
    so."""

    def __init__(self, code: str, named: Iterable[tuple[str, int]]) -> None:
        self.ids: dict[str, int | None] = {}
        for name, id_ in named:
            if self.ids.setdefault(name.lower(), id_) != id_:
                self.ids[name.lower()] = None
        self._unknown = Unknown(code, str(LABELS[code]))

    def find(self, text: str, notes: list[str]) -> int | None:
        name = one_line(text)
        found = self.ids.get(name.lower())
        if found is None and name:
            why = RowNote.AMBIGUOUS if name.lower() in self.ids else RowNote.UNKNOWN
            notes.append(self._unknown.note(name, why))
        return found


class CustomColumn:
    def __init__(self, field: CustomField) -> None:
        self.field = field
        self._unknown = Unknown(custom_code(field.key), field.label)
        self._offered = {option.lower() for option in field.options}
        # Files are written as people of the country write, whatever their importer speaks.
        self._spoken = organisation().language
        self._value = lru_cache(CACHED, typed=True)(self._parsed)

    def read(self, cell: Cell, notes: list[str]) -> Value | None:
        if not filled(cell):
            return None
        match self.field.kind:
            case FieldKind.TEXT:
                return self._text(cell_text(cell), notes)
            case FieldKind.MANY_OF:
                words = several(cell_text(cell), self._offered)
                chosen = [self._known(word, notes) for word in words]
                return [option for option in self.field.options if [option] in chosen] or None
        return self._known(cell, notes)

    def _text(self, raw: str, notes: list[str]) -> Value | None:
        if not raw.strip().isprintable():
            notes.append(RowNote.TEXT_CLEANED)
        return parse(self.field, [limited(self.field.label, one_line(raw), MAX_LENGTH)])

    def _known(self, cell: Cell, notes: list[str]) -> Value | None:
        try:
            return self._value(cell)
        except BadValue:
            fault, text = LEFT_OUT.get(self.field.kind), cell_text(cell)
            notes.append(about(fault, self.field.label) if fault else self._unknown.note(text))
            return None

    def _parsed(self, cell: Cell) -> Value | None:
        with speaking(self._spoken):
            return parse(self.field, [written(self.field, cell)])


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
