"""What a picture says of itself to programs that list, search and read files aloud: XMP, and the words of a PNG."""

from __future__ import annotations

from xml.sax.saxutils import escape

from survey.base import catalogue
from survey.exhibits.exhibit import Exhibit

__all__ = ["png_words", "xmp"]

_PACKET = """\
<?xpacket begin="\ufeff" id="W5M0MpCehiHzreSzNTczkc9d"?>
<x:xmpmeta xmlns:x="adobe:ns:meta/">
 <rdf:RDF xmlns:rdf="http://www.w3.org/1999/02/22-rdf-syntax-ns#">
  <rdf:Description rdf:about="" xmlns:dc="http://purl.org/dc/elements/1.1/"
    xmlns:Iptc4xmpCore="http://iptc.org/std/Iptc4xmpCore/1.0/xmlns/">
{properties}
  </rdf:Description>
 </rdf:RDF>
</x:xmpmeta>
<?xpacket end="r"?>"""


def xmp(exhibit: Exhibit) -> bytes:
    """Title, alternative text, caption, source and language as an XMP packet (ISO 16684-1), without a date.

    The alternative text is `AltTextAccessibility` of the IPTC Photo Metadata Standard 2021.1, which programs that read
    pictures aloud look for.
    """
    lang = catalogue.text("language.tag", exhibit.lang)
    said = {"dc:title": exhibit.title, "dc:description": exhibit.caption or exhibit.alt}
    said["Iptc4xmpCore:AltTextAccessibility"] = exhibit.alt
    properties = [
        f'   <{name}><rdf:Alt><rdf:li xml:lang="x-default">{escape(text)}</rdf:li>'
        f'<rdf:li xml:lang="{lang}">{escape(text)}</rdf:li></rdf:Alt></{name}>'
        for name, text in said.items()
    ]
    properties.append(f"   <dc:language><rdf:Bag><rdf:li>{lang}</rdf:li></rdf:Bag></dc:language>")
    if exhibit.source:
        properties.append(f"   <dc:source>{escape(exhibit.source)}</dc:source>")
    return _PACKET.format(properties="\n".join(properties)).encode("utf-8")


def png_words(exhibit: Exhibit) -> dict[str, tuple[str, str]]:
    """Title, alternative text, caption, source, notes and hash with their language, by keyword; the same as XMP."""
    lang = catalogue.text("language.tag", exhibit.lang)
    said = {"Title": exhibit.title, "Description": exhibit.alt, "Caption": exhibit.caption, "Source": exhibit.source}
    said["Notes"] = " ".join(exhibit.notes)
    words = {key: (text, lang) for key, text in said.items() if text}
    return {**words, "Comment": (exhibit.hash, ""), "XML:com.adobe.xmp": (xmp(exhibit).decode("utf-8"), "")}
