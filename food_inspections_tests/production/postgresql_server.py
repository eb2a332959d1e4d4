"""A PostgreSQL server of the machine's own make, with TLS and without trust, as an unprivileged user."""

import datetime as dt
import ipaddress
import os
import pwd
import shutil
import socket
import subprocess
import tempfile
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from cryptography import x509
from cryptography.hazmat.primitives import hashes, serialization
from cryptography.hazmat.primitives.asymmetric import ec
from cryptography.x509.oid import NameOID

PASSWORD = "planted-database-password"  # noqa: S105 - of a server that lives as long as the tests
ROLE = "food"
START_SECONDS = "60"


def binaries() -> Path | None:
    """Folder of the newest ``pg_ctl`` of the machine, or ``None``."""
    found = sorted(Path("/usr/lib/postgresql").glob("*/bin/pg_ctl"), key=lambda path: int(path.parts[-3]))
    return found[-1].parent if found else None


@dataclass
class PostgresqlServer:
    """A running server with one database and a role that owns nothing but may create in it."""

    binaries: Path
    folder: Path
    port: int

    @property
    def certificate(self) -> Path:
        """The server's certificate, which is its own authority."""
        return self.folder / "server.crt"

    def url(self, database: str = "food", role: str = ROLE) -> str:
        """Address that verifies the server's certificate and name."""
        return (
            f"postgresql://{role}:{PASSWORD}@localhost:{self.port}/{database}"
            f"?sslmode=verify-full&sslrootcert={self.certificate}"
        )

    def sql(self, statement: str, database: str = "postgres") -> str:
        """Run a statement as the superuser, through the private socket."""
        return self._run(
            "psql", "-h", str(self.folder), "-p", str(self.port), "-U", "postgres", "-XAtqc", statement, database
        )

    def control(self, action: str, *arguments: str) -> None:
        """``pg_ctl start``, ``stop`` or ``restart``, waited for."""
        self._run("pg_ctl", "-D", str(self.folder / "data"), "-w", "-t", START_SECONDS, *arguments, action)

    def initialise(self) -> None:
        """Make the data folder: scram passwords, TLS required over TCP."""
        (self.folder / "password").write_text(PASSWORD)
        _write_certificate(self.folder)
        for path in (self.folder, *self.folder.iterdir()):
            _give_away(path)
        self._run(
            *("initdb", "-D", str(self.folder / "data"), "-U", "postgres", "-A", "scram-sha-256", "--no-sync"),
            *("--pwfile", str(self.folder / "password"), "-E", "UTF8", "--locale=C"),
        )
        data = self.folder / "data"
        (data / "pg_hba.conf").write_text("local all postgres trust\nhostssl all all 127.0.0.1/32 scram-sha-256\n")
        with (data / "postgresql.conf").open("a") as file:
            file.write(
                f"port = {self.port}\nlisten_addresses = '127.0.0.1'\nunix_socket_directories = '{self.folder}'\n"
                f"ssl = on\nssl_cert_file = '{self.certificate}'\nssl_key_file = '{self.folder / 'server.key'}'\n"
                "fsync = off\nshared_buffers = 64MB\nmax_connections = 60\nlogging_collector = off\n"
            )
        self.control("start", "-l", str(self.folder / "log"))
        self.sql(f"CREATE ROLE {ROLE} LOGIN PASSWORD '{PASSWORD}' NOSUPERUSER NOCREATEDB NOCREATEROLE")

    def create_database(self, name: str) -> None:
        """A database in which the role may create schemas, and no more."""
        self.sql(f"CREATE DATABASE {name}")
        self.sql(f"REVOKE ALL ON DATABASE {name} FROM PUBLIC; GRANT CONNECT, CREATE ON DATABASE {name} TO {ROLE}")

    def dump(self, name: str, *options: str) -> Path:
        """``pg_dump`` of a database, into a file."""
        path = self.folder / f"{name}.dump"
        arguments = ("-h", str(self.folder), "-p", str(self.port), "-U", "postgres", "-f", str(path), *options, name)
        self._run("pg_dump", *arguments)
        return path

    def _run(self, command: str, *arguments: str) -> str:
        identity: dict[str, Any] = {}
        if os.geteuid() == 0:
            nobody = pwd.getpwnam("nobody")
            identity = {"user": nobody.pw_uid, "group": nobody.pw_gid, "extra_groups": []}
        # Output to a file: a server started by pg_ctl keeps a pipe open for ever.
        with tempfile.TemporaryFile() as output:
            result = subprocess.run(  # noqa: S603 - programs of the server, no shell
                [str(self.binaries / command), *arguments],
                cwd=self.folder,
                stdin=subprocess.DEVNULL,
                stdout=output,
                stderr=output,
                env={"PATH": os.defpath, "LC_ALL": "C", "TZ": "UTC", "HOME": str(self.folder)},
                check=False,
                timeout=90,
                **identity,
            )
            output.seek(0)
            text = output.read().decode(errors="replace").strip()
        if result.returncode != 0:
            raise RuntimeError(f"{command} {' '.join(arguments)} failed: {text[-2000:]}")
        return text


@contextmanager
def running_postgresql_server(folder_of_binaries: Path) -> Iterator[PostgresqlServer]:
    """Start a server under the temporary directory, and remove it at the end."""
    # Not pytest's own folder: that is closed to everybody else, and the server runs as somebody else.
    folder = Path(tempfile.mkdtemp(prefix="fi-pg-"))
    server = PostgresqlServer(folder_of_binaries, folder, free_port())
    try:
        server.initialise()
        server.create_database("food")
        yield server
    finally:
        if (folder / "data" / "postmaster.pid").exists():
            server.control("stop", "-m", "immediate")
        shutil.rmtree(folder)


def free_port() -> int:
    """A port nobody listens on."""
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        port: int = probe.getsockname()[1]
    return port


def _give_away(path: Path) -> None:
    path.chmod(0o755 if path.is_dir() else 0o600 if path.suffix == ".key" else 0o644)
    if os.geteuid() == 0:
        nobody = pwd.getpwnam("nobody")
        os.chown(path, nobody.pw_uid, nobody.pw_gid)


def _write_certificate(folder: Path) -> None:
    key = ec.generate_private_key(ec.SECP256R1())
    name = x509.Name([x509.NameAttribute(NameOID.COMMON_NAME, "localhost")])
    now = dt.datetime.now(dt.UTC)
    names = [x509.DNSName("localhost"), x509.IPAddress(ipaddress.ip_address("127.0.0.1"))]
    certificate = (
        x509.CertificateBuilder()
        .subject_name(name)
        .issuer_name(name)
        .public_key(key.public_key())
        .serial_number(x509.random_serial_number())
        .not_valid_before(now - dt.timedelta(hours=1))
        .not_valid_after(now + dt.timedelta(days=1))
        .add_extension(x509.BasicConstraints(ca=True, path_length=None), critical=True)
        .add_extension(x509.SubjectAlternativeName(names), critical=False)
        .sign(key, hashes.SHA256())
    )
    (folder / "server.crt").write_bytes(certificate.public_bytes(serialization.Encoding.PEM))
    (folder / "server.key").write_bytes(
        key.private_bytes(
            serialization.Encoding.PEM, serialization.PrivateFormat.TraditionalOpenSSL, serialization.NoEncryption()
        )
    )
