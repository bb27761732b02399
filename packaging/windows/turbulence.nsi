; The installer for Windows (NSIS 3), for one person, without administrator's rights. Not tried; see README.md.
; makensis /DVERSION=0.1.0 packaging\windows\turbulence.nsi
Unicode true
SetCompressor /SOLID lzma
!include "MUI2.nsh"
!ifndef VERSION
  !error "say which version: /DVERSION=0.1.0"
!endif
!define NAME "Turbulence"
!define KEY "Software\Microsoft\Windows\CurrentVersion\Uninstall\Turbulence"

Name "${NAME} ${VERSION}"
OutFile "..\..\dist\turbulence-${VERSION}-setup.exe"
InstallDir "$LOCALAPPDATA\Programs\Turbulence"
RequestExecutionLevel user
ManifestDPIAware true
!define MUI_ICON "..\..\build\freeze\turbulence.ico"

!insertmacro MUI_PAGE_LICENSE "..\..\LICENSE"
!insertmacro MUI_PAGE_DIRECTORY
!insertmacro MUI_PAGE_INSTFILES
!insertmacro MUI_UNPAGE_CONFIRM
!insertmacro MUI_UNPAGE_INSTFILES
!insertmacro MUI_LANGUAGE "English"

!macro FileType ID SAYS
  WriteRegStr HKCU "Software\Classes\${ID}" "" "${SAYS}"
  WriteRegStr HKCU "Software\Classes\${ID}\DefaultIcon" "" "$INSTDIR\turbulence-window.exe,0"
  WriteRegStr HKCU "Software\Classes\${ID}\shell\open\command" "" '"$INSTDIR\turbulence-window.exe" "%1"'
!macroend

Section "Turbulence"
  SetOutPath "$INSTDIR"
  File /r "..\..\build\freeze\turbulence\*.*"
  CreateShortcut "$SMPROGRAMS\Turbulence.lnk" "$INSTDIR\turbulence-window.exe"
  ; Windows knows types by their last suffix only: of a capsule that is .json, which stays whose it is.
  !insertmacro FileType "Turbulence.Project" "Turbulence project"
  WriteRegStr HKCU "Software\Classes\Applications\turbulence-window.exe\shell\open\command" "" '"$INSTDIR\turbulence-window.exe" "%1"'
  WriteRegStr HKCU "Software\Classes\Applications\turbulence-window.exe\SupportedTypes" ".yaml" ""
  WriteRegStr HKCU "Software\Classes\Applications\turbulence-window.exe\SupportedTypes" ".json" ""
  WriteRegStr HKCU "${KEY}" "DisplayName" "${NAME}"
  WriteRegStr HKCU "${KEY}" "DisplayVersion" "${VERSION}"
  WriteRegStr HKCU "${KEY}" "DisplayIcon" "$INSTDIR\turbulence-window.exe"
  WriteRegStr HKCU "${KEY}" "UninstallString" '"$INSTDIR\uninstall.exe"'
  WriteUninstaller "$INSTDIR\uninstall.exe"
SectionEnd

Section "Uninstall"
  Delete "$SMPROGRAMS\Turbulence.lnk"
  DeleteRegKey HKCU "Software\Classes\Turbulence.Project"
  DeleteRegKey HKCU "Software\Classes\Applications\turbulence-window.exe"
  DeleteRegKey HKCU "${KEY}"
  RMDir /r "$INSTDIR\_internal"
  RMDir /r "$INSTDIR\licences"
  Delete "$INSTDIR\turbulence*.exe"
  Delete "$INSTDIR\sbom.cdx.json"
  Delete "$INSTDIR\uninstall.exe"
  RMDir "$INSTDIR"
SectionEnd
