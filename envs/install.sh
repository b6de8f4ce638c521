#!/bin/sh
# Make .venv with the locked packages; instant when it is there already. PYTHON chooses the interpreter.
set -eu
cd "$(dirname "$0")/.."

if command -v sha256sum >/dev/null 2>&1; then sum=sha256sum; else sum="shasum -a 256"; fi
stamp=".venv/.installed-$(cat envs/requirements.lock envs/uv.lock | $sum | cut -c1-16)"
[ -e "$stamp" ] && exit 0

python=""
for candidate in ${PYTHON:-} python3 python3.13 python3.12 python3.11; do
    if "$candidate" -c 'import sys; sys.exit(not (3, 11) <= sys.version_info[:2] <= (3, 13))' 2>/dev/null; then
        python=$candidate
        break
    fi
done
if [ -z "$python" ]; then
    echo "mmrisk needs Python 3.11, 3.12 or 3.13, and found none. Install one (Debian: apt install python3 python3-venv)," >&2
    echo "or name it: make PYTHON=/path/to/python3.12 demo" >&2
    exit 1
fi

rm -rf .venv
if command -v uv >/dev/null 2>&1; then
    uv venv --quiet --python "$python" .venv
    uv=uv
else
    if ! "$python" -c 'import ensurepip' 2>/dev/null; then
        echo "$python has no ensurepip. Install it (Debian: apt install python3-venv), or install uv." >&2
        exit 1
    fi
    "$python" -m venv .venv
    .venv/bin/python -m pip install --quiet --disable-pip-version-check --require-hashes --no-deps -r envs/uv.lock
    uv=.venv/bin/uv
fi
echo "Installing the locked packages into .venv" >&2
"$uv" pip install --quiet --python .venv/bin/python --require-hashes --no-deps --compile-bytecode -r envs/requirements.lock
touch "$stamp"
