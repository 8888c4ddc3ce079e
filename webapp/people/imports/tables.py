"""The two temporary tables of an import."""

from collections.abc import Sequence

from sqlalchemy import (
    BigInteger,
    Boolean,
    Column,
    Date,
    Integer,
    LargeBinary,
    MetaData,
    String,
    Table,
    Text,
)
from sqlalchemy.dialects.postgresql import ARRAY, JSONB

# Parts that mean something only together: a file's street is not put beside another town, nor
# its last name behind somebody else's first name.
TOGETHER: Sequence[tuple[str, ...]] = (
    ("first_name", "middle_name", "last_name"),
    ("address", "postcode", "city", "country"),
    ("title",),
    ("mobile",),
    ("phone",),
    ("position",),
    ("language",),
    ("note",),
)
TEXTS = tuple(name for group in TOGETHER for name in group)

temporary = MetaData()

staged = Table(
    "staged_person",
    temporary,
    Column("row_number", Integer),
    Column("email", Text),
    Column("email_key", Text),
    Column("email_hash", LargeBinary),
    Column("company", Text),
    Column("consent", Boolean),
    Column("consent_at", Date),
    *(Column(name, Text) for name in TEXTS),
    Column("category_id", BigInteger),
    Column("our_contact_id", BigInteger),
    Column("interest_ids", ARRAY(BigInteger)),
    Column("fields", JSONB),
    prefixes=["TEMPORARY"],
    postgresql_on_commit="DROP",
)
"""The rows that are people, clean; an address stands in one of them only."""

matched = Table(
    "matched_person",
    temporary,
    Column("row_number", Integer),
    Column("contact_id", BigInteger),
    Column("is_new", Boolean),
    Column("fills", Boolean),
    Column("fills_company", Boolean),
    Column("replaces", Boolean),
    Column("replaces_company", Boolean),
    Column("consent_to_record", String(32)),
    Column("refused", Boolean),
    prefixes=["TEMPORARY"],
    postgresql_on_commit="DROP",
)
"""What each staged row would do: fill what is empty, replace what differs, record consent."""
