# What every script of the installation shares: words, exit codes, places. Sourced by bash.
# shellcheck shell=bash disable=SC2034  # used where this is sourced

NOTHING_TOUCHED=1 # it failed before anything that runs was changed
USAGE=2
DAMAGED=3     # the bundle is not what it was, or is not for this Python or processor
REFUSED=4     # the configuration is not accepted; nothing that runs was changed
ROLLED_BACK=5 # the new version did not do its work: the old one does it again
HELPLESS=6    # neither the new version nor what was there before does its work: a person is needed

SERVICE=beffroi
ACCOUNT=beffroi
CONFIG_FOLDER=/etc/beffroi
CONFIG=$CONFIG_FOLDER/beffroi.yaml
SECRETS=$CONFIG_FOLDER/secrets.env
DATA=/var/lib/beffroi
CACHE=/var/cache/beffroi
UNIT=/etc/systemd/system/beffroi.service
COMMAND=/usr/local/bin/beffroi
DEFAULT_PREFIX=/opt/beffroi
LOCK=/run/lock/beffroi-install.lock

say() { printf '%s\n' "$*"; }
note() { printf '  %s\n' "$*"; }
warn() { printf 'warning: %s\n' "$*" >&2; }
die() { # die EXIT_CODE MESSAGE...
    local code=$1
    shift
    printf '%s: %s\n' "${0##*/}" "$*" >&2
    exit "$code"
}

# The words at the top of a script are its help.
usage() { # usage SCRIPT
    sed -n '2,/^[^#]/{/^#/s/^# \{0,1\}//p}' "$1"
    exit 0
}

# An option that must have a value: call it with the arguments from the option on.
need_value() { [[ ${2:-} ]] || die $USAGE "$1 needs a value: see --help"; }

need_root() {
    [[ $(id -u) == 0 ]] || die $USAGE "only root can do this: run it again with sudo"
}

# Two installations at once would take each other's half-done work for their own.
take_lock() {
    exec 9>"$LOCK"
    flock --nonblock 9 || die $NOTHING_TOUCHED "another installation runs at this moment: wait until it has ended"
}

# systemd runs this machine; not so in a container or where an image is prepared.
booted() { [[ -d /run/systemd/system ]]; }

systemd_version() { systemctl --version | sed -nE '1s/^systemd ([0-9]+).*/\1/p'; }

# put MODE OWNER:GROUP FILE < TEXT: writes the file, in one step, unless it holds just that; true where it changed.
put() {
    local file=$3 text
    text=$(mktemp) && cat >"$text" || die $NOTHING_TOUCHED "no temporary file can be written: is the disk full?"
    if [[ -f $file && ! -L $file ]] && cmp -s "$text" "$file"; then
        rm -f "$text"
        return 1
    fi
    install -m "$1" -o "${2%:*}" -g "${2#*:}" "$text" "$file.new" && mv -T "$file.new" "$file" ||
        die $NOTHING_TOUCHED "cannot write $file"
    rm -f "$text"
}

# point LINK TARGET: a symbolic link, exchanged in one step; does nothing where it is so already.
point() {
    [[ -L $1 && $(readlink "$1") == "$2" ]] && return 0
    ln -sfn "$2" "$1.new"
    mv -T "$1.new" "$1"
}
