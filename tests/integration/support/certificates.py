# SPDX-License-Identifier: MIT
"""Certificates for tests, made by openssl in the test's own directory."""
import collections
import subprocess

Pair = collections.namedtuple("Pair", "certificate key")


def openssl(*arguments):
    subprocess.run(["/usr/bin/openssl", *map(str, arguments)], check=True, capture_output=True)


def make(folder, name, names=("localhost", "127.0.0.1"), days=90, issuer=None, subject=None):
    """A pair of files. Signed by itself, or by the pair `issuer`. Negative `days`: it has ended."""
    pair = Pair(folder / f"{name}.pem", folder / f"{name}.key")
    request, extensions = folder / f"{name}.csr", folder / f"{name}.ext"
    openssl(
        "req", "-new", "-newkey", "ec", "-pkeyopt", "ec_paramgen_curve:P-256", "-nodes",
        "-keyout", pair.key, "-out", request, "-subj", subject or f"/CN={name}",
    )  # fmt: skip
    pair.key.chmod(0o600)
    kinds = [("IP" if each[0].isdigit() else "DNS") + ":" + each for each in names]
    extensions.write_text(f"subjectAltName={','.join(kinds)}\n" if kinds else "")
    signer = ["-CA", issuer.certificate, "-CAkey", issuer.key] if issuer else ["-key", pair.key]
    openssl(
        "x509", "-req", "-in", request, *signer, "-days", days, "-extfile", extensions,
        "-out", pair.certificate,
    )  # fmt: skip
    return pair


def authority(folder, name="authority"):
    """One that may sign others."""
    pair = Pair(folder / f"{name}.pem", folder / f"{name}.key")
    openssl(
        "req", "-x509", "-newkey", "ec", "-pkeyopt", "ec_paramgen_curve:P-256", "-nodes",
        "-keyout", pair.key, "-out", pair.certificate, "-days", "90", "-subj", f"/CN={name}",
    )  # fmt: skip
    return pair


def replace(target, source):
    """The files of `source` in the place of those of `target`."""
    for old, new in zip(target, source):
        old.write_bytes(new.read_bytes())
