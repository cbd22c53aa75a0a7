#!/bin/sh
# The main job on a client that does not exist: demo/client (a scan with known truth) and demo/case.
set -eu
seed=${SEED:-7}
mkdir -p demo
echo "follicle sample --seed=$seed --norwood=6 --scar --force -o demo/client"
build/follicle sample --seed="$seed" --norwood=6 --scar --force -o demo/client
circumference=$(sed -n 's/.*"circumference_mm": *\([0-9.]*\).*/\1/p' demo/client/truth.json | head -n 1)
echo "follicle plan demo/client/scan.glb --circumference-mm=$circumference --norwood=6 --force -o demo/case"
build/follicle plan demo/client/scan.glb --circumference-mm="$circumference" --norwood=6 \
    --client=sample --start=2027-01-11 --force -o demo/case
echo
echo "Look at:"
echo "  demo/case/preview/contact-sheet.png   before, after each session, healed, years later"
echo "  demo/case/plan.pdf                    for the practitioner;  client.pdf for the client"
echo "  demo/case/template.pdf                the hairline 1:1;      course.ics the appointments"
echo "  demo/case/dots.csv                    every dot;  design.json, course.json, visibility.json"
