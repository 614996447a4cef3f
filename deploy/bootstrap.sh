#!/bin/sh
# Sets up a checkout on a bare machine, then runs a command in what it set up.
#
#   deploy/bootstrap.sh PROFILE [COMMAND...]     PROFILE: demo | dev | train
#   deploy/bootstrap.sh find [PYTHON]            prints the interpreter it would use, or fails
#
# demo   what `beffroi demo` needs                      (.venvs/pyXY; mosquitto)
# dev    the same with the tests' and checkers' tools   (.venvs/pyXY; mosquitto and an RTSP server)
# train  torch and the model verbs                      (.venvs/pyXY-train)
#
# PYTHON              the interpreter: a path, a command or a version such as 3.8 (default: python3)
# BEFFROI_APT=no      install no system packages: what needs them falls back, or skips and says so
#
# Running it again is instant: a stamp holds the hash of pyproject.toml, the constraints, the interpreter and
# the folder. It is plain sh since a bare machine may have nothing else.
set -eu

ROOT=$(CDPATH='' cd -- "$(dirname -- "$0")/.." && pwd)
cd "$ROOT"

say() { printf 'bootstrap: %s\n' "$*" >&2; }
die() { say "$*"; exit 2; }

# --- system packages -------------------------------------------------------------------------------------

APT_UPDATED=no

as_root() {
    if [ "$(id -u)" = 0 ]; then "$@"; else sudo -n "$@"; fi
}

can_apt() {
    [ "${BEFFROI_APT:-yes}" != no ] && command -v apt-get >/dev/null 2>&1 || return 1
    [ "$(id -u)" = 0 ] || sudo -n true 2>/dev/null
}

installed() { dpkg-query -W -f='${db:Status-Status}' "$1" 2>/dev/null | grep -qx installed; }

# Three tries: another apt (unattended-upgrades at boot) may hold the lists' lock, which has no time-out option.
apt_quietly() {
    log=$(mktemp)
    for pause in 5 20 0; do
        if as_root env DEBIAN_FRONTEND=noninteractive \
            apt-get -qq -o DPkg::Lock::Timeout=120 -o Acquire::Retries=3 "$@" </dev/null >"$log" 2>&1; then
            rm -f "$log"
            return 0
        fi
        sleep "$pause"
    done
    tail -n 5 "$log" >&2
    rm -f "$log"
    return 1
}

# system WHAT_FOR PACKAGE...: installs those that are missing; returns 1 where it cannot, which callers may bear.
system() {
    purpose=$1
    shift
    missing=
    for package in "$@"; do
        installed "$package" || missing="$missing $package"
    done
    [ -n "$missing" ] || return 0
    if ! can_apt; then
        say "skipping system packages for $purpose (no apt rights here):$missing"
        return 1
    fi
    say "installing for $purpose:$missing"
    if [ "$APT_UPDATED" = no ]; then
        apt_quietly update || say "apt-get update failed; going on with the lists at hand"
        APT_UPDATED=yes
    fi
    # shellcheck disable=SC2086  # a list of package names
    apt_quietly install -y --no-install-recommends $missing || {
        say "could not install for $purpose:$missing"
        return 1
    }
}

# --- the interpreter ---------------------------------------------------------------------------------------

# Prints the real executable behind a candidate; a pyenv shim whose version is not selected fails here.
real_python() { "$1" -c 'import sys; print(sys.executable)' 2>/dev/null; }

find_python() {
    case $1 in
        [0-9]*.[0-9]*)
            real_python "python$1" && return 0
            for candidate in "${PYENV_ROOT:-$HOME/.pyenv}/versions/$1".*/bin/python "/opt/python/$1/bin/python3"; do
                [ -x "$candidate" ] && real_python "$candidate" && return 0
            done
            return 1
            ;;
        *) real_python "$1" && return 0 ;;
    esac
    # `python3.8` by name: also found where only pyenv has it.
    case $1 in
        python[0-9]*.[0-9]*) find_python "${1#python}" ;;
        *) return 1 ;;
    esac
}

# --- the virtual environment -------------------------------------------------------------------------------

