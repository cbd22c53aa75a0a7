#!/bin/sh
# Renews the pictures of the README from the demo's case (make demo first). Needs ImageMagick. The
# pictures of the presets: tools/presets.py.
set -eu
preview=demo/case/preview
mkdir -p docs/pictures
convert "$preview/before-left45.png" "$preview/healed-left45.png" "$preview/year5-left45.png" +append \
    -resize 1440x -define png:compression-level=9 -strip docs/pictures/before-healed-year5.png
convert "$preview/contact-sheet.png" -resize 900x -define png:compression-level=9 -strip docs/pictures/contact-sheet.png
build/follicle sample --norwood=3 --force -o demo/receding >/dev/null
build/follicle plan demo/receding/scan.glb --circumference-mm=575 --preset=receding_3 --age=31 --force -o demo/loss
convert demo/loss/preview/loss-sheet.png -resize 1100x -strip -quality 82 docs/pictures/loss.jpg
