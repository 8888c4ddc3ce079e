"""The letters that stand for a person in a list."""


def initials(name: str) -> str:
    """Of the first and the last word; one letter for one word, nothing for nothing."""
    words = name.split()
    return "".join(word[0] for word in (words[0], words[-1])[: len(words)]).upper() if words else ""