make_venv() {
    rm -rf "$VENV"
    mkdir -p .venvs
    if ! "$PY" -c 'import ensurepip, venv' 2>/dev/null; then
        system "virtual environments" "python$XY-venv" || true
        "$PY" -c 'import ensurepip, venv' 2>/dev/null ||
            die "$PY cannot make a virtual environment: install python$XY-venv (apt install python$XY-venv), then try again"
    fi
    "$PY" -m venv "$VENV"
    printf '%s\n' "$MAKER" >"$VENV/.maker"
}

fill_venv() {
    say "installing beffroi[$EXTRAS] for Python $XY into $VENV"
    # The build constraint and PIP_CONSTRAINT pin the build backend too, for newer and older pip.
    if [ -f "constraints/$XY.txt" ]; then
        export PIP_CONSTRAINT="$ROOT/constraints/$XY.txt" PIP_BUILD_CONSTRAINT="$ROOT/constraints/$XY.txt"
    else
        say "no constraints/$XY.txt: taking the newest packages that pyproject.toml admits"
    fi
    export PIP_DISABLE_PIP_VERSION_CHECK=1 PIP_ROOT_USER_ACTION=ignore PIP_NO_INPUT=1 PIP_RETRIES=5
    # First pip itself: the one of Ubuntu 20.04 knows none of the manylinux_2_28 wheels.
    "$VENV/bin/python" -m pip install -qq --upgrade pip </dev/null
    "$VENV/bin/python" -m pip install -qq -e ".[$EXTRAS]" </dev/null
}

set_up() {
    case $PROFILE in
        demo) EXTRAS=demo SUFFIX= ;;
        dev) EXTRAS=demo,faces,test,lint SUFFIX= ;;
        train) EXTRAS=demo,faces,test,train SUFFIX=-train ;;
        *) die "unknown profile '$PROFILE': use demo, dev or train" ;;
    esac
    WANTED=${PYTHON:-python3}
    PY=$(find_python "$WANTED") || {
        [ "$WANTED" = python3 ] && system Python python3 python3-venv && PY=$(find_python python3)
    } || die "no Python found as '$WANTED': set PYTHON to a Python 3.8 or newer"
    XY=$("$PY" -c 'import sys; print("%d.%d" % sys.version_info[:2])')
    "$PY" -c 'import sys; sys.exit(sys.version_info < (3, 8))' || die "$PY is Python $XY: 3.8 or newer is needed"
    VENV=$ROOT/.venvs/py$(printf %s "$XY" | tr -d .)$SUFFIX

    # Installed scripts hold the folder's path, so a moved checkout gets a new environment.
    MAKER="$ROOT $PY $("$PY" -c 'import platform; print(platform.python_version())')"
    [ "$(cat "$VENV/.maker" 2>/dev/null)" = "$MAKER" ] && "$VENV/bin/python" -c '' 2>/dev/null || make_venv
    KEY=$({ cat pyproject.toml "constraints/$XY.txt" 2>/dev/null; printf %s "$EXTRAS"; } | sha256sum | cut -d' ' -f1)
    if [ "$(cat "$VENV/.stamp-$PROFILE" 2>/dev/null)" != "$KEY" ]; then
        fill_venv || die "the packages could not be installed (see above; the network is needed the first time)"
        printf '%s\n' "$KEY" >"$VENV/.stamp-$PROFILE"
    fi
}

system_packages() {
    case $PROFILE in
        demo) system "the MQTT broker" mosquitto || say "the demo uses its embedded broker" ;;
        dev)
            system "the MQTT tests" mosquitto mosquitto-clients || say "tests that need mosquitto will skip"
            system "the RTSP tests" python3-gi gir1.2-gst-rtsp-server-1.0 \
                gir1.2-gst-plugins-base-1.0 gstreamer1.0-rtsp gstreamer1.0-plugins-good \
                gstreamer1.0-plugins-bad gstreamer1.0-plugins-ugly gstreamer1.0-libav ||
                say "tests that need an RTSP server will skip"
            system "the systemd tests" systemd-container python3-venv || say "tests that boot a machine will skip"
            ;;
    esac
}

PROFILE=${1:-}
[ -n "$PROFILE" ] || die "usage: deploy/bootstrap.sh demo|dev|train [COMMAND...]"
shift
if [ "$PROFILE" = find ]; then
    find_python "${1:-python3}"
    exit
fi
set_up
system_packages
[ $# -gt 0 ] || exit 0
PATH=$VENV/bin:$PATH
VIRTUAL_ENV=$VENV
export PATH VIRTUAL_ENV
exec "$@"
