"""Print the software bill of materials of what `make serve` installs: CycloneDX 1.6, from the pinned requirements.

The tools for this would be the one thing here that is not pinned by hash; what they read is these same lines.
"""

import json
import re
import sys
from pathlib import Path

ROOT = Path(__file__).parent.parent
PIN = re.compile(r"^([a-z0-9][a-z0-9._-]*)==([^ ;\\]+)((?:.*\\\n)+.*)", re.MULTILINE)


def components(name: str) -> list[dict[str, object]]:
    """Every package a requirements file pins, with the hashes any of its files may have."""
    text = (ROOT / "requirements" / name).read_text(encoding="utf-8")
    return [
        {
            "type": "library",
            "bom-ref": f"pkg:pypi/{package}@{version}",
            "name": package,
            "version": version,
            "purl": f"pkg:pypi/{package}@{version}",
            "hashes": [{"alg": "SHA-256", "content": one} for one in re.findall(r"sha256:([0-9a-f]{64})", rest)],
        }
        for package, version, rest in PIN.findall(text)
    ]


def bill() -> dict[str, object]:
    """The whole bill; the same requirements give the same bytes."""
    (version,) = re.findall(r'__version__ = "(.+)"', (ROOT / "assessment" / "__init__.py").read_text(encoding="utf-8"))
    ours = {"type": "application", "bom-ref": "assessment", "name": "assessment", "version": version}
    found = sorted(components("serve.txt") + components("postgres.txt"), key=lambda one: str(one["name"]))
    return {
        "$schema": "http://cyclonedx.org/schema/bom-1.6.schema.json",
        "bomFormat": "CycloneDX",
        "specVersion": "1.6",
        "version": 1,
        "metadata": {"component": ours | {"licenses": [{"license": {"id": "Apache-2.0"}}]}},
        "components": found,
    }


if __name__ == "__main__":
    json.dump(bill(), sys.stdout, indent=1)
    print()
