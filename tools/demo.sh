#!/bin/sh
# The main job on a client who does not exist: demo/client (a scan with known truth) and demo/case.
# CLIENT chooses another one, for instance CLIENT="--seed=4 --skin=brown --norwood=3".
set -eu
client=${CLIENT:---seed=7 --norwood=6 --scar}
mkdir -p demo
echo "$ follicle sample $client -o demo/client"
# shellcheck disable=SC2086
made=$(build/follicle sample $client --force -o demo/client)
next=$(printf '%s\n' "$made" | sed -n 's/^next: follicle \(plan .*\) -o case$/\1/p')
printf '%s\n' "$made" | head -n 1
echo "$ follicle $(printf '%s' "$next" | sed "s/'[^']*'/'...'/g") --client=sample --quote-date=2027-01-04 --start=2027-01-11 -o demo/case"
eval "build/follicle $next --client=sample --quote-date=2027-01-04 --start=2027-01-11 --force -o demo/case"
cat <<'TEXT'

Look at:
  demo/case/preview/contact-sheet.png   before, after each session, healed, years later
  demo/case/preview/loss-sheet.png      the same dots if the hair loss goes on
  demo/case/plan.pdf       for the practitioner: the design, every session, counts, needle, pigment
  demo/case/work.pdf       the order of work, true to size;  template.pdf to cut out, 1:1
  demo/case/client.pdf     for the client: what to expect and to do, day by day
  demo/case/consent.pdf    to be signed;                quote.pdf the price, no obligation
  demo/case/course.ics     the appointments;            course.json the same for programs
  demo/case/dots.csv       every dot;                   design.json, findings.json
Try:
  build/follicle course demo/case --compare
  build/follicle course demo/case --protocol=short_sessions
  build/follicle report demo/case --language=de -o demo/papers
or type: make serve
TEXT
