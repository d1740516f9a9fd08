"""Keys of links that set a new password once: mailed on request, or created by an administrator.

A key expires when it is used, after PASSWORD_RESET_TIMEOUT, and when its user signs in, changes their password
or email address, or is deactivated.  A key created by an administrator names them and also expires when they
lose that role, because it would otherwise be a way back in.  Nothing makes an expired key valid again.
"""

from django.contrib.auth.tokens import PasswordResetTokenGenerator

from edits.models import Role, User


class PasswordLinkKeys(PasswordResetTokenGenerator):
    """Makes and checks keys: ``time-hash`` for mails, ``time-hash.maker`` for an administrator."""

    def __init__(self, maker: User | None = None) -> None:
        super().__init__()
        self.maker = maker

    def make_token(self, user: User) -> str:
        """A new key; nothing is stored."""
        token = super().make_token(user)
        return f"{token}.{self.maker.pk}" if self.maker else token

    def check_token(self, user: User | None, token: str | None) -> bool:
        """Whether the key can still set this user's password."""
        if user is None or not user.is_active:
            return False
        key, _, maker_pk = (token or "").partition(".")
        if not maker_pk:
            return bool(super().check_token(user, key))
        maker = _administrator(maker_pk)
        return maker is not None and PasswordLinkKeys(maker).check_token(user, key)

    def _make_hash_value(self, user: User, timestamp: int) -> str:
        value = f"{super()._make_hash_value(user, timestamp)}:{user.link_stamp}"
        return f"{value}:{self.maker.pk}:{self.maker.link_stamp}" if self.maker else value


def _administrator(pk: str) -> User | None:
    if not (pk.isascii() and pk.isdigit() and len(pk) < 19):
        return None
    return User.objects.filter(pk=int(pk), role=Role.ADMINISTRATOR, is_active=True).first()
