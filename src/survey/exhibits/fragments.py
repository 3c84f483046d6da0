"""HTML of exhibits: the picture of a figure, and what stands below it."""

__all__ = ["CAPTION", "FIGURE"]

FIGURE = """\
<figure lang="{{ exhibit.lang }}" style="margin:1em 0">
<img style="max-width:100%" alt="{{ exhibit.alt }}" src="data:image/png;base64,{{ picture }}">
{{ caption }}
</figure>"""
CAPTION = (
    "<figcaption><strong>{{ title }}</strong>"
    "{% for text in lines %}<br><small>{{ text }}</small>{% endfor %}</figcaption>"
)
