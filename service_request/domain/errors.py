"""The root of every refusal by a rule."""


class DomainError(Exception):
    """Refuse by a rule, with a sentence that tells a person what to do."""

    sentence = "This cannot be done as things stand. Check the details and try again."

    def __init__(self, sentence: str | None = None) -> None:
        self.sentence = sentence or type(self).sentence
        super().__init__(self.sentence)
