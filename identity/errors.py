"""What can be wrong with a name, a password or a token. Facts only; sentences are made at the edge."""

from typing import ClassVar

from kernel.errors import BadInput, DomainError


class SignInRefused(DomainError):
    """Name and password do not belong together; it is never said which of the two is wrong."""

    code = "sign_in_refused"
    status = 401
    is_recorded: ClassVar[bool] = True  # the refusal itself is written down, so its unit of work is kept


class SecondStepDue(DomainError):
    """Name and password are right; `token` lets the holder give the one-time code within a few minutes.

    The token is no fact, so that no page and no problem document shows it.
    """

    code = "second_step_due"
    status = 401
    is_recorded: ClassVar[bool] = True

    def __init__(self, token: str = "") -> None:
        super().__init__()
        self.token = token


class OneTimeCodeRefused(DomainError):
    """The authenticator's code is wrong, too old or used, or the recovery code is none; it is not said which."""

    code = "one_time_code_refused"
    status = 401
    is_recorded: ClassVar[bool] = True


class SecondStepOver(DomainError):
    """The few minutes between password and code have passed, or the code was given already."""

    code = "second_step_over"
    status = 401


class AuthenticatorInUse(DomainError):
    """A new authenticator takes the place of the one in use only after it was taken off."""

    code = "authenticator_in_use"


class AuthenticatorRequired(DomainError):
    """The person's role may not sign in without one."""

    code = "authenticator_required"


class PhoneCodeRefused(DomainError):
    """The code is wrong, too old, used or tried too often, or nobody who may sign in this way has the number; it is not said which."""

    code = "phone_code_refused"
    status = 401
    is_recorded: ClassVar[bool] = True


class NumberCodeRefused(BadInput):
    """The code does not prove the new number: wrong, too old, used or tried too often."""

    code = "number_code_refused"
    is_recorded: ClassVar[bool] = True


class DocumentSignInRefused(DomainError):
    """Passport, day of birth and code do not belong together, or nobody who may sign in so has them; it is not said which."""

    code = "document_sign_in_refused"
    status = 401
    is_recorded: ClassVar[bool] = True


class DayOfBirthMissing(BadInput):
    """None is on record, and whoever signs in by a document is asked for it."""

    code = "day_of_birth_missing"


class WrongDayOfBirth(BadInput):
    code = "wrong_day_of_birth"


class WrongDayOfArrival(BadInput):
    """Before today, or more than a year ahead."""

    code = "wrong_day_of_arrival"


class ComingNotFound(DomainError):
    """Nobody who said that they come, or one who is on record by now."""

    code = "coming_not_found"
    status = 404


class PersonToChoose(DomainError):
    """The code is right and several people share the number; facts: `people`, each with `person` and `names`."""

    code = "person_to_choose"


class HelpingNotFound(DomainError):
    """No such help is given or taken by this person."""

    code = "helping_not_found"
    status = 404


class NotTheirHelper(DomainError):
    """The person did not let this one do it, or there is no such person: it is not said which."""

    code = "not_their_helper"
    status = 404


class HelpsAlready(DomainError):
    code = "helps_already"


class SessionNotFound(DomainError):
    """No such session of this person is alive."""

    code = "session_not_found"
    status = 404


class SamePassword(BadInput):
    code = "same_password"


class TooManySignInTries(DomainError):
    """Facts: `wait_seconds` until the next try is looked at."""

    code = "too_many_sign_in_tries"
    status = 429


class TokenRefused(DomainError):
    """A bearer or refresh token is unknown, expired, used up or revoked; facts: `reason`."""

    code = "token_refused"
    status = 401
    is_recorded: ClassVar[bool] = True  # a replayed refresh token revokes its family, and that must stay


class SignInNameTaken(DomainError):
    code = "sign_in_name_taken"


class DocumentTaken(DomainError):
    """Another person is on record with this document."""

    code = "document_taken"


class WrongNationalId(BadInput):
    code = "wrong_national_id"


class WrongPassportNumber(BadInput):
    code = "wrong_passport_number"


class WrongPassportCountry(BadInput):
    code = "wrong_passport_country"


class UnknownDocumentKind(BadInput):
    code = "unknown_document_kind"


class PersonKnown(DomainError):
    """Somebody is on record with this mobile number; facts: `people`, their ids. The clerk says whether it is another person."""

    code = "person_known"


class WrongForeignCode(BadInput):
    code = "wrong_foreign_code"


class WrongLegalId(BadInput):
    code = "wrong_legal_id"


class WrongLicenceNumber(BadInput):
    """A guild licence id; facts: `fault`."""

    code = "wrong_licence_number"


class WrongTaxCode(BadInput):
    code = "wrong_tax_code"


class MobileTaken(DomainError):
    """Another person with a sign-in is on record with this mobile number."""

    code = "mobile_taken"


class TooManyInvitations(BadInput):
    """An organisation sends `most` invitations a day; facts: `field`, `most`."""

    code = "too_many_invitations"


class CodeRefused(DomainError):
    """A one-time code is unknown, used or too old; it is not said which."""

    code = "code_refused"


class AlreadySignsIn(DomainError):
    """The person has a sign-in already and needs no invitation."""

    code = "already_signs_in"


class WrongMobileNumber(BadInput):
    code = "wrong_mobile_number"


class WrongEmail(BadInput):
    """No e-mail address, as far as its form goes."""

    code = "wrong_email"


class EmailClosed(DomainError):
    """No e-mail leaves this platform."""

    code = "email_closed"


class EmailCodeRefused(BadInput):
    """The code is wrong, too old or tried too often, or none is waited for; it is not said which."""

    code = "email_code_refused"
    is_recorded: ClassVar[bool] = True


class TooManyEmailCodes(BadInput):
    """Facts: `minutes` until the next code is sent."""

    code = "too_many_email_codes"
    status = 429


class EmailNotConfirmed(DomainError):
    """Letters come by e-mail only to an address that its owner has confirmed."""

    code = "email_not_confirmed"


class PasswordTooShort(BadInput):
    """Facts: `least`, the number of characters asked for."""

    code = "password_too_short"


class MembershipNotFound(DomainError):
    """No such member or invitation of the organisation, or not in the branches that the person manages."""

    code = "membership_not_found"
    status = 404


class LastOwner(DomainError):
    """Without this person nobody could act for the organisation any more."""

    code = "last_owner"


class AlreadyMember(DomainError):
    """The person holds this role there already."""

    code = "already_member"


class RoleNotGiven(BadInput):
    """The organisation, or the branch the person manages, has no such role to give."""

    code = "role_not_given"


class WrongContact(BadInput):
    """Neither a mobile number nor an e-mail address."""

    code = "wrong_contact"
