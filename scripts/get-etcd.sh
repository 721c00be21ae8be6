#!/bin/sh
# Downloads etcd 3.4 and 3.5 from Debian's archive to a cache outside the checkout, for the tests that compare with real etcd.
# Prints the value for ETCD_BIN_DIR to stdout and messages to stderr. Needs apt, but not root: it unpacks the packages and does
# not install them. With a full cache it does nothing. ETCD_CACHE_DIR sets another directory for the cache.
set -eu

cache=${ETCD_CACHE_DIR:-${XDG_CACHE_HOME:-${HOME:?}/.cache}/etcdctl-node/etcd}

say() { echo "get-etcd: $*" >&2; }
die() { say "$@"; exit 1; }

# The Debian suite with each version. Both run on Debian bookworm and later.
suite_of() {
  case $1 in
    3.4) echo bookworm ;;
    3.5) echo forky ;;
  esac
}

complete() {
  [ -x "$cache/$1/etcd" ] && [ -x "$cache/$1/etcdctl" ] && { [ "$1" = 3.4 ] || [ -x "$cache/$1/etcdutl" ]; }
}

# Prints this machine's apt entry of the main archive (not of the security archive), for suite $1, in deb822 format.
archive_of_suite() {
  for file in /etc/apt/sources.list.d/*.sources; do
    [ -r "$file" ] || continue
    awk -v suite="$1" '
      function flush() {
        if (uris ~ /\/debian\/?( |$)/) {
          print "Types: deb\nURIs: " uris "\nSuites: " suite "\nComponents: main"
          if (signed != "") print "Signed-By: " signed
          found = 1
        }
        uris = signed = ""
      }
      found { exit }
      /^[ \t]*$/ { flush(); next }
      tolower($1) == "uris:" { $1 = ""; sub(/^ +/, ""); uris = $0 }
      tolower($1) == "signed-by:" { signed = $2 }
      END { if (!found) flush() }' "$file"
  done
  for file in /etc/apt/sources.list /etc/apt/sources.list.d/*.list; do
    [ -r "$file" ] || continue
    awk -v suite="$1" '
      $1 == "deb" {
        at = 2; signed = ""
        while ($at ~ /^\[/ || (at > 2 && $(at - 1) !~ /\]$/)) {
          if (match($at, /signed-by=[^] ]*/)) signed = substr($at, RSTART + 10, RLENGTH - 10)
          at++
        }
        if ($at !~ /\/debian\/?$/) next
        print "Types: deb\nURIs: " $at "\nSuites: " suite "\nComponents: main"
        if (signed != "") print "Signed-By: " signed
        exit
      }' "$file"
  done
}

fetch() {
  version=$1
  suite=$(suite_of "$version")
  say "fetching etcd $version from Debian's suite $suite"
  work=$scratch/$version
  mkdir -p "$work/lists/partial" "$work/cache/archives/partial" "$work/packages" "$work/root"
  archive_of_suite "$suite" | awk 'NR > 1 && /^Types:/ { exit } { print }' >"$work/archive.sources"
  [ -s "$work/archive.sources" ] || die "found no entry of Debian's main archive under /etc/apt"
  # As root, apt downloads with the user _apt, which needs to write here.
  if [ "$(id -u)" = 0 ] && id _apt >/dev/null 2>&1; then chown _apt "$work/packages"; fi
  cat >"$work/apt.conf" <<END
Dir::Etc::SourceList "$work/archive.sources";
Dir::Etc::SourceParts "-";
Dir::State::Lists "$work/lists";
Dir::Cache "$work/cache";
Acquire::Languages "none";
Acquire::Retries "3";
#clear APT::Update::Post-Invoke;
#clear APT::Update::Post-Invoke-Success;
END
  apt() { apt-get -qq -c "$work/apt.conf" "$@" >&2; }
  apt update || die "apt could not read suite $suite"
  (cd "$work/packages" && apt download etcd-server etcd-client) ||
    die "suite $suite has no etcd-server and etcd-client for this machine"
  for package in "$work"/packages/*.deb; do
    case $(dpkg-deb -f "$package" Version) in
      "$version".*) dpkg-deb -x "$package" "$work/root" ;;
      *) die "suite $suite now has etcd $(dpkg-deb -f "$package" Version), $version was expected" ;;
    esac
  done
  mkdir -p "$cache/$version"
  # etcd comes last and each file is renamed into place, so an interrupted run does not leave a cache that looks complete.
  for program in etcdutl etcdctl etcd; do
    [ -f "$work/root/usr/bin/$program" ] || continue
    cp "$work/root/usr/bin/$program" "$cache/$version/.$program.$$"
    mv "$cache/$version/.$program.$$" "$cache/$version/$program"
  done
  complete "$version" || die "the packages of suite $suite lack a program: $(ls "$work/root/usr/bin")"
}

missing=
for version in 3.5 3.4; do
  complete "$version" || missing="$missing $version"
done
if [ -n "$missing" ]; then
  for tool in apt-get dpkg-deb; do
    command -v "$tool" >/dev/null ||
      die "$tool not found: this script needs Debian. Copy etcd and etcdctl to $cache/3.4 and $cache/3.5, or set ETCD_BIN_DIR"
  done
  scratch=$(mktemp -d)
  trap 'rm -rf "$scratch"' EXIT
  trap 'exit 1' HUP INT TERM
  chmod 755 "$scratch"
  for version in $missing; do fetch "$version"; done
fi
echo "$cache/3.5:$cache/3.4"
