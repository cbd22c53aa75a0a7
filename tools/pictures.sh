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

# The client in photographs, and the plan on them.
build/follicle sample --norwood=6 --seed=3 --photos --follow-up --photo-px=3000 --force -o demo/photos >/dev/null
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
