"""Markdown as plain text, for terminals and editors that show no Markdown."""

from slimstage.features.plain import plain


def test_marks_go_and_words_stay() -> None:
    assert plain("### Title\n\n**bold** and `code`\n") == "Title\n\nbold and code"
    assert plain("```dockerfile\nFROM **a**\n```") == "    FROM **a**"


def test_addresses_of_links_stand_behind_their_words_but_not_behind_topics() -> None:
    assert plain("[Reference](https://a.example/b)") == "Reference (https://a.example/b)"
    assert plain("See [`layer`](https://a.example/l) (Layer), `x`") == "See layer (Layer), x"
