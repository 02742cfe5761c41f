# Sourced by bin/up and bin/test. `make_venv CHECKOUT FILE` makes .venv if there is none, and installs FILE when any requirements changed since.
# shellcheck shell=sh

make_venv() {
    here=$1
    file=$2
    wanted=$(cat "$here"/requirements*.txt | cksum)
    stamp="$here/.venv/.installed-$file"
    [ -f "$stamp" ] && [ "$(cat "$stamp")" = "$wanted" ] && return
    if ! "$here/.venv/bin/python" -m pip --version >/dev/null 2>&1; then
        python=$(newest_python) || {
            echo "需要 Python 3.11 或更新版本。 This needs Python 3.11 or newer (set PYTHON=/path/to/python3 if it is elsewhere)." >&2
            exit 1
        }
        echo "正在创建 .venv …… Making .venv ..." >&2
        "$python" -m venv --clear "$here/.venv" || {
            echo "无法创建虚拟环境。 This needs Python's venv module (Debian, Ubuntu: apt-get install python3-venv)." >&2
            exit 1
        }
    fi
    echo "正在安装 $file …… Installing $file ..." >&2
    "$here/.venv/bin/python" -m pip install --quiet --disable-pip-version-check --root-user-action=ignore -r "$here/$file" || exit 1
    echo "$wanted" >"$stamp"
}

newest_python() {
    for python in ${PYTHON:-} python3 python3.13 python3.12 python3.11; do
        if "$python" -c 'import sys; sys.exit(sys.version_info < (3, 11))' >/dev/null 2>&1; then
            echo "$python"
            return
        fi
    done
    return 1
}
