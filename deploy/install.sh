#!/bin/bash
# Installs Beffroi as a service of this machine, or upgrades it. Running it again changes nothing.
#
#   sudo deploy/install.sh [--offline DIR] [--python P] [--prefix DIR] [--config FILE] [--faces] [--no-start]
#   sudo deploy/install.sh --rollback [--prefix DIR]
#
# --offline DIR   from a bundle that deploy/bundle.sh made; no network is used. The script in a bundle does so itself
# --python P      the interpreter, 3.8 or newer: a path, a command or a version (default: /usr/bin/python3)
# --prefix DIR    where the program goes (default: /opt/beffroi)
# --config FILE   becomes /etc/beffroi/beffroi.yaml where there is none yet; else an example does, to be edited
# --faces         with the model that tells faces apart, which a network is needed for; in a bundle it is or it is not
# --no-start      do not start or restart the service
# --rollback      return to the version before the last upgrade
#
# An upgrade keeps configuration, secrets and data. The new version must accept the configuration before anything is
# switched; then the database is copied, and the service restarted. If the new version does not get ready, or looks at
# no camera where the old one did, the old one is put in force again by itself.
#
# BEFFROI_HEALTH_S   how long the service may take until it does its work, in seconds (default: 300)
#
# Exit codes: 0 done; 1 failed, nothing that runs was changed; 2 wrong arguments; 3 the bundle is damaged or for
# another Python or processor; 4 the configuration is refused, or there is no way back; 5 the new version did not do
# its work and the old one does it again; 6 neither does: a person is needed.
set -euo pipefail
umask 022

here=$(cd "$(dirname "$(readlink -f "${BASH_SOURCE[0]}")")" && pwd)
ROOT=$(dirname "$here")
# shellcheck source=lib/common.sh
. "$here/lib/common.sh"
# shellcheck source=lib/version.sh
. "$here/lib/version.sh"
# shellcheck source=lib/service.sh
. "$here/lib/service.sh"

offline='' wanted_python=/usr/bin/python3 prefix=$DEFAULT_PREFIX given='' faces='' start=yes rollback='' changed=''
while (($#)); do
    case $1 in
        -h | --help) usage "$0" ;;
        --offline) need_value "$@"; offline=$2; shift ;;
        --python) need_value "$@"; wanted_python=$2; shift ;;
        --prefix) need_value "$@"; prefix=${2%/}; shift ;;
        --config) need_value "$@"; given=$2; shift ;;
        --faces) faces=--faces ;;
        --no-start) start='' ;;
        --rollback) rollback=yes ;;
        *) die $USAGE "there is no '$1' here: see --help" ;;
    esac
    shift
done
[[ $prefix == /?* && $prefix != *[[:space:]\|]* ]] || die $USAGE "--prefix must be an absolute path without spaces"
[[ -z $given || -f $given ]] || die $USAGE "there is no file $given"
[[ -z $offline || -d $offline ]] || die $USAGE "there is no folder $offline"
[[ $CAME_UP_S =~ ^[0-9]+$ ]] || die $USAGE "BEFFROI_HEALTH_S must be whole seconds"
need_root
command -v systemctl >/dev/null || die $USAGE "this machine has no systemd, which runs the service"
take_lock
work=$(mktemp -d)
trap 'rm -rf "$work"' EXIT

# --- the steps ---------------------------------------------------------------------------------------------------

find_bundle() {
    [[ $offline || ! -f $ROOT/BUNDLE ]] || offline=$ROOT
    if [[ $offline ]]; then
        source=$(cd "$offline" && pwd)
    else
        [[ -x $here/bundle.sh ]] || die $USAGE "run it in a checkout, or name a bundle with --offline"
        source=$work/bundle
        # shellcheck disable=SC2086  # an option or nothing
        PYTHON=$python "$here/bundle.sh" --python "$xy" --arch "$(uname -m)" $faces "$source" >"$work/log" ||
            die $NOTHING_TOUCHED "the packages could not be put together, see above"
    fi
    wheels=$source/wheels
    check_bundle "$source"
    [[ $offline ]] || build_pycuda
    [[ -z $faces || -d $source/models/dlib-face ]] || die $USAGE \
        "$source has no model that tells faces apart: make it with deploy/bundle.sh --faces"
}

