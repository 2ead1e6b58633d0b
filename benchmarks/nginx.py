"""nginx with the example we ship, in front of servers on this machine, with a certificate made for it."""

import getpass
import shutil
import ssl
from collections.abc import Sequence
from pathlib import Path

import trustme

NGINX = shutil.which("nginx") or shutil.which("nginx", path="/usr/sbin:/usr/local/sbin:/opt/homebrew/bin")
SHIPPED = Path("deploy/nginx.conf")

MAIN = """daemon off;
user {user};
worker_processes 1;
pid {folder}/nginx.pid;
error_log {folder}/nginx-error.log crit;
events {{ worker_connections 2048; }}
http {{
    client_body_temp_path {folder}/body;
    proxy_temp_path {folder}/proxy;
    fastcgi_temp_path {folder}/fastcgi;
    uwsgi_temp_path {folder}/uwsgi;
    scgi_temp_path {folder}/scgi;
    include {folder}/assessment.conf;
}}
"""


def certified(folder: Path, *names: str) -> tuple[Path, trustme.LeafCert]:
    """A certificate for these names, and the file of the authority to trust for it."""
    authority, trusted = trustme.CA(), folder / "ca.pem"
    authority.cert_pem.write_to_path(str(trusted))
    return trusted, authority.issue_cert(*names)


def context_of(certificate: trustme.LeafCert) -> ssl.SSLContext:
    """How a listener of ours shows this certificate."""
    context = ssl.SSLContext(ssl.PROTOCOL_TLS_SERVER)
    certificate.configure_cert(context)
    return context


def proxy(folder: Path, port: int, upstreams: Sequence[int], certificate: trustme.LeafCert) -> list[str]:
    """The command that runs it; nothing of the example is changed but addresses, ports and folders."""
    folder.mkdir()
    (folder / "cache").mkdir()
    certificate.private_key_pem.write_to_path(str(folder / "privkey.pem"))
    for part in certificate.cert_chain_pems:
        part.write_to_path(str(folder / "fullchain.pem"), append=True)
    (folder / "assessment.conf").write_text(adapted(folder, port, upstreams), encoding="utf-8")
    main = folder / "nginx.conf"
    main.write_text(MAIN.format(folder=folder, user=getpass.getuser()), encoding="utf-8")
    assert NGINX
    return [NGINX, "-p", str(folder), "-c", str(main)]


def adapted(folder: Path, port: int, upstreams: Sequence[int]) -> str:
    """The example with other addresses, ports and folders. Fails where it does not say what is to be changed."""
    said = SHIPPED.read_text(encoding="utf-8")
    one = "server 127.0.0.1:8000 "
    (line,) = [line for line in said.splitlines() if line.strip().startswith(one)]
    changes = {
        line: "\n".join(line.replace(":8000", f":{upstream}") for upstream in upstreams),
        "listen [::]:80;": "",
        "listen [::]:443 ssl http2;": "",
        "listen 80;": f"listen unix:{folder}/plain.sock;",
        "listen 443 ssl http2;": f"listen 127.0.0.1:{port} ssl http2;",
        "/etc/letsencrypt/live/check.example.com/": f"{folder}/",
        "/var/log/nginx/": f"{folder}/",
        "/var/cache/assessment-nginx": f"{folder}/cache",
    }
    for ours, here in changes.items():
        assert ours in said, f"{SHIPPED} does not say “{ours}” any more"
        said = said.replace(ours, here)
    return said
