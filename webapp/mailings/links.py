"""The public links of a message. Each names its recipient; the recipient 0 is a preview or test."""

from dataclasses import dataclass

from webapp.platform.tokens import Purpose, Signer

PREVIEW = 0
"""Stands for the recipient in previews and tests: the links work, but never count or change."""


@dataclass(frozen=True)
class PublicLinks:
    """Makes the links; `public_url` is what they begin with, without a slash at its end."""

    signer: Signer
    public_url: str

    def open(self, mailing_id: int, recipient_id: int) -> str:
        return f"{self.public_url}/o/{self._token(Purpose.OPEN, mailing_id, recipient_id)}.gif"

    def click(self, mailing_id: int, recipient_id: int, number: int) -> str:
        token = self._token(Purpose.CLICK, mailing_id, recipient_id, number)
        return f"{self.public_url}/c/{token}"

    def view(self, mailing_id: int, recipient_id: int) -> str:
        return f"{self.public_url}/v/{self._token(Purpose.VIEW, mailing_id, recipient_id)}"

    def unsubscribe(self, mailing_id: int, recipient_id: int) -> str:
        return f"{self.public_url}/u/{self._token(Purpose.UNSUBSCRIBE, mailing_id, recipient_id)}"

    def _token(self, purpose: Purpose, *numbers: int) -> str:
        return self.signer.sign(purpose, *numbers)
