"""A stamped scan, as far as a simulation needs one: a valid one-page PDF that says it is simulated."""

from __future__ import annotations

from datetime import date

# A circle of four Bézier arcs around the origin, radius 60.
_CIRCLE = "60 0 m 60 33 33 60 0 60 c -33 60 -60 33 -60 0 c -60 -33 -33 -60 0 -60 c 33 -60 60 -33 60 0 c S"


def stamped_scan(unit_code: str, on: date) -> bytes:
    """The same bytes for the same unit and day. In Latin letters: a Chinese font would be most of the file."""
    lines = [
        (20, "Self-check report"),
        (13, "SIMULATED - for demonstration only"),
        (13, unit_code),
        (13, f"{on}"),
    ]
    page = "".join(
        f"BT /F1 {size} Tf 90 {760 - 40 * number} Td ({words}) Tj ET\n"
        for number, (size, words) in enumerate(lines)
    )
    stamp = (
        f"q 0.8 0 0 RG 0.8 0 0 rg 3 w 1 0 0 1 400 600 cm {_CIRCLE} BT /F1 16 Tf -46 -6 Td (SIMULATED) Tj ET Q"
    )
    return _document(f"{page}{stamp}".encode("ascii"))


def _document(content: bytes) -> bytes:
    """One page with this content (ISO 32000-1, 7.5)."""
    objects = (
        b"<< /Type /Catalog /Pages 2 0 R >>",
        b"<< /Type /Pages /Kids [3 0 R] /Count 1 >>",
        b"<< /Type /Page /Parent 2 0 R /MediaBox [0 0 595 842] /Contents 4 0 R "
        b"/Resources << /Font << /F1 5 0 R >> >> >>",
        b"<< /Length %d >>\nstream\n%b\nendstream" % (len(content), content),
        b"<< /Type /Font /Subtype /Type1 /BaseFont /Helvetica >>",
    )
    file = b"%PDF-1.4\n"
    places = []
    for number, body in enumerate(objects, start=1):
        places.append(len(file))
        file += b"%d 0 obj\n%b\nendobj\n" % (number, body)
    table = b"".join(b"%010d 00000 n \n" % place for place in places)
    return (
        file
        + b"xref\n0 %d\n0000000000 65535 f \n%b" % (len(objects) + 1, table)
        + b"trailer << /Size %d /Root 1 0 R >>\nstartxref\n%d\n%%%%EOF\n" % (len(objects) + 1, len(file))
    )
