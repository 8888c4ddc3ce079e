"""A desk that has been in use for five years: people of a Danish market, and all that came to pass.

Written by SQL, a statement for each table, so that a million people take a minute or two. Names,
companies and towns are as unevenly spread as in life: a few are everywhere, most are rare.
"""

from collections.abc import Iterator
from contextlib import contextmanager
from typing import Any

from sqlalchemy import Column, text

from benchmarks import audience
from webapp.platform.database import db

WORDS = {
    "first_names": (
        "Anne Peter Mette Michael Kirsten Jens Hanne Lars Anna Thomas Søren Maria Henrik Christian"
        " Susanne Martin Lene Jan Marianne Niels Camilla Anders Lone Morten Louise Jesper Pia Mads"
        " Birgitte Hans Inge Ole Rasmus Karen Åse Kåre Jørgen Bjørn Gitte Sørine Ærø Øjvind Astrid"
    ),
    "last_names": (
        "Nielsen Jensen Hansen Andersen Pedersen Christensen Larsen Sørensen Rasmussen Jørgensen"
        " Petersen Madsen Kristensen Olsen Thomsen Christiansen Poulsen Johansen Møller Mortensen"
    ),
    "begun": (
        "Øster Vester Nørre Søder Bjerre Ager Kirke Sand Ege Birke Lille Stor Høj Dal Sø Skov Lund"
        " Mølle Grøn Hede Krog Damm Ærø Åkj Ravn Ulve Svane Falke Hvid Blich"
    ),
    "ended": (
        "gaard feldt holm lund dal bæk bjerg skov toft strup rup by sted løv ager vang næs kjær"
        " mark høj borg bro hus dahl balle sen ing gren rød vig"
    ),
    "trades": (
        "Tømrer VVS El Belysning Arkitekter Revision Transport Møbler Bageri Design Consult Huse"
        " Have Maskinfabrik Ejendomme Handel Teknik Optik Reklame Rådgivning"
    ),
    "towns": (
        "København Aarhus Odense Aalborg Esbjerg Randers Kolding Horsens Vejle Roskilde Herning"
        " Silkeborg Hørsholm Helsingør Næstved Viborg Fredericia Køge Holstebro Slagelse Sønderborg"
        " Hillerød Svendborg Hjørring Ringsted Ølstykke Nyborg Ærøskøbing Skagen Rønne"
    ),
    "categories": "Kunde Emne Forhandler Presse Leverandør Partner Arkitekt Tidligere",
    "interests": "Lamper Møbler Have Køkken Messer Kurser Tilbud Indretning",
    "types": "Nyhedsbrev Arrangementer Produktnyt",
    "roles": "Gæst Taler Udstiller Presse",
    "consents": "granted " * 13 + "unknown " * 6 + "withdrawn",
}
"""To choose from, the common ones first; the statements below know them as arrays."""

MAILINGS = 250
"""Every week for five years; the first goes to everybody in the large selection."""


# One of many, the first ones most often: `skewed('{a,b,c}', 2)`.
FUNCTIONS = """
CREATE FUNCTION skewed(words text[], steep float) RETURNS text LANGUAGE sql VOLATILE
RETURN words[1 + floor(power(random(), steep) * cardinality(words))::int];
CREATE FUNCTION place(many bigint, steep float) RETURNS bigint LANGUAGE sql VOLATILE
RETURN 1 + floor(power(random(), steep) * many)::bigint;
CREATE FUNCTION some_last_name(common text[], begun text[], ended text[]) RETURNS text
LANGUAGE sql VOLATILE
RETURN CASE WHEN random() < 0.55 THEN skewed(common, 1.3)
            ELSE skewed(begun, 1.2) || skewed(ended, 1.2) END;
CREATE FUNCTION folded(word text) RETURNS text LANGUAGE sql IMMUTABLE
RETURN translate(replace(replace(replace(lower(word), 'æ', 'ae'), 'ø', 'oe'), 'å', 'aa'), ' ', '.');
"""

USERS = """
INSERT INTO "user" (email, email_key, name, password_hash, role)
SELECT email, email, initcap(word), 'none', 'administrator'
  FROM unnest('{mette,lars,åse,niels,gitte,ole}'::text[]) AS word,
       LATERAL (SELECT folded(word) || '@fjordlys.example' AS email) AS made;
INSERT INTO list_item (list, name)
SELECT 'category', unnest(cast(:categories AS text[]))
 UNION ALL SELECT 'interest', unnest(cast(:interests AS text[]))
 UNION ALL SELECT 'business', unnest(cast(:trades AS text[]));
INSERT INTO custom_field (of, key, label, kind, options, position)
VALUES ('contact', 'customer_number', 'Kundenummer', 'text', '{}', 1),
       ('contact', 'segment', 'Segment', 'one_of', '{Guld,Sølv,Bronze}', 2),
       ('contact', 'employees', 'Medarbejdere', 'number', '{}', 3),
       ('company', 'cvr', 'CVR-nummer', 'text', '{}', 1);
DELETE FROM subscription_type;
INSERT INTO subscription_type (names, is_default)
SELECT jsonb_build_object('en', word, 'da', word), word = 'Nyhedsbrev'
  FROM unnest(cast(:types AS text[])) AS word;
"""

