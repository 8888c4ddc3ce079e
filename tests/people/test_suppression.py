from tests.factories import make_type, newsletter
from webapp.accounts.organisation import fingerprint
from webapp.people import suppression
from webapp.people.models import SuppressionReason
from webapp.people.suppression import block, in_force, lift, types_left

BARE = b"the hash of a bare address"
LEFT = SuppressionReason.UNSUBSCRIBED


def test_leaving_a_type_is_no_block_of_everything() -> None:
    assert block(BARE, LEFT, type_id=newsletter().id)
    assert in_force(BARE) is None
    assert in_force(BARE, type_id=newsletter().id)
    assert in_force(BARE, type_id=make_type().id) is None
    assert list(types_left(BARE)) == [newsletter().id]


def test_both_stand_beside_each_other_and_are_lifted_alone() -> None:
    block(BARE, SuppressionReason.HARD_BOUNCE)
    block(BARE, LEFT, type_id=newsletter().id)
    assert not block(BARE, LEFT, type_id=newsletter().id)
    assert lift(BARE)
    assert in_force(BARE, type_id=newsletter().id)
    assert lift(BARE, type_id=newsletter().id)
    assert not lift(BARE, type_id=newsletter().id)
    assert types_left(BARE) == {}


def test_an_address_that_is_not_known_left_nothing() -> None:
    assert types_left(None) == {}
    assert types_left(fingerprint("nobody@lys.example")) == {}
    assert suppression.in_force(None, type_id=newsletter().id) is None
