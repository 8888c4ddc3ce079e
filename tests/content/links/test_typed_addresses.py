import pytest

from webapp.content.links.typed_addresses import (
    NoMailbox,
    NoNumber,
    NotOnTheWeb,
    Opens,
    plain_address,
    taken_apart,
)
from webapp.platform.errors import DomainError


@pytest.mark.parametrize(
    ("opens", "typed", "expected"),
    [
        (Opens.PAGE, "fjordlys.example/a b", "https://fjordlys.example/a b"),
        (Opens.PAGE, "http://x.dk/?n=[[customer.id]]", "http://x.dk/?n=[[customer.id]]"),
        (Opens.MAIL, "shop@fjordlys.example ", "mailto:shop@fjordlys.example"),
        (Opens.MAIL, "a@x.dk?subject=Lumo", "mailto:a@x.dk?subject=Lumo"),
        (Opens.MAIL, "[[ourContact.email]]", "mailto:[[ourContact.email]]"),
        (Opens.PHONE, "+45 (86) 12-34-56", "tel:+4586123456"),
        (Opens.PHONE, "[[ourContact.phone]]", "tel:[[ourContact.phone]]"),
    ],
)
def test_what_was_typed_is_completed(opens: Opens, typed: str, expected: str) -> None:
    assert plain_address(opens, typed) == expected
    assert plain_address(*taken_apart(expected)) == expected


@pytest.mark.parametrize(
    ("opens", "typed", "refusal"),
    [
        (Opens.PAGE, "fjordlys", NotOnTheWeb),
        (Opens.PAGE, "javascript:alert(1)", NotOnTheWeb),
        (Opens.MAIL, "shop", NoMailbox),
        (Opens.PHONE, "call us", NoNumber),
    ],
)
def test_what_leads_nowhere_is_refused(
    opens: Opens, typed: str, refusal: type[DomainError]
) -> None:
    with pytest.raises(refusal):
        plain_address(opens, typed)
