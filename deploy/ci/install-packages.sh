#!/bin/sh
# The system packages that the tests use where they find them. For Debian and Ubuntu, as root:
#   sh deploy/ci/install-packages.sh
# Chromium for the journeys in the browser, without windows of its own where it is to be had so, with fonts
# that have every accent; tesseract for scanned pages;
# LibreOffice's writer for old Word documents and RTF; PgBouncer for the wall behind a pool of connections;
# ClamAV's daemon for the virus scanner (the tests bring a signature of their own).
set -eu

missing=""
command -v chromium-headless-shell >/dev/null || missing="$missing chromium-headless-shell fonts-liberation"
command -v tesseract >/dev/null || missing="$missing tesseract-ocr tesseract-ocr-spa"
command -v soffice >/dev/null || command -v libreoffice >/dev/null || missing="$missing libreoffice-writer-nogui"
command -v pgbouncer >/dev/null || [ -x /usr/sbin/pgbouncer ] || missing="$missing pgbouncer"
command -v clamd >/dev/null || [ -x /usr/sbin/clamd ] || missing="$missing clamav-daemon"
[ -n "$missing" ] || exit 0

export DEBIAN_FRONTEND=noninteractive
apt-get update -qq
apt-cache show chromium-headless-shell >/dev/null 2>&1 ||
    missing=$(echo "$missing" | sed "s/chromium-headless-shell/chromium/")
# shellcheck disable=SC2086  # a list
apt-get install -qq -y --no-install-recommends $missing
