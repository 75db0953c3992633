"""django-allauth's forms in our words: what they check is theirs, what they say is ours."""

from typing import Any

from allauth.account import forms as account
from allauth.account.adapter import get_adapter
from allauth.core import context
from allauth.mfa.base import forms as factor
from allauth.mfa.totp import forms as app
from allauth.mfa.webauthn import forms as passkey
from cryptography.exceptions import InvalidSignature
from django.core.exceptions import ValidationError
from django.forms import Form
from django.utils import timezone
from django.utils.translation import gettext_lazy as _

from accounts import audit
from web import limits

NEW_PASSWORD = _("At least 12 characters, and none of the passwords that many people use. A whole sentence is good.")
DIFFERENT = _("This is not the same as above. Please enter the new password twice in the same way.")
NO_PASSKEY = _("The browser's answer was not a passkey of this account. Please try again, or take another way.")
# What fido2 raises for an answer that no browser gives, and for a signature by another key.
NONSENSE = (KeyError, TypeError, ValueError, AttributeError, InvalidSignature)
CODE = _("The 6 digits from your authenticator app, or one of your recovery codes.")


class Plain(Form):
    """No text inside the inputs that vanishes while typing, no bubbles of the browser."""

    use_required_attribute = False
    words: dict[str, dict[str, Any]] = {}

    def __init__(self, *args: Any, **options: Any) -> None:
        super().__init__(*args, **options)
        for field in self.fields.values():
            field.widget.attrs.pop("placeholder", None)
        for name, words in self.words.items():
            self.fields[name].label = words["label"]
            self.fields[name].help_text = words.get("hint", "")
            self.fields[name].error_messages["required"] = words["missing"]


NEW = {
    "password1": {"label": _("New password"), "hint": NEW_PASSWORD, "missing": _("Please enter a new password.")},
    "password2": {"label": _("New password once more"), "missing": _("Please enter the new password once more.")},
}
PASSWORD = {"password": {"label": _("Password"), "missing": _("Please enter your password.")}}
ONE_CODE = {"code": {"label": _("Code"), "hint": CODE, "missing": _("Please enter the code.")}}


class LoginForm(Plain, account.LoginForm):
    words = {
        "login": {
            "label": _("User name or e-mail address"),
            "missing": _("Please enter your user name or e-mail address."),
        },
        **PASSWORD,
    }

    def __init__(self, *args: Any, **options: Any) -> None:
        super().__init__(*args, **options)
        self.fields["login"].widget.attrs.update(
            {"autocomplete": "username", "autocapitalize": "none", "spellcheck": "false"}
        )


class ReauthenticateForm(Plain, account.ReauthenticateForm):
    words = PASSWORD


class NewPassword(Plain):
    """Forms with a new password in two fields."""

    def add_error(self, field: str | None, error: Any) -> None:
        """allauth's own word about the second field is only that it differs."""
        differs = field == "password2" and not isinstance(error, ValidationError)
        super().add_error(field, DIFFERENT if differs else error)


class ChangePasswordForm(NewPassword, account.ChangePasswordForm):
    words = {
        "oldpassword": {"label": _("Present password"), "missing": _("Please enter your present password.")},
        **NEW,
    }


class ResetPasswordForm(Plain, account.ResetPasswordForm):
    words = {"email": {"label": _("E-mail address"), "missing": _("Please enter your e-mail address.")}}


class ResetPasswordKeyForm(NewPassword, account.ResetPasswordKeyForm):
    words = NEW


class LinkForm(account.UserTokenForm):
    """The two parts of a link's address; what cannot be read is a link that no longer works."""

    def clean(self) -> Any:
        if self.errors:
            return self.cleaned_data
        return super().clean()


class OneCode(Plain):
    """Forms that ask for a code of a factor; a lock after wrong ones is kept in the trail."""

    words = ONE_CODE

    def clean_code(self) -> Any:
        try:
            if not limits.left("login_failed", limits.address(context.request)):
                raise get_adapter().validation_error("too_many_login_attempts")
            return super().clean_code()  # type: ignore[misc]  # allauth's form beside this one has it
        except ValidationError as error:
            if error.code == "too_many_login_attempts":
                audit.record("account.locked_out", subject=self.user.public_id, by=None, now=timezone.now())
            raise


class CodeForm(OneCode, factor.AuthenticateForm):
    """The second step of the login."""


class ReauthenticateCodeForm(OneCode, factor.ReauthenticateForm):
    """The same, when something about the login is to be changed."""


class ActivateAppForm(Plain, app.ActivateTOTPForm):
    words = {"code": {"label": _("Code from the app"), "hint": _("The 6 digits that the app shows now."),
                      "missing": _("Please enter the code.")}}  # fmt: skip


class AddPasskeyForm(Plain, passkey.AddWebAuthnForm):
    words = {"name": {"label": _("Name of the passkey"), "missing": ""}}

    def clean(self) -> Any:
        try:
            return super().clean()
        except NONSENSE as error:
            raise ValidationError(NO_PASSKEY) from error


class PasskeyForm(Plain, passkey.AuthenticateWebAuthnForm):
    def clean_credential(self) -> Any:
        try:
            return super().clean_credential()
        except NONSENSE as error:
            raise ValidationError(NO_PASSKEY) from error


class ReauthenticatePasskeyForm(PasskeyForm, passkey.ReauthenticateWebAuthnForm):
    """The same, when something about the login is to be changed."""
