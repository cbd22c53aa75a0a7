#!/bin/sh
# Renews the pictures of the README and of docs/gallery.md from the demo's case (make demo first). Needs ImageMagick,
# poppler-utils, librsvg2-bin and numpy. The pictures of the presets: tools/presets.py.
# usage: tools/pictures.sh [papers]     papers: those of the gallery alone
set -eu
follicle=build/follicle
preview=demo/case/preview
mkdir -p docs/pictures

# page PDF NUMBER OUT: a page in grey borders, as PNG.
page() {
    pdftoppm -r 96 -f "$2" -l "$2" -singlefile -png "$1" "$3"
    convert "$3.png" -resize x900 -bordercolor '#c8c8c8' -border 1 "$3.png"
}

# side_by_side OUT QUALITY PAGE...: in a row, as wide as a README.
side_by_side() {
    out=$1 quality=$2
    shift 2
    convert "$@" -bordercolor white -border 6 +append -resize '1180x>' -quality "$quality" -sampling-factor 4:2:0 -strip "docs/pictures/$out.jpg"
}

# The papers of the demo's client in three languages, on two papers, and the files for other tools.
papers() {
    work=demo/gallery
    rm -rf "$work"
    mkdir -p "$work"
    cp -r demo/case "$work/case"
    $follicle course "$work/case" --clinic=tests/data/clinic.json --start=2027-01-11 --quote-date=2027-01-04 --language=en --keep --quiet >/dev/null
    $follicle report "$work/case" --language=en --paper=a4 --quiet -o "$work/en" >/dev/null
    $follicle report "$work/case" --language=de --paper=letter --quiet -o "$work/de" >/dev/null
    $follicle report "$work/case" --language=ar --paper=a4 --quiet -o "$work/ar" >/dev/null
    cat >"$work/projector.json" <<'JSON'
{"schema": "follicle/projector", "version": 1, "position_mm": [0, 520, 420], "look_at_mm": [0, 105, 20],
 "width_px": 1280, "height_px": 800, "throw_ratio": 2.2}
JSON
    $follicle report "$work/case" --formats=svg,stl,projector --projector-pose="$work/projector.json" --quiet -o "$work/files" >/dev/null
    for language in en de ar; do
        for paper in plan work client consent quote template; do
            pages=$(pdfinfo "$work/$language/$paper.pdf" | sed -n 's/^Pages: *//p')
            for number in 1 2 3; do
                [ "$number" -gt "$pages" ] || page "$work/$language/$paper.pdf" "$number" "$work/$language-$paper-$number"
            done
        done
    done
    side_by_side paper-plan 66 "$work/en-plan-1.png" "$work/en-plan-2.png"
    side_by_side paper-work 60 "$work/en-work-1.png" "$work/en-work-2.png"
    side_by_side paper-client 70 "$work/en-client-1.png" "$work/en-client-2.png"
    side_by_side paper-consent 62 "$work/en-consent-1.png" "$work/en-consent-2.png"
    side_by_side paper-quote 66 "$work/en-quote-1.png" "$work/de-quote-1.png"
    side_by_side paper-template 62 "$work/en-template-1.png" "$work/en-template-2.png" "$work/en-template-3.png"
    side_by_side paper-de 66 "$work/de-client-1.png" "$work/de-client-3.png"
    side_by_side paper-ar 66 "$work/ar-client-1.png" "$work/ar-client-3.png"
    convert "$work/en-client-3.png" -quality 72 -strip docs/pictures/paper-days.jpg
    rsvg-convert -w 760 --background-color=white "$work/files/flat.svg" -o "$work/flat.png"
    convert "$work/flat.png" -gravity north -crop x940+0+0 +repage -trim -colors 24 -define png:compression-level=9 -strip docs/pictures/flat.png
    /usr/bin/python3 tools/stl_picture.py "$work/files/guide.stl" 4 >"$work/guide.ppm"
    convert "$work/guide.ppm" -resize 1000x -quality 80 -strip docs/pictures/guide.jpg
    convert "$work/files/projector.png" -resize 900x -quality 70 -strip docs/pictures/projector.jpg
}

papers
[ "${1:-}" != papers ] || exit 0
convert "$preview/before-left45.png" "$preview/healed-left45.png" "$preview/year5-left45.png" +append \
    -resize 1440x -define png:compression-level=9 -strip docs/pictures/before-healed-year5.png
convert "$preview/contact-sheet.png" -resize 900x -define png:compression-level=9 -strip docs/pictures/contact-sheet.png
$follicle sample --norwood=3 --force -o demo/receding >/dev/null
$follicle plan demo/receding/scan.glb --circumference-mm=575 --preset=receding_3 --age=31 --force -o demo/loss
convert demo/loss/preview/loss-sheet.png -resize 1100x -strip -quality 82 docs/pictures/loss.jpg

# The client in photographs, and the plan on them.
$follicle sample --norwood=6 --seed=3 --photos --follow-up --photo-px=3000 --force -o demo/photos >/dev/null
tape=$(python3 -c "
import json
truth = json.load(open('demo/photos/truth.json'))
head = truth['head']
print('--length-mm=%s --breadth-mm=%s --circumference-mm=%s --height-mm=%s' % (head['length_mm'], head['breadth_mm'],
      head['circumference_mm'], truth['landmarks_mm']['vertex'][1]))")
cd demo/photos
../../build/follicle plan front.jpg left.jpg right.jpg top.jpg back.jpg --clicks=photos.json $tape --norwood=6 --force -o ../photos-case
cd ../..
convert demo/photos/front.jpg demo/photos/left.jpg demo/photos/right.jpg demo/photos/top.jpg demo/photos/back.jpg \
    -resize 300x +append -quality 84 -strip docs/pictures/photos-views.jpg
convert demo/photos/visit-before.jpg demo/photos/visit-session1.jpg demo/photos/visit-healed.jpg demo/photos/visit-year4.jpg \
    -resize 420x +append -quality 84 -strip docs/pictures/photos-close.jpg
preview=demo/photos-case/preview
for state in before healed; do
    convert "$preview/photo-front-$state.jpg" "$preview/photo-left-$state.jpg" "$preview/photo-top-$state.jpg" \
        -crop 1500x1500+375+250 +repage -resize 440x +append demo/photos-case/$state.png
done
convert demo/photos-case/before.png demo/photos-case/healed.png -append -quality 84 -strip docs/pictures/photos.jpg
