#!/bin/bash
# Removes Beffroi from this machine: the service and the program.
#
#   sudo deploy/uninstall.sh [--purge] [--prefix DIR]
#
# What stays: the configuration and secrets in /etc/beffroi, incidents and pictures in /var/lib/beffroi, and the user
# beffroi, whose they are. An installation later on takes them up again.
#
# --purge        remove these too: every incident and every picture is gone
# --prefix DIR   where the program was put (default: /opt/beffroi)
#
# Exit codes: 0 removed, or nothing was there; 1 failed; 2 wrong arguments.
set -euo pipefail

here=$(cd "$(dirname "$(readlink -f "${BASH_SOURCE[0]}")")" && pwd)
# shellcheck source=lib/common.sh
. "$here/lib/common.sh"

purge='' prefix=$DEFAULT_PREFIX
while (($#)); do
    case $1 in
        -h | --help) usage "$0" ;;
        --purge) purge=yes ;;
        --prefix) need_value "$@"; prefix=${2%/}; shift ;;
        *) die $USAGE "there is no '$1' here: see --help" ;;
    esac
    shift
done
[[ $prefix == /?* ]] || die $USAGE "--prefix must be an absolute path"
need_root
take_lock

if [[ -e $UNIT ]]; then
    say "stopping and disabling the service"
    ! booted || systemctl stop "$SERVICE" || die $NOTHING_TOUCHED "it cannot be stopped, see above"
    systemctl disable --quiet "$SERVICE"
fi
say "removing the program from $prefix"
rm -rf "$UNIT" "$UNIT.d" "$prefix/versions" "$prefix/current" "$prefix/previous"
rmdir --ignore-fail-on-non-empty "$prefix" 2>/dev/null || true
[[ ! -L $COMMAND || $(readlink "$COMMAND") != "$prefix"/* ]] || rm -f "$COMMAND"
rm -rf /usr/lib/sysusers.d/beffroi.conf /usr/lib/tmpfiles.d/beffroi.conf "$CACHE" "$CONFIG_FOLDER/environment"
if booted; then
    systemctl daemon-reload
    systemctl reset-failed "$SERVICE" 2>/dev/null || true
fi

if [[ $purge ]]; then
    say "removing configuration, data and user"
    rm -rf "$CONFIG_FOLDER" "$DATA"
    ! getent passwd "$ACCOUNT" >/dev/null || userdel "$ACCOUNT"
    ! getent group "$ACCOUNT" >/dev/null || groupdel "$ACCOUNT"
    say "done: nothing of Beffroi is left"
else
    say "done. Left: $CONFIG_FOLDER (configuration, secrets), $DATA (incidents, pictures), the user $ACCOUNT."
    say "To remove these too, run it again with --purge."
fi
