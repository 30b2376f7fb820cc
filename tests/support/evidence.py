"""Files of every kind that is taken, as small as they can be."""

import io
import zipfile

PDF = b"%PDF-1.7\n%\xe2\xe3\xcf\xd3\n1 0 obj<<>>endobj\ntrailer<<>>\n%%EOF\n"
JPEG = b"\xff\xd8\xff\xe0\x00\x10JFIF\x00" + bytes(40)
PNG = b"\x89PNG\r\n\x1a\n" + bytes(40)
TEXT = "Biên bản họp chi bộ\n".encode()


def zip_file(*members: str, comment: bytes = b"") -> bytes:
    """Return a ZIP with members of these names."""
    made = io.BytesIO()
    with zipfile.ZipFile(made, "w", zipfile.ZIP_DEFLATED) as archive:
        for member in members:
            archive.writestr(member, f"<{member}/>")
        archive.comment = comment
    return made.getvalue()


DOCX = zip_file("[Content_Types].xml", "_rels/.rels", "word/document.xml")
XLSX = zip_file("[Content_Types].xml", "_rels/.rels", "xl/workbook.xml")