COMPANIES = """
INSERT INTO company (name, domain, city, country, category_id, business_id, our_contact_id, fields,
                     created_at, updated_at)
SELECT owner || ' ' || trade || ' ' || form, folded(owner) || number || '.example',
       skewed(:towns, 2), 'DK',
       (SELECT min(id) FROM list_item WHERE list = 'category') + place(8, 2) - 1,
       (SELECT min(id) FROM list_item WHERE list = 'business') + place(20, 1) - 1,
       (SELECT min(id) FROM "user") + place(6, 1) - 1,
       jsonb_build_object('cvr', (10000000 + number)::text),
       now() - interval '5 years' + number * interval '5 years' / :companies,
       now() - random() * interval '2 years'
  FROM generate_series(1, :companies) AS number,
       LATERAL (SELECT some_last_name(:last_names, :begun, :ended) AS owner,
                       skewed(:trades, 1) AS trade, skewed('{ApS,A/S,I/S}', 2) AS form
                 WHERE number > 0) AS made;
"""

# Large companies come early. One in eight has none, one in three no mobile, a few share an address.
# The first of them is in all selections, and gets every mailing.
PEOPLE = """
INSERT INTO contact (company_id, first_name, middle_name, last_name, email, email_key, email_hash,
                     mobile, city, postcode, country, position, category_id, our_contact_id,
                     fields, no_mailings, former_employee, e_marketing, created_at, updated_at)
SELECT company_id, first_name, middle_name, last_name, coalesce(address, ''), address,
       decode(md5(address), 'hex'), mobile,
       CASE WHEN random() < 0.9 THEN skewed(:towns, 2) ELSE '' END, (1000 + place(8990, 1))::text,
       'DK', CASE WHEN random() < 0.4 THEN skewed('{Direktør,Indkøber,Sælger,Bogholder}', 1)
             ELSE '' END,
       CASE WHEN random() < 0.4 THEN
           (SELECT min(id) FROM list_item WHERE list = 'category') + place(8, 2) - 1 END,
       CASE WHEN random() < 0.5 THEN (SELECT min(id) FROM "user") + place(6, 1) - 1 END,
       CASE WHEN random() < 0.6 THEN
           jsonb_build_object('customer_number', 'K' || number,
                              'segment', skewed('{Bronze,Sølv,Guld}', 2),
                              'employees', place(500, 3))
            ELSE '{}' END,
       random() < 0.01, random() < 0.03, skewed(:consents, 1),
       now() - interval '5 years' + number * interval '5 years' / :people,
       now() - random() * interval '2 years'
  FROM generate_series(1, :people) AS number,
       LATERAL (SELECT CASE WHEN random() < 0.875 THEN place(:companies, 3) END AS company_id,
                       skewed(:first_names, 1.2) AS first_name,
                       CASE WHEN random() < 0.3
                            THEN some_last_name(:last_names, :begun, :ended) ELSE '' END
                           AS middle_name,
                       some_last_name(:last_names, :begun, :ended) AS last_name,
                       CASE WHEN random() < 0.67
                            THEN '+45' || 20000000 + number * 37 % 70000000 ELSE '' END AS mobile
                 WHERE number > 0) AS person,
       LATERAL (SELECT CASE WHEN random() < 0.02 THEN 'info'
                            WHEN random() < 0.97
                            THEN folded(first_name || '.' || last_name) || number END
                       || '@' || coalesce('firma' || company_id, 'post') || '.example' AS address
                 WHERE number > 0) AS reached;
UPDATE contact
   SET first_name = 'Karen', last_name = 'Åkjær', email = 'karen@aakjaer.example',
       email_key = 'karen@aakjaer.example', email_hash = 'karen', e_marketing = 'granted',
       former_employee = false, no_mailings = false
 WHERE id = 1;
"""

