#!/usr/bin/env bash
# Signs the program and has Apple notarise it. Apart from building, so that a build needs no secret. Not tried.
# TURBULENCE_IDENTITY: "Developer ID Application: ...". TURBULENCE_PROFILE: what `notarytool store-credentials` was told.
set -euo pipefail
here=$(cd "$(dirname "${BASH_SOURCE[0]}")" && pwd)
root=$(cd "$here/../.." && pwd)
app="$root/build/freeze/Turbulence.app"
: "${TURBULENCE_IDENTITY:?sign: set TURBULENCE_IDENTITY to the name of the certificate}"
: "${TURBULENCE_PROFILE:?sign: set TURBULENCE_PROFILE to the stored credentials}"

find "$app" -type f \( -name '*.dylib' -o -name '*.so' -o -perm -111 \) -print0 |
    xargs -0 codesign --force --timestamp --options runtime --entitlements "$here/entitlements.plist" --sign "$TURBULENCE_IDENTITY"
codesign --force --timestamp --options runtime --entitlements "$here/entitlements.plist" --sign "$TURBULENCE_IDENTITY" "$app"
codesign --verify --strict "$app"
image=$(find "$root/dist" -name 'Turbulence-*.dmg' | sort | tail -n 1)
xcrun notarytool submit "$image" --keychain-profile "$TURBULENCE_PROFILE" --wait
xcrun stapler staple "$image"
