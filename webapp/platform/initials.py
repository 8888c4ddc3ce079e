"""The letters that stand for a person in a list."""


def initials(name: str) -> str:
    """Of the first and the last word that have a letter or a digit; the first character of a name
    that has none, nothing for nothing."""
    letters = [letter for word in name.split() if (letter := _first_letter(word))]
    return "".join((letters[0], *letters[1:][-1:])).upper() if letters else name.strip()[:1]


def _first_letter(word: str) -> str:
    return next((character for character in word if character.isalnum()), "")