CONSENTS = """
INSERT INTO consent_entry (contact_id, purpose, state, basis, source, given_at, recorded_at)
SELECT id, 'e_marketing', e_marketing, 'consent', 'Messe', created_at, created_at
  FROM contact WHERE e_marketing <> 'unknown'
 UNION ALL
SELECT id, 'e_marketing', 'granted', 'customer', 'Webshop', updated_at, updated_at
  FROM contact WHERE e_marketing = 'granted' AND id % 5 = 0;
INSERT INTO subscription (contact_id, type_id, subscribed, source, since)
SELECT contact.id, type.id, contact.id % 19 <> 1, 'Messe', contact.created_at
  FROM contact CROSS JOIN (SELECT id, row_number() OVER (ORDER BY id) AS rank
                             FROM subscription_type) AS type
 WHERE e_marketing = 'granted' AND contact.id * 7 % 10 < 12 - 4 * rank;
INSERT INTO subscription_entry (contact_id, type_id, subscribed, source, at)
SELECT contact_id, type_id, subscribed, source, since FROM subscription;
INSERT INTO contact_interest (contact_id, item_id)
SELECT contact.id, item.id FROM contact JOIN list_item AS item
    ON item.list = 'interest' AND (contact.id * 31 + item.id * 17) % 16 = 0;
INSERT INTO suppression (channel, address_hash, reason, created_at, lifted_at)
SELECT 'email', email_hash, CASE WHEN id % 3 = 0 THEN 'unsubscribed' ELSE 'hard_bounce' END,
       updated_at, CASE WHEN id % 11 = 0 THEN now() END
  FROM contact WHERE id % 40 = 0 AND email_hash IS NOT NULL
    ON CONFLICT DO NOTHING;
"""

TARGETS = """
INSERT INTO selection (name) VALUES ('Alle kunder'), ('Messegæster'), ('Styregruppen');
INSERT INTO selection_member (selection_id, contact_id, added_at)
SELECT (SELECT min(id) FROM selection), id, created_at FROM contact WHERE id <= :large
 UNION ALL
SELECT (SELECT min(id) + 1 FROM selection), id, created_at FROM contact
 WHERE id % 20 = 1
 UNION ALL
SELECT (SELECT max(id) FROM selection), id, created_at FROM contact WHERE id <= :small;
INSERT INTO project (name, status, owner_id)
SELECT 'Messe ' || 2000 + number, 'finished', (SELECT min(id) FROM "user")
  FROM generate_series(1, 40) AS number;
INSERT INTO project_member (project_id, contact_id, role, added_at)
SELECT (SELECT min(id) FROM project), id, skewed(:roles, 3), created_at FROM contact
 WHERE id % 50 = 1;
"""

# The first goes to the large selection, and so does the draft, which has its audience already;
# the others to a few hundred people each, and all of them to the first person.
MAILINGS_SENT = """
INSERT INTO mailing (name, subject, state, owner_id, selection_id, subscription_type_id,
                     resolved_at, created_at, updated_at, started_at, prepared_at, finished_at)
SELECT 'Nyhedsbrev ' || number, 'Nyt fra Fjordlys ' || number, 'sent', user_id, selection_id,
       type_id, at, at, at, at, at, at + interval '1 hour'
  FROM (SELECT min(id) AS user_id FROM "user"), (SELECT min(id) AS selection_id FROM selection),
       (SELECT min(id) AS type_id FROM subscription_type), generate_series(1, :mailings) AS number,
       LATERAL (SELECT now() - number * interval '1 week' AS at);
INSERT INTO mailing (name, subject, owner_id, selection_id, resolved_at)
SELECT 'Kladde', 'Nyt fra Fjordlys', min("user".id), min(selection.id), now()
  FROM "user" CROSS JOIN selection;
INSERT INTO mailing_source (mailing_id, kind, selection_id)
SELECT id, 'selection', selection_id FROM mailing;
INSERT INTO mailing_link (mailing_id, number, target, label)
SELECT mailing.id, number, jsonb_build_array('https://fjordlys.example/' || number),
       'Læs mere ' || number
  FROM mailing CROSS JOIN generate_series(1, 10) AS number;
INSERT INTO recipient (mailing_id, contact_id, name, email, email_hash, dedupe_key, state, reason,
                       sent_at, opened_at, clicked_at, unsubscribed_at)
WITH mailing AS (
    SELECT id, finished_at, row_number() OVER (ORDER BY id) AS place FROM mailing
), went AS (
    SELECT mailing.id, finished_at, contact_id
      FROM mailing CROSS JOIN generate_series(1, :large) AS contact_id
     WHERE place = 1 OR finished_at IS NULL
     UNION ALL
    SELECT mailing.id, finished_at, contact_id
      FROM mailing, generate_series(place * :each, (place + 1) * :each - 1) AS contact_id
     WHERE place > 1 AND finished_at IS NOT NULL
     UNION ALL
    SELECT id, finished_at, 1 FROM mailing WHERE place > 1 AND finished_at IS NOT NULL
)
SELECT went.id, contact.id, concat_ws(' ', first_name, nullif(middle_name, ''), last_name),
       contact.email, contact.email_hash,
       CASE WHEN reason IS NULL THEN email_key || ' ' || contact.id END,
       CASE WHEN reason IS NOT NULL THEN 'left_out' WHEN finished_at IS NULL THEN 'ready'
            WHEN contact.id % 211 = 3 THEN 'failed' WHEN contact.id % 9973 = 5 THEN 'unknown'
            ELSE 'sent' END,
       reason, CASE WHEN reason IS NULL THEN finished_at END,
       CASE WHEN opened THEN finished_at + interval '1 hour' END,
       CASE WHEN opened AND contact.id % 6 = 1 THEN finished_at + interval '2 hours' END,
       CASE WHEN opened AND contact.id % 300 = 4 THEN finished_at + interval '3 hours' END
  FROM went JOIN contact ON contact.id = went.contact_id,
       LATERAL (SELECT CASE WHEN email_key IS NULL THEN 'no_address'
                            WHEN former_employee THEN 'former_employee'
                            WHEN no_mailings THEN 'no_mailings'
                            WHEN e_marketing <> 'granted' THEN 'no_consent'
                            WHEN contact.id % 19 = 2 THEN 'no_subscription' END AS reason)
           AS judged,
       LATERAL (SELECT reason IS NULL AND finished_at IS NOT NULL AND contact.id % 3 = 1 AS opened)
           AS read;
"""
HITS = """
INSERT INTO hit (mailing_id, recipient_id, kind, link_number, at, method, user_agent)
SELECT mailing_id, id, 'open', NULL, opened_at, 'GET', 'Mail' FROM recipient
 WHERE opened_at IS NOT NULL
 UNION ALL
SELECT mailing_id, id, 'click', 1 + id % 10, clicked_at, 'GET', 'Mail' FROM recipient
 WHERE clicked_at IS NOT NULL;
INSERT INTO audit_entry (at, user_id, action, detail)
SELECT now() - number * interval '5 years' / :audit, (SELECT min(id) FROM "user"),
       'contact changed', jsonb_build_object('contact', number)
  FROM generate_series(1, :audit) AS number;
"""

