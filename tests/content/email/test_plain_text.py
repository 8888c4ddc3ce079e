from webapp.content.email.plain_text import plain_text


def test_paragraphs_lists_and_links_are_readable() -> None:
    html = (
        "<h1>News</h1><p>One<br>two   three</p><ul><li>a</li><li><p>b</p></li></ul>"
        '<ol><li>c</li><li>d</li></ol><p>See <a href="https://x.example">our page</a></p>'
    )
    assert plain_text(html) == (
        "News\n\nOne\ntwo three\n\n- a\n- b\n\n1. c\n2. d\n\nSee our page: https://x.example"
    )


def test_an_address_that_is_its_own_label_is_written_once() -> None:
    html = '<a href="https://x.example">https://x.example</a> <a href="mailto:k@x.dk">k@x.dk</a>'
    assert plain_text(html) == "https://x.example k@x.dk"


def test_an_image_is_its_alt_text() -> None:
    assert (
        plain_text('<a href="https://x.example"><img alt="Lamp"></a>') == "Lamp: https://x.example"
    )
    assert plain_text('<p>a<img src="x" alt=""></p>') == "a"


def test_what_is_hidden_is_left_out() -> None:
    hidden = '<div style="DISPLAY : none">a</div><div style="display: none">b</div>'
    assert plain_text(f"<head><title>t</title></head>{hidden}<!-- c --><p>d</p>") == "d"


def test_nothing_gives_nothing() -> None:
    assert plain_text("") == ""
    assert plain_text("<!-- -->") == ""