make_account() {
    put 644 root:root /usr/lib/sysusers.d/beffroi.conf <"$folder/systemd/beffroi.sysusers" || true
    put 644 root:root /usr/lib/tmpfiles.d/beffroi.conf <"$folder/systemd/beffroi.tmpfiles" || true
    systemd-sysusers /usr/lib/sysusers.d/beffroi.conf || die $NOTHING_TOUCHED "the user could not be made, see above"
    systemd-tmpfiles --create /usr/lib/tmpfiles.d/beffroi.conf ||
        die $NOTHING_TOUCHED "the folders could not be made, see above"
}

# The file that the new version must accept: the one that is there, or the first one, not yet in its place.
choose_configuration() {
    example='' candidate=$CONFIG
    if [[ -e $CONFIG ]]; then
        note "kept: $CONFIG"
        [[ -z $given ]] || cmp -s "$given" "$CONFIG" || warn "it is not what --config names, which was not used"
    else
        candidate=$CONFIG_FOLDER/.first.yaml # relative files and secrets.env count from its folder
        if [[ $given ]]; then cat "$given"; else
            sed "s|^\( *\)#folder: .*|\1folder: $DATA|" "$folder/deploy/beffroi.example.yaml"
        fi >"$candidate"
        trap 'rm -rf "$work" "$candidate"' EXIT
    fi
    ! grep -q '^[^#]*://camera\.example/' "$candidate" || example=yes
}

