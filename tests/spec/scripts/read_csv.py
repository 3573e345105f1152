#!/usr/bin/env python3
"""Sum and last value of a column: read_csv.py 'SuccessfulCall(P)' FILE"""
import csv
import datetime
import sys

column, path = sys.argv[1:]
with open(path, newline="") as file:
    rows = list(csv.DictReader(file, delimiter=";"))
for row in rows:
    # A stamp is date, time and epoch, with tabs between them.
    day, time, epoch = row["CurrentTime"].split("\t")
    datetime.datetime.fromisoformat(f"{day} {time}")
    float(epoch)
print(sum(int(row[column]) for row in rows), rows[-1][column])
