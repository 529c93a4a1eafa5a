"""Files: documents typeset from data."""

from infrastructure.files.typesetting import NotTypesetError, Paragraph, Typeset, Typesetter, file_size

__all__ = ["NotTypesetError", "Paragraph", "Typeset", "Typesetter", "file_size"]
