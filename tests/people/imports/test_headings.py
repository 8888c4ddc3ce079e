from webapp.people.imports.headings import FIELDS, Field, guess_mapping, normalised


def test_danish_and_english_headings_are_known() -> None:
    danish = guess_mapping(["Kundenr", "Fornavn", "Efternavn", "Firma", "E-mail", "Mobil", "By"])
    assert danish == {
        1: "first_name",
        2: "last_name",
        3: "company",
        4: "email",
        5: "mobile",
        6: "city",
    }
    assert guess_mapping(["Full Name", "Email Address", "Job title", "ZIP code"]) == {
        0: "name",
        1: "email",
        2: "position",
        3: "postcode",
    }


def test_capitals_spaces_and_punctuation_do_not_matter() -> None:
    assert guess_mapping(["E_MAIL:", " mobil nr. ", "BEMÆRKNING"]) == {
        0: "email",
        1: "mobile",
        2: "note",
    }


def test_letters_written_out_are_the_same_letters() -> None:
    assert normalised("Straße, Gågade, Ørn, Æble") == normalised("Strasse Gaagade Oern Aeble")


def test_a_field_of_our_own_is_known_by_its_label_and_its_key() -> None:
    own = [
        Field("field.stoerrelse_2", "Butikkens størrelse", ("Butikkens størrelse", "stoerrelse_2"))
    ]
    assert guess_mapping(["BUTIKKENS STOERRELSE", "Kategori"], own) == {
        0: "field.stoerrelse_2",
        1: "category",
    }
    assert guess_mapping(["stoerrelse 2"], own) == {0: "field.stoerrelse_2"}


def test_a_field_of_our_own_wins_over_a_synonym_but_consent_stays_consent() -> None:
    own = [Field(f"field.{name}", name, (name,)) for name in ("Rolle", "Nyhedsbrev", "Mail")]
    assert guess_mapping(["Mail", "Rolle", "Nyhedsbrev"], own) == {
        0: "email",
        1: "field.Rolle",
        2: "consent",
    }


def test_a_heading_that_stands_twice_is_used_once() -> None:
    assert guess_mapping(["E-mail", "Navn", "E-mail", "Mail"]) == {0: "email", 1: "name"}


def test_unknown_and_empty_headings_are_left_out() -> None:
    assert guess_mapping(["", "Segment", "-", "Kunde siden"]) == {}


def test_no_heading_means_two_fields() -> None:
    spellings = [normalised(heading) for field in FIELDS for heading in set(field.headings)]
    by_field = {normalised(heading): field.code for field in FIELDS for heading in field.headings}
    for field in FIELDS:
        assert {by_field[normalised(heading)] for heading in field.headings} == {field.code}
    assert all(spellings)
