# Makes build\freeze\turbulence on Windows: packaging/freeze.sh in PowerShell. Not tried; see README.md.
# Needs Python 3.11 or newer and, for the bundle's interpreter, cl.exe (Visual Studio build tools).
$ErrorActionPreference = "Stop"
$here = Split-Path -Parent $MyInvocation.MyCommand.Path
$root = Split-Path -Parent (Split-Path -Parent $here)
$locks = Join-Path $root "packaging\locks"
$work = Join-Path $root "build\freeze"
$venv = Join-Path $work "venv"
$python = Join-Path $venv "Scripts\python.exe"
$env:PYTHONHASHSEED = "0"
$env:PYTHONNOUSERSITE = "1"
if (-not $env:SOURCE_DATE_EPOCH) { $env:SOURCE_DATE_EPOCH = (git -C $root log -1 --format=%ct) }

function Invoke-Step([string]$words, [scriptblock]$step) {
    Write-Host $words
    & $step
    if ($LASTEXITCODE -ne 0) { Write-Error "build: $words did not work"; exit 3 }
}

New-Item -ItemType Directory -Force $work | Out-Null
Invoke-Step "Making the environment" { py -3 -m venv --clear $venv }
Invoke-Step "Installing what goes in" {
    & $python -m pip install --require-hashes --only-binary :all: -r "$locks\runtime.lock" -r "$locks\build.lock" -r "$locks\freeze.lock"
}
Set-Location $root
Invoke-Step "Making the wheel" { & $python -m hatchling build -t wheel -d "$work\wheel" }
$wheel = (Get-ChildItem "$work\wheel\*.whl" | Select-Object -First 1).FullName
Invoke-Step "Installing the program" { & $python -m pip install --no-deps --no-index --force-reinstall $wheel }
Invoke-Step "Drawing the icon" { & $python packaging\windows\icon.py "$work\turbulence.ico" }
Set-Location $work
Invoke-Step "Freezing" {
    & $python -P -m PyInstaller --noconfirm --log-level WARN --distpath $work --workpath "$work\pyinstaller" "$root\packaging\frozen\turbulence.spec"
}
$include = & $python -c "import sysconfig; print(sysconfig.get_path('include'))"
$libraries = & $python -c "import sys, pathlib; print(pathlib.Path(sys.base_prefix) / 'libs')"
Invoke-Step "Compiling the bundle's interpreter" {
    cl /nologo /O2 /I"$include" "$root\packaging\frozen\python.c" /Fo"$work\python.obj" /Fe"$work\turbulence\_internal\turbulence-python.exe" /link /LIBPATH:"$libraries" shell32.lib
}
Invoke-Step "Finishing" { & $python "$root\packaging\frozen\finish.py" "$work\turbulence" "C:\Program Files\Turbulence" }
Write-Host "Made $work\turbulence"
