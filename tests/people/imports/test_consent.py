"""What an import says about consent, and what it never undoes."""

from datetime import UTC, datetime

import pytest
from sqlalchemy import select

from tests.factories import make_contact, newsletter
from tests.people.imports.importing import bring, contact, figures
from tests.support.histories import subscription_history
from webapp.accounts.organisation import fingerprint
from webapp.people import subscriptions, suppression
from webapp.people.models import Basis, Consent, ConsentEntry, SuppressionReason
from webapp.platform.database import db

KAREN = "karen@lys.example.dk"


def entries(contact_id: int) -> list[ConsentEntry]:
    return list(
        db.session.scalars(
            select(ConsentEntry)
            .where(ConsentEntry.contact_id == contact_id)
            .order_by(ConsentEntry.id)
        )
    )


def test_consent_is_recorded_with_its_basis_and_the_name_of_the_file() -> None:
    bring(f"E-mail\n{KAREN}\n", "fair.csv", basis=Basis.CUSTOMER, source="Autumn fair")
    karen = contact(KAREN)
    [entry] = entries(karen.id)
    assert karen.e_marketing == Consent.GRANTED
    assert (entry.state, entry.basis) == (Consent.GRANTED, Basis.CUSTOMER)
    assert entry.source == "Autumn fair (file fair.csv)"


def test_the_day_of_consent_is_a_day_where_the_organisation_is() -> None:
    bring(f"E-mail;Consent date\n{KAREN};2024-03-01\n")
    [entry] = entries(contact(KAREN).id)
    assert entry.given_at == datetime(2024, 2, 29, 23, tzinfo=UTC)


def test_only_a_yes_grants_where_the_file_has_a_column_of_consent() -> None:
    bring(
        "E-mail;Consent\n"
        "yes@lys.example.dk;yes\nno@lys.example.dk;no\nempty@lys.example.dk;\n"
        "odd@lys.example.dk;perhaps\n"
    )
    states = {
        name: contact(f"{name}@lys.example.dk").e_marketing
        for name in ("yes", "no", "empty", "odd")
    }
    assert states == {
        "yes": Consent.GRANTED,
        "no": Consent.WITHDRAWN,
        "empty": Consent.UNKNOWN,
        "odd": Consent.UNKNOWN,
    }


@pytest.mark.parametrize(
    ("rows", "state"),
    [
        (["yes", "no"], Consent.WITHDRAWN),
        (["no", "yes"], Consent.WITHDRAWN),
        (["", "no"], Consent.WITHDRAWN),
        (["yes", ""], Consent.GRANTED),
        (["yes;2024-03-01", "no;2024-02-01"], Consent.GRANTED),
        (["yes;2024-03-01", "no;2024-04-01"], Consent.WITHDRAWN),
    ],
)
def test_a_no_in_a_later_row_of_the_same_address_is_heard(rows: list[str], state: Consent) -> None:
    lines = "".join(f"{KAREN};{row}\n" for row in rows)
    bring(f"E-mail;Consent;Consent date\n{lines}")
    assert contact(KAREN).e_marketing == state


def test_a_no_is_kept_as_evidence_without_a_basis() -> None:
    bring(f"E-mail;Consent\n{KAREN};no\n")
    [entry] = entries(contact(KAREN).id)
    assert (entry.state, entry.basis) == (Consent.WITHDRAWN, None)


def test_consent_that_was_withdrawn_is_not_granted_again() -> None:
    karen = make_contact("Karen ", KAREN, e_marketing=Consent.WITHDRAWN)
    import_ = bring(f"First name;E-mail\nKaren;{KAREN}\n")
    assert contact(KAREN).e_marketing == Consent.WITHDRAWN
    assert len(entries(karen.id)) == 1
    assert figures(import_) == (0, 0, 1, 0)
    assert import_.refused == 1


