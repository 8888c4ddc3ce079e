import pytest

from webapp.content.document.blocks import Block
from webapp.mailings.preview import excerpt


def test_an_excerpt_is_words_alone_without_addresses_and_raw_tags() -> None:
    html = (
        '<p>Hi [[customer.firstname|"there"]],</p>'
        '<p>see <a href="https://www.fjordlys.example/lumo">Lumo</a>!</p>'
    )
    assert excerpt(Block(id="a", type="text", html=html)) == "Hi ‹First name›, see Lumo!"


def test_an_excerpt_of_a_button_is_its_label() -> None:
    button = Block(id="a", type="button", label="For [[company.name]]", url="https://a.example")
    assert excerpt(button) == "For ‹The recipient's company›"


@pytest.mark.parametrize(
    ("html", "words"),
    [
        ("<p>[[ELSE]]</p>", "[[ELSE]]"),
        ("[[IF:customer.id]]Hi[[ELSE]]Hello[[ENDIF]]", "Hi / Hello"),
    ],
)
def test_a_block_of_logic_alone_is_known_by_it(html: str, words: str) -> None:
    assert excerpt(Block(id="a", type="text", html=html)) == words
