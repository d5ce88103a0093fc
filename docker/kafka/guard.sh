#!/bin/sh
# Owns one test broker and its folder: `guard.sh FOLDER COMMAND...`.
#
# Reads orders from standard input: `start` runs the command, a signal's name (TERM, KILL) ends it, each answered by one line.
# The end of the input kills the broker and removes the folder. The input ends with the test process however that dies,
# so that no broker and no data outlive the tests.
set -u
folder=$1
shift
broker=

end() {
    kill -s "$1" "$broker"
    wait "$broker"
    broker=
}

while read -r order; do
    if [ "$order" = start ]; then
        "$@" </dev/null >>"$folder/broker.log" 2>&1 &
        broker=$!
        echo started
    else
        end "$order"
        echo ended
    fi
done
if [ -n "$broker" ]; then
    end KILL
fi
rm -rf "$folder"
