#!/usr/bin/awk -f
# Sum and last value of a column: awk -v column='SuccessfulCall(P)' -f read_csv.awk FILE
BEGIN { FS = ";" }
NR == 1 { for (i = 1; i <= NF; i++) if ($i == column) at = i; if (!at) exit 1; next }
{ sum += $at; last = $at }
END { if (!at) exit 1; print sum, last }
