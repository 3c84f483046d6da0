"""stub"""

from survey.reports.document import Document


def page(documents: list[Document], step=None) -> str:
    return ""
