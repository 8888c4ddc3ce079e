#!/bin/sh
# Rebuilds everything under static/vendor from the packages named in README.md.
# Needs npm, and Python with fonttools and brotli. Icons are listed in tabler-icons/icons.txt.
set -eu
here=$(cd "$(dirname "$0")" && pwd)
work=$(mktemp -d)
trap 'rm -rf "$work"' EXIT

cd "$work"
npm install --silent --no-save htmx.org@2.0.11 idiomorph@0.8.0 @tabler/icons@3.51.0 inter-ui@4.1.1 \
  squire-rte@2.4.8 dompurify@3.4.18
packages=$work/node_modules

cp "$packages/htmx.org/dist/htmx.min.js" "$packages/htmx.org/LICENSE" "$here/htmx/"
cp "$packages/idiomorph/dist/idiomorph-ext.min.js" "$packages/idiomorph/LICENSE" "$here/idiomorph/"
cp "$packages/@tabler/icons/LICENSE" "$here/tabler-icons/"
cp "$packages/inter-ui/LICENSE.txt" "$here/inter/"

for script in squire-rte/dist/squire.mjs:squire dompurify/dist/purify.min.js:dompurify; do
  from=$packages/${script%:*} to=$here/${script#*:}
  grep -v '^//# sourceMappingURL' "$from" >"$to/$(basename "$from")"
done
cp "$packages/squire-rte/LICENSE" "$here/squire/"
cp "$packages/dompurify/LICENSE" "$here/dompurify/"

# sprite LIST INTO: the icons that the list names, as symbols of one file.
sprite() {
  {
    echo '<svg xmlns="http://www.w3.org/2000/svg">'
    while read -r name; do
      printf '<symbol id="%s" viewBox="0 0 24 24">' "$name"
      grep -v 'stroke="none"' "$packages/@tabler/icons/icons/outline/$name.svg" |
        sed -n '/^>/,/^<\/svg>/p' | sed '1d;$d' | tr -d '\n' | sed 's/  */ /g; s/> </></g; s/^ //'
      echo '</symbol>'
    done <"$here/tabler-icons/$1.txt"
    echo '</svg>'
  } >"$here/tabler-icons/$2.svg"
}
sprite icons sprite
sprite brands brands

# Latin and Latin Extended-A, upright, weights 400 to 700, both optical sizes.
python3 -m fontTools.varLib.instancer "$packages/inter-ui/variable/InterVariable.woff2" \
  wght=400:700 opsz=14:32 -o inter.ttf -q
python3 -m fontTools.subset inter.ttf --flavor=woff2 --no-hinting --desubroutinize \
  --unicodes="U+20-7E,U+A0-17F,U+218-21B,U+2C6,U+2DA,U+2DC,U+1E9E,U+2010-2015,U+2018-201E,U+2020-2022,U+2026,U+2030,U+2032-2033,U+2039-203A,U+2044,U+20AC,U+2122,U+2190-2193,U+2212,U+2713" \
  --layout-features="kern,liga,calt,ccmp,locl,mark,mkmk,tnum,cv11,ss03,case" \
  --output-file="$here/inter/inter-latin.woff2"
