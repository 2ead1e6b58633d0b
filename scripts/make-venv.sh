#!/bin/sh
# Make a virtual environment, or say in one sentence what to install first.
set -eu
python=$1
folder=$2
if ! command -v "$python" >/dev/null 2>&1; then
    echo "Python 3.11 or newer is needed: install it first (Debian and Ubuntu: sudo apt install python3 python3-venv)." >&2
    exit 1
fi
if ! "$python" -c 'import sys; sys.exit(sys.version_info < (3, 11))'; then
    echo "Python 3.11 or newer is needed, and this is $("$python" --version): install a newer one and run make PYTHON=python3.x." >&2
    exit 1
fi
if ! "$python" -c 'import ensurepip, venv' 2>/dev/null; then
    echo "Python is here but its venv is not: install it first (Debian and Ubuntu: sudo apt install python3-venv)." >&2
    exit 1
fi
exec "$python" -m venv "$folder"
