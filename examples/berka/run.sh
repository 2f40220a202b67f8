#!/bin/sh
# The main job over the Czech bank: load, detect, ask, explain, compare. `sh examples/berka/run.sh FOLDER [DATA]`
# `augenblick` and `python` are those of the active environment, or those in the folder BIN (e.g. BIN=.venv/bin).
set -eu
here=$(dirname "$0")
folder=${1:?"usage: run.sh FOLDER [DATA]; FOLDER holds client.asc, disp.asc, account.asc, district.asc, loan.asc, card.asc, trans.*"}
data=${2:-berka-data}
bin=${BIN:+$BIN/}

say() { printf '\n%s\n' "$*"; }

say "1. Load seven files through the mapping"
"${bin}augenblick" ingest "$folder" --mapping "$here/mapping.yaml" --data "$data"
say "2. Find the moments as of the last day of 1998"
"${bin}augenblick" detect --as-of 1998-12-31 --data "$data"
say "3. What the bookings mean, and what was turned down"
"${bin}augenblick" query signals-seen --data "$data"
"${bin}augenblick" query excluded-candidates --data "$data"
say "4. A moment with its proof, its offers and how to speak about it"
"${bin}augenblick" explain moment/2138/coming-of-age/1998-12-19 --data "$data"
"${bin}augenblick" offers 2138 --data "$data"
say "5. Why a pensioner is not taken for a new one"
"${bin}augenblick" explain --why-not 1475 retirement --data "$data"
say "6. Customers who turned eighteen and still hold a junior card"
"${bin}augenblick" query "$here/junior-cards.rq" --data "$data"
say "7. The same numbers by plain SQL over the files"
"${bin}python" "$here/compare.py" "$folder" "$data"
