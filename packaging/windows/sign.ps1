# Signs what the other steps made: sign.ps1 FILE... Apart from building, so that a build needs no secret. Not tried.
# The certificate is the one whose fingerprint is in TURBULENCE_CERTIFICATE, in the user's own store.
param([Parameter(Mandatory = $true, ValueFromRemainingArguments = $true)][string[]]$Files)
$ErrorActionPreference = "Stop"
if (-not $env:TURBULENCE_CERTIFICATE) { Write-Error "sign: set TURBULENCE_CERTIFICATE to the certificate's fingerprint"; exit 2 }
foreach ($file in $Files) {
    signtool sign /sha1 $env:TURBULENCE_CERTIFICATE /fd sha256 $file
    if ($LASTEXITCODE -ne 0) { exit 3 }
    signtool verify /pa $file
    if ($LASTEXITCODE -ne 0) { exit 3 }
}
