#!/usr/bin/env bash
# Bring a virtual environment to what a lock file names: venv.sh FOLDER LOCK
# PYTHON names the interpreter (python3 when unset).
set -euo pipefail

venv=$1 requirements=$2 python=${PYTHON:-python3}
stop() { printf '%s\n' "$1" >&2; exit 1; }

version=$("$python" -c 'import sys; print("%d.%d" % sys.version_info[:2])' 2>/dev/null) ||
  stop "No $python starts here. Install Python 3.11 or newer, or name yours: make PYTHON=python3.12"
"$python" -c 'import sys; sys.exit(sys.version_info < (3, 11))' ||
  stop "Feed Studio needs Python 3.11 or newer, and $python is $version. Name another: make PYTHON=python3.12"

# An environment that an interrupted set-up left behind, or whose Python is gone, is made anew rather than trusted.
unfinished=$venv/unfinished
if [ -e "$unfinished" ] || ! "$venv/bin/python" -c '' 2>/dev/null; then
  "$python" -c 'import ensurepip, venv' 2>/dev/null ||
    stop "This Python cannot make virtual environments. On Debian and Ubuntu: apt install python3-venv"
  rm -rf "$venv"
  mkdir -p "$venv"
  touch "$unfinished"
  "$python" -m venv "$venv"
fi

touch "$unfinished"
case $requirements in
  *-dev.lock) size="330 MB" ;;
  *) size="160 MB" ;;
esac
printf 'Installing %s into %s (at most %s to download, a minute or two; nothing outside this folder changes) ...\n' \
  "$requirements" "$venv" "$size" >&2
# What is imported is compiled then, and kept. To compile all of it first would take a third of the set-up, and most is never used.
"$venv/bin/python" -m pip install --quiet --disable-pip-version-check --no-deps --no-compile --requirement "$requirements"
rm "$unfinished"