@pytest.mark.parametrize(
    ("reason", "state"),
    [
        (SuppressionReason.UNSUBSCRIBED, Consent.UNKNOWN),
        (SuppressionReason.COMPLAINT, Consent.UNKNOWN),
        (SuppressionReason.BLOCKED_BY_HAND, Consent.UNKNOWN),
        (SuppressionReason.HARD_BOUNCE, Consent.GRANTED),
    ],
)
def test_an_address_that_refused_our_mail_stays_blocked_and_is_not_granted(
    reason: SuppressionReason, state: Consent
) -> None:
    suppression.block(fingerprint(KAREN), reason)
    bring(f"E-mail\n{KAREN}\n")
    assert contact(KAREN).e_marketing == state
    assert suppression.in_force(fingerprint(KAREN)) is not None


def test_a_block_that_was_lifted_holds_nothing_back() -> None:
    suppression.block(fingerprint(KAREN), SuppressionReason.UNSUBSCRIBED)
    suppression.lift(fingerprint(KAREN))
    bring(f"E-mail\n{KAREN}\n")
    assert contact(KAREN).e_marketing == Consent.GRANTED


def test_somebody_of_whom_nothing_was_known_is_granted_and_counts_as_changed() -> None:
    make_contact("Karen ", KAREN, e_marketing=Consent.UNKNOWN)
    import_ = bring(f"First name;E-mail\nKaren;{KAREN}\n")
    assert contact(KAREN).e_marketing == Consent.GRANTED
    assert figures(import_) == (0, 1, 0, 0)


def test_consent_that_we_have_is_not_recorded_again() -> None:
    karen = make_contact("Karen ", KAREN)
    import_ = bring(f"First name;E-mail\nKaren;{KAREN}\n")
    assert len(entries(karen.id)) == 1
    assert figures(import_) == (0, 0, 1, 0)


def test_a_no_withdraws_consent_that_we_have() -> None:
    karen = make_contact("Karen ", KAREN)
    import_ = bring(f"First name;E-mail;Consent\nKaren;{KAREN};no\n")
    assert contact(KAREN).e_marketing == Consent.WITHDRAWN
    assert [entry.state for entry in entries(karen.id)] == [Consent.GRANTED, Consent.WITHDRAWN]
    assert figures(import_) == (0, 1, 0, 0)


def test_a_no_from_before_the_consent_that_we_have_withdraws_nothing() -> None:
    make_contact("Karen ", KAREN)
    import_ = bring(f"First name;E-mail;Consent;Consent date\nKaren;{KAREN};no;2019-05-01\n")
    assert contact(KAREN).e_marketing == Consent.GRANTED
    assert figures(import_) == (0, 0, 1, 0)


def subscribes(address: str) -> bool | None:
    """None when neither yes nor no is known."""
    now = subscriptions.current(contact(address).id, newsletter().id)
    return now.subscribed if now else None


def test_whose_consent_is_imported_subscribes_to_the_default_types() -> None:
    make_contact(email="old@lys.example.dk", e_marketing=Consent.UNKNOWN)
    bring(
        "E-mail;Consent\nold@lys.example.dk;yes\nnew@lys.example.dk;yes\nno@lys.example.dk;no\n"
        "empty@lys.example.dk;\n",
        "fair.csv",
        source="Autumn fair",
    )
    names = ("old", "new", "no", "empty")
    assert [subscribes(f"{name}@lys.example.dk") for name in names] == [True, True, None, None]
    [entry] = subscription_history(contact("new@lys.example.dk"))
    assert entry.source == "Autumn fair (file fair.csv)"


def test_an_import_never_brings_back_a_type_that_was_left() -> None:
    left = make_contact(email=KAREN, e_marketing=Consent.UNKNOWN)
    subscriptions.leave(left, newsletter(), source="By phone")
    suppression.block(
        fingerprint("bare@lys.example.dk"),
        SuppressionReason.UNSUBSCRIBED,
        type_id=newsletter().id,
    )
    bring(f"E-mail\n{KAREN}\nbare@lys.example.dk\n")
    assert subscribes(KAREN) is False
    assert subscribes("bare@lys.example.dk") is None
    assert contact("bare@lys.example.dk").e_marketing == Consent.GRANTED