# Of those, the ones that no constraint needs.
INDEXES = text(
    """
SELECT cast(index.indexrelid AS regclass) AS name, pg_get_indexdef(index.indexrelid) AS definition
  FROM pg_index AS index JOIN pg_class AS "table" ON "table".oid = index.indrelid
 WHERE relnamespace = 'public'::regnamespace AND NOT indisunique
"""
)


def write(people: int) -> None:
    """The same every time. It commits, and leaves the database as tidy as autovacuum would."""
    told: dict[str, object] = {name: words.split() for name, words in WORDS.items()}
    told |= {
        "people": people,
        "companies": people // 20,
        "large": people * 4 // 5,
        "small": min(300, people),
        "mailings": MAILINGS,
        "each": people // 5 // MAILINGS,
        "audit": people // 5,
    }
    with _without_indexes():
        db.session.execute(text("SELECT setseed(0.5)"))
        for part in (FUNCTIONS, USERS, COMPANIES, PEOPLE, CONSENTS, TARGETS, MAILINGS_SENT, HITS):
            for statement in part.strip().rstrip(";").split(";\n"):
                db.session.execute(text(statement), told)
    db.session.commit()
    audience.tidy_up()


@contextmanager
def _without_indexes() -> Iterator[None]:
    """They are made when all rows are there, which is three times as quick; and no foreign key is
    looked up, since the statements name what there is."""
    _take_defaults()
    made = db.session.execute(INDEXES).all()
    for name, _definition in made:
        db.session.execute(text(f"DROP INDEX {name}"))
    db.session.execute(text("SET LOCAL session_replication_role = replica"))
    yield
    db.session.execute(text("SET LOCAL maintenance_work_mem = '512MB'"))
    for _name, definition in made:
        db.session.execute(text(definition))


def _take_defaults() -> None:
    """The values that the models give to columns, for rows that no model makes."""
    for table in db.metadata.sorted_tables:
        for column in table.c:
            if value := _default(column):
                changed = f'ALTER TABLE "{table.name}" ALTER "{column.name}" SET DEFAULT {value}'
                db.session.execute(text(changed))


def _default(column: Column[Any]) -> str | None:
    if column.default is None or column.server_default is not None:
        return None
    if not column.default.is_scalar:
        return {"utcnow": "now()", "dict": "'{}'", "list": "'{}'"}.get(column.default.arg.__name__)
    return f"'{getattr(column.default.arg, 'value', column.default.arg)}'"
