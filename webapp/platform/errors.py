from flask_babel import LazyString


class DomainError(Exception):
    """Something a user did or asked for cannot be done; `str()` says why, in the user's language.

    Subclasses state `message`, a lazy translation. Keyword arguments fill its placeholders.
    """

    message: LazyString | str = ""

    def __init__(self, **details: object) -> None:
        super().__init__(details)
        self.details = details

    def __str__(self) -> str:
        return str(self.message) % self.details if self.details else str(self.message)


class NotFound(DomainError):
    """The thing asked for does not exist (any more); pages answer 404."""
