# The service: which version it runs, whether it does its work, and the way back. Sourced by bash.
# shellcheck shell=bash disable=SC2154  # the variables of common.sh and of the script that sources this

CAME_UP_S=${BEFFROI_HEALTH_S:-300} # for the first load of a GPU's libraries, as TimeoutStartSec in the unit
SETTLED_S=5
FAILED_STARTS=3

show() { systemctl show --value --property "$1" "$SERVICE" 2>/dev/null || true; }

# current: the folder of the version that is in force, or nothing.
current() { [[ -L $prefix/current ]] && readlink -f "$prefix/current" || true; }
previous() { [[ -L $prefix/previous ]] && readlink -f "$prefix/previous" || true; }

# --- putting a version in force --------------------------------------------------------------------------------

# These change what systemd knows; `changed` is set where something was not so before.
place_units() { # place_units VERSION_FOLDER
    local from=$1/systemd drop_ins=$UNIT.d version
    version=$(systemd_version)
    mkdir -p "$(dirname "$UNIT")" "$drop_ins"
    put 644 root:root "$UNIT" < <(sed "s|$DEFAULT_PREFIX/current|$prefix/current|" "$from/beffroi.service") && changed=yes
    drop_in backoff "$from" "$([[ ${version:-0} -ge 254 ]] && echo yes)"
    drop_in csi "$from" "$(systemctl cat nvargus-daemon.service >/dev/null 2>&1 && echo yes)"
    if [[ ${version:-247} -lt 247 && ! -L $CONFIG_FOLDER/environment ]]; then
        ln -sfn secrets.env "$CONFIG_FOLDER/environment"
        changed=yes
    fi
    if booted && [[ $changed || $(show NeedDaemonReload) == yes ]]; then systemctl daemon-reload; fi
}

drop_in() { # drop_in NAME FOLDER WANTED: there where wanted, else not there
    local file=$UNIT.d/$1.conf
    if [[ $3 ]]; then
        put 644 root:root "$file" <"$2/drop-ins/$1.conf" && changed=yes
    elif [[ -e $file ]]; then
        rm -f "$file"
        changed=yes
    fi
    return 0
}

activate() { # activate VERSION_FOLDER
    place_units "$1"
    mkdir -p "$(dirname "$COMMAND")"
    point "$prefix/current" "versions/${1##*/}" && point "$COMMAND" "$prefix/current/venv/bin/beffroi"
}

# --- does it do its work? ----------------------------------------------------------------------------------------

# The daemon says "2 of 3 cameras online, 2 looked at" (agent/assembly/watching.py).
looked_at() {
    local count
    count=$(show StatusText | sed -nE 's/.* ([0-9]+) looked at.*/\1/p')
    printf '%s\n' "${count:-0}"
}

# it_works WANTED: READY, with WANTED cameras looked at, and so still SETTLED_S later in the same process.
it_works() {
    local wanted=$1 deadline=$((SECONDS + CAME_UP_S)) born='' since=0
    while ((SECONDS < deadline)); do
        if [[ $(show ActiveState) == active ]] && (($(looked_at) >= wanted)); then
            if [[ $born != "$(show ExecMainStartTimestampMonotonic)" ]]; then
                born=$(show ExecMainStartTimestampMonotonic) since=$SECONDS
            elif ((SECONDS - since >= SETTLED_S)); then
                return 0
            fi
        else
            born=
        fi
        if (($(show NRestarts) >= FAILED_STARTS)); then
            warn "it ended $FAILED_STARTS times"
            return 1
        fi
        sleep 0.5
    done
    warn "after $CAME_UP_S s: $(show ActiveState), '$(show StatusText)'"
    return 1
}

restart() {
    systemctl reset-failed "$SERVICE" 2>/dev/null || true # NRestarts begins anew
    systemctl stop "$SERVICE"
    systemctl start --no-block "$SERVICE"
}

# --- the database ------------------------------------------------------------------------------------------------

database() { # database VERB [SCHEMAS...], with the tool of the version that is in $folder, as the service's user
    local verb=$1
    shift
    (cd / && runuser -u "$ACCOUNT" -- "$folder/venv/bin/python" -I "$folder/deploy/database.py" \
        "$verb" "$store/beffroi.db" "$DATA/backups" "$@")
}

schemas() { xargs <"$1/schemas"; }

# --- the way back ------------------------------------------------------------------------------------------------

# go_back VERSION_FOLDER: stops what runs, and runs that version again, with a database that it knows.
go_back() {
    local to=$1 aside
    systemctl stop "$SERVICE" || true
    if [[ -f $store/beffroi.db ]]; then
        # shellcheck disable=SC2046  # a list of names
        aside=$(database put-back $(schemas "$to")) || return 1
        [[ -z $aside ]] || note "the older version does not know the newer database: the copy made before the upgrade" \
            "is in force again. What was recorded since is in $aside"
    fi
    activate "$to" && restart
}
