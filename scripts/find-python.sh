#!/bin/sh
# Print the first Python of at least 3.11; the plain name if there is none, so that make-venv.sh can say what is wrong.
for name in python3 python3.14 python3.13 python3.12 python3.11; do
    if "$name" -c 'import sys; sys.exit(sys.version_info < (3, 11))' 2>/dev/null; then
        echo "$name"
        exit 0
    fi
done
echo python3
