"""Days in the addresses of the center's pages: /zentrum/tag/2021-02-18/."""

from datetime import date

from django.urls import register_converter


class DateConverter:
    """Only real days of this century match; /2021-02-30/ is no page."""

    regex = "20[0-9]{2}-[0-9]{2}-[0-9]{2}"

    def to_python(self, value: str) -> date:
        return date.fromisoformat(value)

    def to_url(self, value: date) -> str:
        return value.isoformat()


register_converter(DateConverter, "date")
