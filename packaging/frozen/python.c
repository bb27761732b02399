/* The bundle's own interpreter: an ordinary Python over the modules that the bundle carries.
 *
 * The program starts its workers by `sys.executable -m MODULE`, with -I, -S or -c at times, and with a fixed
 * PYTHONHASHSEED where an application under test runs. A frozen program knows none of these; this one knows them all,
 * because it is Python's own main function with nothing but the search path set. It has no site-packages and writes
 * no byte code.
 */
#define PY_SSIZE_T_CLEAN
#include <Python.h>
#include <limits.h>
#include <stdio.h>
#include <string.h>

#if defined(_WIN32)
#include <windows.h>
#define PATH_MAX MAX_PATH
#define INSIDE "" /* it lies with Python's library */
#define BETWEEN L';'
#define SLASH '\\'
#elif defined(__APPLE__)
#include <mach-o/dyld.h>
#define INSIDE "/../Frameworks"
#define BETWEEN L':'
#define SLASH '/'
#else
#include <unistd.h>
#define INSIDE "/_internal"
#define BETWEEN L':'
#define SLASH '/'
#endif

#define STRING(x) #x
#define EXPANDED(x) STRING(x)
#define VERSION EXPANDED(PY_MAJOR_VERSION) "." EXPANDED(PY_MINOR_VERSION)

static PyStatus add(PyConfig *config, const char *folder, const char *name)
{
    char path[PATH_MAX + 64];
    snprintf(path, sizeof path, "%s" INSIDE "%s", folder, name);
    wchar_t *wide = Py_DecodeLocale(path, NULL);
    if (wide == NULL) return PyStatus_NoMemory();
    PyStatus status = PyWideStringList_Append(&config->module_search_paths, wide);
    PyMem_RawFree(wide);
    return status;
}

static PyStatus add_asked(PyConfig *config)
{ /* what PYTHONPATH names, first, unless -I or -E said not to look */
    if (!config->use_environment || config->pythonpath_env == NULL) return PyStatus_Ok();
    const wchar_t *from = config->pythonpath_env;
    while (*from != L'\0') {
        const wchar_t *end = wcschr(from, BETWEEN);
        size_t length = end == NULL ? wcslen(from) : (size_t)(end - from);
        wchar_t path[PATH_MAX];
        if (length > 0 && length < PATH_MAX) {
            wmemcpy(path, from, length);
            path[length] = L'\0';
            PyStatus status = PyWideStringList_Append(&config->module_search_paths, path);
            if (PyStatus_Exception(status)) return status;
        }
        from += length + (end != NULL);
    }
    return PyStatus_Ok();
}

static int find_self(char *self, size_t size)
{ /* where this program lies, links resolved; 0 where the system does not say */
#if defined(_WIN32)
    DWORD length = GetModuleFileNameA(NULL, self, (DWORD)size);
    return length > 0 && length < size;
#elif defined(__APPLE__)
    char path[PATH_MAX];
    uint32_t room = sizeof path;
    return size >= PATH_MAX && _NSGetExecutablePath(path, &room) == 0 && realpath(path, self) != NULL;
#else
    ssize_t length = readlink("/proc/self/exe", self, size - 1);
    if (length > 0) self[length] = '\0';
    return length > 0;
#endif
}

int main(int argc, char **argv)
{
    char self[PATH_MAX], folder[PATH_MAX], prefix[PATH_MAX + 16];
    if (!find_self(self, sizeof self)) {
        fputs("turbulence-python: the system does not say where this program lies\n", stderr);
        return 3;
    }
    memcpy(folder, self, strlen(self) + 1);
    *strrchr(folder, SLASH) = '\0';
    snprintf(prefix, sizeof prefix, "%s" INSIDE, folder);

    PyConfig config;
    PyConfig_InitPythonConfig(&config);
    config.site_import = 0;
    config.user_site_directory = 0;
    config.write_bytecode = 0;
    config.safe_path = 1;
    config.use_frozen_modules = 0; /* those have no files, and a place in a trace is a file */
    config.pathconfig_warnings = 0;
    PyStatus status = PyConfig_SetBytesString(&config, &config.home, prefix);
    if (!PyStatus_Exception(status)) status = PyConfig_SetBytesString(&config, &config.program_name, self);
    if (!PyStatus_Exception(status)) status = PyConfig_SetBytesString(&config, &config.executable, self);
    if (!PyStatus_Exception(status)) status = PyConfig_SetBytesArgv(&config, argc, argv);
    if (!PyStatus_Exception(status)) status = PyConfig_Read(&config);
    if (!PyStatus_Exception(status)) {
        config.module_search_paths_set = 1;
        PyWideStringList empty = {0, NULL};
        config.module_search_paths = empty;
        status = add_asked(&config);
    }
    if (!PyStatus_Exception(status)) status = add(&config, folder, "");
    if (!PyStatus_Exception(status)) status = add(&config, folder, "/python" VERSION "/lib-dynload");
    if (!PyStatus_Exception(status)) status = Py_InitializeFromConfig(&config);
    PyConfig_Clear(&config);
    if (PyStatus_Exception(status)) Py_ExitStatusException(status);
    return Py_RunMain();
}