check_configuration() {
    "$folder/venv/bin/beffroi" check "$candidate" >"$work/check" ||
        die $REFUSED "this version refuses the configuration, see above; nothing that runs was changed"
    sed -n 's/^warning: /  warning: /p' "$work/check"
    store=$(cd "$DATA" && "$folder/venv/bin/python" -I -c '
import os, sys
from pathlib import Path
from agent.config.loader import load
print(os.path.realpath(load(Path(sys.argv[1]), os.environ).store.folder))' "$candidate") ||
        die $REFUSED "the configuration cannot be read, see above"
    [[ $store/ == "$DATA"/* ]] || die $REFUSED \
        "the service may write to $DATA alone, but the data would go to $store: set store.folder to $DATA"
}

place_configuration() {
    [[ $candidate != "$CONFIG" ]] || return 0
    put 640 root:"$ACCOUNT" "$CONFIG" <"$candidate" && note "made $CONFIG"
    rm -f "$candidate"
}

# As the service's user; systemd reads the secrets, which root alone can.
build_engines() {
    "$folder/venv/bin/python" -I -c 'import tensorrt' 2>/dev/null && booted && [[ ! $example ]] || return 0
    say "building the engine for TensorRT (minutes, the first time)"
    local code=0
    systemd-run --quiet --wait --pipe --collect --uid="$ACCOUNT" -p Nice=10 -p EnvironmentFile="$SECRETS" \
        -p WorkingDirectory="$DATA" "$folder/venv/bin/beffroi" engines build --config "$CONFIG" </dev/null || code=$?
    ((code == 0)) || warn "no engine was built (exit code $code): ONNX Runtime runs the model, and the service tries again"
}

in_force() { [[ $(current) == "$(readlink -f "$1")" ]]; }

# switch_to VERSION_FOLDER: in force, and at work; or the old one again.
switch_to() {
    local new=$1 old earlier before=0
    old=$(current) earlier=$(previous)
    [[ $(show ActiveState) != active ]] || before=$(looked_at)
    if [[ -f $store/beffroi.db ]]; then note "database copied to $(database back-up)" ||
        die $NOTHING_TOUCHED "the database cannot be copied, see above: is the disk full?"; fi
    [[ -z $old || $old == "$new" ]] || point "$prefix/previous" "versions/${old##*/}"
    activate "$new"
    systemctl enable --quiet "$SERVICE"
    if [[ ! $start || $example ]] || ! booted; then
        prune_versions "$new" "$(previous)"
        return 0
    fi
    restart
    say "waiting until it watches (at most $CAME_UP_S s)"
    if it_works $((before > 0)); then
        note "$(show StatusText)"
        (($(looked_at) > 0)) || warn "no camera gives pictures yet: beffroi check --connect tells why"
        prune_versions "$new" "$(previous)"
        return 0
    fi
    warn "what it said last (journalctl -u $SERVICE tells all):"
    journalctl "_SYSTEMD_UNIT=$SERVICE.service" --lines 5 --no-pager --output cat >&2 || true
    if [[ -z $old || $old == "$new" ]]; then
        die $HELPLESS "it does not do its work, and there is no version to return to; systemd goes on trying"
    fi
    say "returning to ${old##*/}"
    go_back "$old" || die $HELPLESS "the way back failed, see above"
    if [[ -d $earlier ]]; then point "$prefix/previous" "versions/${earlier##*/}"; else rm -f "$prefix/previous"; fi
    it_works $((before > 0)) || die $HELPLESS "${old##*/} is in force again, but does not do its work either"
    note "$(show StatusText)"
    die $ROLLED_BACK "$id did not do its work: ${old##*/} does it again"
}

roll_back() {
    local old new
    old=$(current) new=$(previous) example='' candidate=$CONFIG
    [[ $old && -d $new && $old != "$new" ]] || die $REFUSED "no earlier version is in $prefix/versions"
    folder=$new
    say "checking the configuration with ${new##*/}"
    check_configuration
    folder=$old
    # shellcheck disable=SC2046  # a list of names
    [[ ! -f $store/beffroi.db ]] || database can-put-back $(schemas "$new") || die $REFUSED \
        "${new##*/} does not know the database's schema, and no copy in $DATA/backups has one that it knows"
    say "returning from ${old##*/} to ${new##*/}"
    go_back "$new" || die $HELPLESS "the way back failed, see above"
    point "$prefix/previous" "versions/${old##*/}"
    it_works 0 || die $HELPLESS "${new##*/} does not do its work: journalctl -u $SERVICE tells why"
    note "$(show StatusText)"
    say "done: ${new##*/} runs. --rollback again would return to ${old##*/}"
}

# --- what is done ------------------------------------------------------------------------------------------------

if [[ $rollback ]]; then
    booted || die $USAGE "systemd does not run here"
    roll_back
    exit 0
fi

say "1/6 looking at what is to be installed"
find_python
find_system_packages
find_bundle
name_version
say "2/6 making version $id for $python"
make_version
say "3/6 user, folders, configuration"
make_account
choose_configuration
say "4/6 checking the configuration with the new version"
check_configuration
place_configuration
build_engines
say "5/6 putting it in force"
if in_force "$folder"; then
    place_units "$folder"
    point "$COMMAND" "$prefix/current/venv/bin/beffroi"
    systemctl is-enabled --quiet "$SERVICE" || changed=yes
    if [[ ! $changed ]] && { [[ ! $start || $example || $(show ActiveState) == active ]] || ! booted; }; then
        say "6/6 nothing to do: $id is in force"
        [[ ! $example ]] || say "Now put your cameras into $CONFIG, then run this again."
        exit 0
    fi
fi
switch_to "$folder"
if [[ $example ]]; then
    say "6/6 installed, not started: put your cameras into $CONFIG, secrets into $SECRETS, then run this again."
elif [[ ! $start ]] || ! booted; then
    say "6/6 installed, not started: systemctl restart $SERVICE"
else
    say "6/6 done: $id runs"
fi
