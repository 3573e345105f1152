#!/bin/sh
# Runs rsipp once against the local Kamailio: INVITE to one device, and CANCEL.
#
#   launch_rsipp.sh CALL_ID TO_NUMBER HASH_ID STATE FROM_NUMBER
#
# STATE is canceled or answered. The environment may set
#   RSIPP           the program                  (rsipp)
#   RSIPP_SCENARIO  the scenario file            (invite_cancel.xml in the folder above this script)
#   RSIPP_TARGET    where Kamailio listens       (localhost)
#
# Exit status: the program's, or 2 when an argument was refused and nothing was started.
# The first three arguments and the last come from the network. Each is checked here too, whoever the caller is.
set -u
LC_ALL=C
export LC_ALL

refuse() {
    printf 'launch_rsipp.sh: %s\n' "$1" >&2
    exit 2
}

# NAME VALUE: letters, digits and a few marks that mean nothing to a shell, to rsipp or to an injection file.
number() {
    case $2 in
        '' | *[!A-Za-z0-9+._-]*) refuse "$1: not a number" ;;
    esac
    [ "${#2}" -le 64 ] || refuse "$1: too long"
}

[ $# -eq 5 ] || refuse 'want CALL_ID TO_NUMBER HASH_ID STATE FROM_NUMBER'
case $1 in
    # No % (a format letter in -cid_str) and no slash (/// cuts a Call-ID).
    '' | *[!A-Za-z0-9@.:=_~+-]*) refuse 'CALL_ID: character not allowed' ;;
esac
[ "${#1}" -le 128 ] || refuse 'CALL_ID: too long'
number TO_NUMBER "$2"
number HASH_ID "$3"
case $4 in
    canceled | answered) ;;
    *) refuse 'STATE: neither canceled nor answered' ;;
esac
number FROM_NUMBER "$5"

umask 077
calls=$(mktemp "${TMPDIR:-/tmp}/rsipp.XXXXXXXXXX") || exit 1
trap 'rm -f -- "$calls"' EXIT
trap 'exit 129' HUP
trap 'exit 130' INT
trap 'exit 143' TERM

printf 'SEQUENTIAL\n%s;%s;"%s";%s;%s;\n' "$2" "$5" "$5" "$3" "$4" >"$calls" || exit 1

"${RSIPP:-rsipp}" "${RSIPP_TARGET:-localhost}" -sf "${RSIPP_SCENARIO:-${0%/*}/../invite_cancel.xml}" \
    -inf "$calls" -m 1 -cid_str "$1" </dev/null >/dev/null 2>&1
