#!/bin/sh
# The system packages that the tests use where they find them. For Debian and Ubuntu, as root:
#   sh deploy/ci/install-packages.sh
# Chromium for the journeys in the browser, with fonts that have every accent; tesseract for scanned pages;
# LibreOffice's writer for old Word documents and RTF.
set -eu

missing=""
command -v chromium >/dev/null || command -v chromium-browser >/dev/null || command -v google-chrome >/dev/null ||
    missing="$missing chromium fonts-liberation"
command -v tesseract >/dev/null || missing="$missing tesseract-ocr tesseract-ocr-spa"
command -v soffice >/dev/null || command -v libreoffice >/dev/null || missing="$missing libreoffice-writer-nogui"
[ -n "$missing" ] || exit 0

export DEBIAN_FRONTEND=noninteractive
apt-get update -qq
# shellcheck disable=SC2086  # a list
apt-get install -qq -y --no-install-recommends $missing
