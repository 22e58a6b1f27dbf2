"""Small archives and documents, made by hand for tests."""

import io
import tarfile
import zipfile


def zipped(members, **options):
    """A ZIP archive of `{name: bytes}`."""
    file = io.BytesIO()
    with zipfile.ZipFile(file, "w", options.pop("compression", zipfile.ZIP_DEFLATED)) as archive:
        for name, data in members.items():
            archive.writestr(name, data)
    return file.getvalue()


def tarred(members, mode="w", **headers):
    """A tar archive of `{name: bytes}`."""
    file = io.BytesIO()
    with tarfile.open(fileobj=file, mode=mode) as archive:
        for name, data in members.items():
            info = tarfile.TarInfo(name)
            info.size = len(data)
            for key, value in headers.items():
                setattr(info, key, value)
            archive.addfile(info, io.BytesIO(data))
    return file.getvalue()


def pdf(pages, info=None):
    """A PDF of pages of lines, in Helvetica, with a document information of `{key: text}`."""
    kids = " ".join(f"{4 + 2 * n} 0 R" for n in range(len(pages)))
    said = "".join(f"/{key} ({value}) " for key, value in (info or {}).items())
    objects = [
        "<< /Type /Catalog /Pages 2 0 R >>",
        f"<< /Type /Pages /Kids [{kids}] /Count {len(pages)} >>",
        "<< /Type /Font /Subtype /Type1 /BaseFont /Helvetica /Encoding /WinAnsiEncoding >>",
    ]
    for number, lines in enumerate(pages):
        drawn = "".join(f"({_escaped(line)}) Tj T*\n" for line in lines)
        content = f"BT /F1 11 Tf 14 TL 60 780 Td\n{drawn}ET"
        objects.append(
            "<< /Type /Page /Parent 2 0 R /MediaBox [0 0 595 842] "
            f"/Resources << /Font << /F1 3 0 R >> >> /Contents {5 + 2 * number} 0 R >>"
        )
        objects.append(f"<< /Length {len(content)} >>\nstream\n{content}\nendstream")
    objects.append(f"<< {said}>>")
    return _file(objects)


def _file(objects):
    out, offsets = bytearray(b"%PDF-1.4\n"), []
    for number, body in enumerate(objects, start=1):
        offsets.append(len(out))
        out += f"{number} 0 obj\n{body}\nendobj\n".encode("latin-1")
    table = len(out)
    out += f"xref\n0 {len(objects) + 1}\n0000000000 65535 f \n".encode()
    out += b"".join(f"{offset:010} 00000 n \n".encode() for offset in offsets)
    size = len(objects)
    out += f"trailer\n<< /Size {size + 1} /Root 1 0 R /Info {size} 0 R >>\n".encode()
    return bytes(out + f"startxref\n{table}\n%%EOF\n".encode())


def _escaped(line):
    return line.replace("\\", "\\\\").replace("(", "\\(").replace(")", "\\)")


def warc(*records):
    """A WARC file of records `(type, url, date, block)`; a `response` block is HTTP."""
    out = b""
    for kind, url, date, block, *more in records:
        lines = [
            *("WARC/1.0", f"WARC-Type: {kind}", "WARC-Record-ID: <urn:uuid:0>"),
            *(f"WARC-Target-URI: {url}", f"WARC-Date: {date}", f"Content-Length: {len(block)}"),
            *more,
        ]
        out += "\r\n".join(lines).encode() + b"\r\n\r\n" + block + b"\r\n\r\n"
    return out


def http(body, content_type="text/html; charset=utf-8", status="200 OK", **headers):
    """An answer of a server."""
    lines = [f"HTTP/1.1 {status}", f"Content-Type: {content_type}"]
    lines += [f"{name.replace('_', '-')}: {value}" for name, value in headers.items()]
    return "\r\n".join(lines).encode() + b"\r\n\r\n" + body
