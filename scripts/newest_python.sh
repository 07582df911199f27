#!/usr/bin/env bash
# Print the newest Python of this machine that starts and is newer than another: newest_python.sh OTHER
# Nothing where there is none. It looks on the PATH and where pyenv keeps them.
set -euo pipefail

minor() { "$1" -c 'import sys; print(sys.version_info[1] if sys.version_info[0] == 3 else 0)' 2>/dev/null || echo 0; }

newest='' most=$(minor "$1")
while IFS= read -r python; do
  if [ -x "$python" ] && found=$(minor "$python") && [ "$found" -gt "$most" ]; then
    newest=$python most=$found
  fi
done < <(type -ap python3.{12..19} || true; printf '%s\n' "${PYENV_ROOT:-$HOME/.pyenv}"/versions/3.*/bin/python)
printf '%s' "$newest"
