"""The columns an import knows, and what people call them."""

import re
from collections.abc import Sequence
from dataclasses import dataclass

from webapp.people import custom_fields
from webapp.people.models import FieldOf
from webapp.platform.locales import _l


@dataclass(frozen=True)
class Field:
    code: str
    label: str
    headings: tuple[str, ...]


def field(code: str, label: str, headings: str) -> Field:
    return Field(code, label, tuple(word.strip() for word in headings.split(",")))


FIELDS = (
    field("title", _l("Title"), "title, titel, salutation, tiltale, anrede, tilltal, tiltaleform"),
    field(
        "first_name",
        _l("First name"),
        "first name, firstname, given name, forename, fornavn, fornavne, fornavn(e), vorname, "
        "förnamn, fname",
    ),
    field("middle_name", _l("Middle name"), "middle name, mellemnavn, mellomnavn, zweiter vorname"),
    field(
        "last_name",
        _l("Last name"),
        "last name, lastname, surname, family name, efternavn, etternavn, nachname, "
        "familienname, efternamn, lname",
    ),
    field(
        "name",
        _l("Full name"),
        "name, full name, navn, fulde navn, fuldt navn, kontaktperson, kontakt, kontaktnavn, "
        "contact, contact name, contact person, namn, modtager, recipient, personnavn, "
        "ansprechpartner, fullt navn, for- og efternavn",
    ),
    field(
        "email",
        _l("E-mail"),
        "email, e-mail, email address, e-mail address, mail, mail address, mailadresse, "
        "emailadresse, e-mailadresse, e-mail-adresse, epost, e-post, epostadresse, "
        "e-postadress, elektronisk post, work email, primary email, contact email, "
        "arbejdsmail, e-mail 1, email 1, e-mail (arbejde)",
    ),
    field(
        "mobile",
        _l("Mobile"),
        "mobile, mobile number, mobile no, mobile phone, cell, cell phone, cellphone, mobil, "
        "mobilnr, mobilnummer, mobiltelefon, mobiltlf, handy, handynummer, sms, sms number",
    ),
    field(
        "phone",
        _l("Phone"),
        "phone, phone number, phone no, telephone, telephone number, tel, telefon, telefonnr, "
        "telefonnummer, tlf, tlfnr, tlf nummer, telefonnumre, direct phone, direkte telefon, "
        "direkte nummer, work phone",
    ),
    field(
        "company",
        _l("Company"),
        "company, company name, organisation, organization, firm, firma, firmanavn, "
        "virksomhed, virksomhedsnavn, selskab, arbejdsplads, bedrift, unternehmen, företag, "
        "employer, account name",
    ),
    field(
        "position",
        _l("Position"),
        "position, job title, jobtitle, job, stilling, jobtitel, stillingsbetegnelse, rolle, role, "
        "funktion, befattning",
    ),
    field(
        "address",
        _l("Street address"),
        "address, street, street address, address line 1, address 1, adresse, adresse 1, vej, "
        "gade, gadenavn, gadeadresse, vejnavn, postadresse, straße, anschrift, adress, gatuadress, "
        "gateadresse",
    ),
    field(
        "postcode",
        _l("Postcode"),
        "postcode, postal code, post code, zip, zip code, zipcode, postnr, postnummer, plz, "
        "postleitzahl",
    ),
    field(
        "city",
        _l("City"),
        "city, town, by, bynavn, postdistrikt, poststed, ort, stadt, stad, postort",
    ),
    field(
        "country",
        _l("Country"),
        "country, country code, country name, land, landekode, landenavn, nation",
    ),
    field(
        "language",
        _l("Language"),
        "language, language code, lang, sprog, sprogkode, språk, sprache",
    ),
    field(
        "note",
        _l("Note"),
        "note, notes, comment, comments, remarks, noter, notat, bemærkning, bemærkninger, "
        "kommentar, kommentarer, bemerkung, anmärkning",
    ),
    field(
        "category",
        _l("Category"),
        "category, contact category, customer category, kategori, kontaktkategori, kundekategori, "
        "kategorie",
    ),
    field(
        "interests",
        _l("Interests"),
        "interests, interest, interesser, interesse, interesseområde, interesseområder, topics, "
        "emner, tags, interessen, intressen, intresse",
    ),
    field(
        "our_contact",
        _l("Our contact"),
        "our contact, vores kontakt, vores kontaktperson, contact owner, account manager, "
        "account owner, sales rep, sales representative, kundeansvarlig, kontaktansvarlig, "
        "salgsansvarlig, ansvarlig, sælger, vår kontakt, unser ansprechpartner",
    ),
    field(
        "consent",
        _l("Consent (yes or no)"),
        "consent, marketing consent, email consent, e-marketing consent, permission, opt-in, "
        "opted in, samtykke, markedsføringssamtykke, e-marketing samtykke, "
        "samtykke til markedsføring, nyhedsbrev, newsletter, tilladelse, einwilligung, "
        "samtycke, gdpr",
    ),
    field(
        "consent_at",
        _l("Date of consent"),
        "consent date, consent given, date of consent, consented at, opt-in date, opt-in time, "
        "permission date, subscribed at, signed up, sign-up date, samtykkedato, dato for samtykke, "
        "samtykke givet, samtykke dato, tilmeldt, tilmeldt dato, tilmeldingsdato, "
        "dato for tilmelding, einwilligungsdatum, samtyckesdatum",
    ),
)

LABELS = {item.code: item.label for item in FIELDS}

SPELLINGS = str.maketrans(
    {"æ": "ae", "ø": "oe", "å": "aa", "ä": "ae", "ö": "oe", "ü": "ue", "ß": "ss", "é": "e"}
)


def normalised(heading: str) -> str:
    """E-Mail, email and “E mail:” are one; so are Stræde and Straede."""
    return re.sub(r"[\W_]+", "", heading.lower().translate(SPELLINGS))


KNOWN = {normalised(heading): item.code for item in FIELDS for heading in item.headings}
NEVER_ANOTHER = {"email", "consent", "consent_at"}
"""What people are known by and what they agreed to is not taken for a field of the same name."""


CUSTOM = "field."


def custom_code(key: str) -> str:
    return CUSTOM + key


def is_custom(code: str) -> bool:
    return code.startswith(CUSTOM)


def custom() -> list[Field]:
    """The custom fields of contacts, which are called by their label or key."""
    return [
        Field(custom_code(field.key), field.label, (field.label, field.key))
        for field in custom_fields.defined(FieldOf.CONTACT)
    ]


def guess_mapping(headings: Sequence[str], own: Sequence[Field] = ()) -> dict[int, str]:
    """Column index to field code; a name that the organisation gave a field of its `own` means
    that. Of two columns that mean the same field, the first is used."""
    named = {normalised(heading): item.code for item in own for heading in item.headings}
    known = KNOWN | {
        name: code for name, code in named.items() if KNOWN.get(name) not in NEVER_ANOTHER
    }
    mapping: dict[int, str] = {}
    for column, heading in enumerate(headings):
        code = known.get(normalised(heading))
        if code and code not in mapping.values():
            mapping[column] = code
    return mapping
