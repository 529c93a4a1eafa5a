"""Telephone numbers as they are compared: however somebody wrote one down, it is the same number."""


def plain_number(text: str) -> str:
    """Return a number in one form ("+447700900461"), or nothing where none could be rung.

    A number written without its country is British.
    """
    if not any(letter.isdigit() for letter in text):
        return ""
    import phonenumbers  # 58 modules: only where a number was typed, so that the first page comes sooner

    try:
        number = phonenumbers.parse(text, "GB")
    except phonenumbers.NumberParseException:
        return ""
    if not phonenumbers.is_possible_number(number):
        return ""
    return phonenumbers.format_number(number, phonenumbers.PhoneNumberFormat.E164)
